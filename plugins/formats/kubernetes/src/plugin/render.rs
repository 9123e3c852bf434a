//! Manifests become the workload: the file in which a target finds every object. Pure.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use slipway_sdk::{Failure, File, RenderInput, Rendered, Workload as Described};

use super::{
    inspect::Facts,
    ports::ports,
    relocate::relocate,
    secrets::reveal,
    settings::{Images, Settings},
    workload::{KIND, Objects, Workload, id, json},
};
use crate::{Files, Manifest, build, print};

type Input = RenderInput<Json, Facts>;

pub(super) fn render(files: &Files, input: Input) -> Result<Rendered, Failure> {
    let path = format!("workloads/{}.json", input.artifact);
    let settings = Settings::at(input.settings, &input.target)?;
    let mut manifests = built(files, &settings)?;
    let images = match settings.images {
        Images::Relocate => relocate(&mut manifests, &input.resolved, &settings)?,
        Images::AsWritten => Vec::new(),
    };
    let objects = objects(&manifests, &settings)?;
    let ports = ports(&objects, &settings.namespace);
    let workload = Workload {
        kind: KIND,
        artifact: input.artifact,
        digest: input.blob,
        objects: Objects(objects),
        images,
    };
    let mut content = serde_json::to_vec_pretty(&workload)
        .map_err(|error| Failure::failed(format!("{path} cannot be written: {error}")))?;
    content.push(b'\n');
    Ok(Rendered {
        files: vec![File {
            path: path.clone(),
            content,
        }],
        workload: Some(Described {
            kind: KIND.to_owned(),
            file: path,
            instances: 1,
            ports,
            exclusive: None,
        }),
        origins: Vec::new(),
        notes: Vec::new(),
    })
}

/// The manifests as kustomize prints them.
pub(super) fn show(files: &Files, input: Input) -> Result<Vec<u8>, Failure> {
    let settings = Settings::parse(input.settings)?;
    let manifests = built(files, &settings)?;
    let text = print(&manifests).map_err(|problems| Failure::invalid(problems.to_string()))?;
    Ok(text.into_bytes())
}

fn built(files: &Files, settings: &Settings) -> Result<Vec<Manifest>, Failure> {
    build(files, &settings.path).map_err(|problems| Failure::invalid(problems.to_string()))
}

fn objects(manifests: &[Manifest], settings: &Settings) -> Result<Vec<(String, Json)>, Failure> {
    let mut objects = Vec::with_capacity(manifests.len());
    let mut files: BTreeMap<String, &str> = BTreeMap::new();
    let mut wrong = Vec::new();
    for manifest in manifests {
        let id = id(manifest, &settings.namespace);
        if let Some(first) = files.insert(id.clone(), manifest.file()) {
            wrong.push(format!(
                "{}: {id} is there twice, also in {first}",
                manifest.file()
            ));
        }
        match manifest.value() {
            Ok(value) => {
                let mut object = json(value);
                reveal(&mut object);
                objects.push((id, object));
            }
            Err(problems) => wrong.push(problems.to_string()),
        }
    }
    if wrong.is_empty() {
        Ok(objects)
    } else {
        Err(Failure::invalid(wrong.join("\n")))
    }
}

#[cfg(test)]
mod tests;

//! The manifest as a whole, and the parts that need no more than a few lines.

use std::path::Path;

use indexmap::IndexMap;
use slipway_model::Digest;

use super::{
    environment, parameter,
    plain::{each, plain, text},
};
use crate::{
    Artifact, Config, Glob, Grants, Manifest, Plugin, Registry, Service, Source,
    decode::At,
    written::{self, Document},
};

pub(crate) fn manifest(file: &Path, document: Document) -> Option<Manifest> {
    let service = &document.service.as_ref()?.value;
    let mut registries: IndexMap<_, _> =
        each(&document.registries, |registry| Some(registry.clone())).collect::<Option<_>>()?;
    registries
        .entry("deploy".to_owned())
        .or_insert_with(Registry::default);
    Some(Manifest {
        file: file.to_owned(),
        service: Service {
            name: service.name.as_ref()?.value.clone(),
            version: text(&service.version),
            description: text(&service.description),
            together: plain(service.together.as_ref()),
        },
        registries,
        artifacts: each(&document.artifacts, artifact).collect::<Option<_>>()?,
        dependencies: each(&document.dependencies, |dependency| Some(dependency.0.clone()))
            .collect::<Option<_>>()?,
        parameters: each(&document.parameters, parameter::parameter).collect::<Option<_>>()?,
        config: config(document.config.as_ref().map(|config| &config.value)),
        overlays: environment::overlays(&document)?,
        environments: environment::environments(&document)?,
        clusters: environment::clusters(&document)?,
        plugins: each(&document.plugins, plugin).collect::<Option<_>>()?,
    })
}

/// The SHA-256 of a download, however it is written.
pub(crate) fn sha256(text: &str) -> Option<Digest> {
    format!("sha256:{}", text.strip_prefix("sha256:").unwrap_or(text))
        .parse()
        .ok()
}

fn artifact(artifact: &written::Artifact) -> Option<Artifact> {
    let format = text(&artifact.format)?;
    Some(Artifact {
        format,
        from: source(&artifact.from.as_ref()?.value)?,
        platforms: plain(artifact.platforms.as_ref()),
        settings: artifact.settings.clone(),
    })
}

fn plugin(plugin: &written::Plugin) -> Option<Plugin> {
    let names = |names: &Option<At<Vec<At<String>>>>| plain(names.as_ref());
    let grants = plugin.grants.as_ref().map(|grants| &grants.value);
    Some(Plugin {
        from: source(&plugin.from.as_ref()?.value)?,
        digest: plugin.digest.as_ref().map(|digest| digest.value),
        grants: grants.map_or_else(Grants::default, |grants| Grants {
            http: names(&grants.http),
            exec: names(&grants.exec),
            files: names(&grants.files),
            cluster: grants.cluster.as_ref().is_some_and(|cluster| cluster.value),
        }),
    })
}

fn source(source: &written::Source) -> Option<Source> {
    match source {
        written::Source::Text(source) => Some(source.clone()),
        written::Source::Download(download) => {
            let sha256 = sha256(&download.sha256.as_ref()?.value)?;
            Some(Source::Https {
                url: text(&download.url)?,
                sha256,
            })
        }
    }
}

fn config(written: Option<&written::Config>) -> Config {
    let folder = written
        .and_then(|config| text(&config.folder))
        .unwrap_or_else(|| "config".to_owned());
    let globs = written.and_then(|config| config.templates.as_ref());
    let templates: Option<Vec<Glob>> = globs.map(|globs| plain(Some(globs)));
    Config { folder, templates }
}

//! What the artifact is, and which images it needs. Where the path is a template, everything that it may lead to is
//! looked at: an image that only one environment has is brought too.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_sdk::{Dependency, DependencyKind, Failure, Inspection};

use super::{
    settings::{Images, Settings},
    workload::id,
};
use crate::{Files, Manifest, build, files::join, images, reference::canonical};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// How many objects there are of a kind, in the environment that has most of them.
    pub(super) kinds: BTreeMap<String, u64>,
    /// The folders or files that were looked at.
    pub(super) paths: Vec<String>,
}

pub(super) fn inspect(files: &Files, settings: &Value) -> Result<Inspection<Facts>, Failure> {
    let settings = Settings::known(settings.clone())?;
    let paths = paths(files, &settings.path)?;
    let mut facts = Facts {
        kinds: BTreeMap::new(),
        paths: paths.clone(),
    };
    let mut needed = Needed::default();
    for path in &paths {
        let manifests = build(files, path).map_err(|problems| Failure::invalid(problems.to_string()))?;
        let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
        for manifest in &manifests {
            *kinds.entry(manifest.kind().to_owned()).or_default() += 1;
            if settings.images == Images::Relocate {
                needed.add(manifest, &settings)?;
            }
        }
        for (kind, count) in kinds {
            let most = facts.kinds.entry(kind).or_default();
            *most = (*most).max(count);
        }
    }
    if settings.images == Images::Relocate {
        for image in &settings.more_images {
            needed.add_reference(image, "`more-images`".to_owned())?;
        }
    }
    Ok(Inspection {
        summary: facts.to_string(),
        facts,
        dependencies: needed.dependencies,
        notes: Vec::new(),
    })
}

/// Images, each once, however it is written.
#[derive(Default)]
struct Needed {
    seen: BTreeSet<String>,
    dependencies: Vec<Dependency>,
}

impl Needed {
    fn add(&mut self, manifest: &Manifest, settings: &Settings) -> Result<(), Failure> {
        for found in images(manifest, &settings.image_paths) {
            let place = format!(
                "{}: {}{}",
                manifest.file(),
                id(manifest, &settings.namespace),
                found.pointer
            );
            self.add_reference(&found.image, place)?;
        }
        Ok(())
    }

    fn add_reference(&mut self, reference: &str, place: String) -> Result<(), Failure> {
        let Some(meant) = canonical(reference) else {
            return Err(
                Failure::invalid(format!("{place}: `{reference}` is no reference of an image"))
                    .hint("write it as `registry/name:tag`, or let images stand: `images = \"as-written\"`"),
            );
        };
        if self.seen.insert(meant) {
            self.dependencies.push(Dependency {
                kind: DependencyKind::Image,
                reference: reference.to_owned(),
                place,
            });
        }
        Ok(())
    }
}

/// What a path may lead to: itself, or everything that fits if it is a template.
fn paths(files: &Files, path: &str) -> Result<Vec<String>, Failure> {
    let Some(start) = path.find("{{") else {
        return Ok(vec![path.to_owned()]);
    };
    let mut pattern = regex_lite::escape(&path[..start]);
    let mut rest = &path[start..];
    while let Some(start) = rest.find("{{") {
        pattern.push_str(&regex_lite::escape(&rest[..start]));
        pattern.push_str("[^/]+");
        rest = rest[start..].split_once("}}").map_or("", |(_, rest)| rest);
    }
    pattern.push_str(&regex_lite::escape(rest.trim_end_matches('/')));
    let pattern = Regex::new(&format!("^{pattern}$"))
        .map_err(|error| Failure::invalid(format!("`path` is `{path}`: {error}")))?;
    let mut candidates = BTreeSet::new();
    for file in files.below("") {
        let mut parts: Vec<&str> = file.split('/').collect();
        while !parts.is_empty() {
            candidates.insert(parts.join("/"));
            parts.pop();
        }
    }
    let fits: Vec<String> = candidates
        .into_iter()
        .filter(|candidate| pattern.is_match(candidate))
        .collect();
    if fits.is_empty() {
        let written = join("", path).unwrap_or_default();
        return Err(Failure::invalid(format!(
            "nothing in the artifact fits `path`, which is `{written}`"
        ))
        .hint("what stands in braces is one part of a path"));
    }
    Ok(fits)
}

impl fmt::Display for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count: u64 = self.kinds.values().sum();
        let objects = if count == 1 { "object" } else { "objects" };
        write!(f, "{count} {objects}")?;
        for (at, (kind, count)) in self.kinds.iter().enumerate() {
            write!(f, "{} {count} {kind}", if at == 0 { ":" } else { "," })?;
        }
        match self.paths.len() {
            1 => Ok(()),
            variants => write!(f, "; {variants} variants"),
        }
    }
}

//! Manifests without a kustomization: every YAML and JSON file, in the order of their paths.

use super::manifest::Manifest;
use crate::{
    files::{Files, KUSTOMIZATIONS},
    model::{Scopes, Set, load_bytes},
    problem::{Outcome, Problem, unless_wrong},
};

pub(crate) fn file(files: &Files, path: &str) -> Outcome<Vec<Manifest>> {
    all(files, &[path])
}

pub(crate) fn folder(files: &Files, folder: &str) -> Outcome<Vec<Manifest>> {
    let below: Vec<&str> = files.below(folder).collect();
    let kustomized = below.iter().filter(|path| KUSTOMIZATIONS.contains(&name(path)));
    let problems = kustomized.map(|path| {
        Problem::new(*path, "there is a kustomization below a folder that has none")
            .hint("name its folder instead, or add a kustomization that names it in `resources`")
    });
    unless_wrong((), problems.collect())?;
    let hidden = |path: &str| {
        let inside = path.strip_prefix(folder).unwrap_or(path);
        inside.split('/').any(|part| part.starts_with('.'))
    };
    let manifests: Vec<&str> = below
        .into_iter()
        .filter(|path| !hidden(path) && [".yaml", ".yml", ".json"].iter().any(|end| path.ends_with(end)))
        .collect();
    if manifests.is_empty() {
        return Err(Problem::new(folder, "there are no manifests in this folder")
            .hint("manifests end in .yaml, .yml or .json")
            .into());
    }
    all(files, &manifests)
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn all(files: &Files, paths: &[&str]) -> Outcome<Vec<Manifest>> {
    let scopes = Scopes::default();
    let mut set = Set::default();
    let mut problems = Vec::new();
    for path in paths {
        let content = files.get(path).unwrap_or_default();
        let added = load_bytes(content, path, &scopes).and_then(|resources| set.add_all(resources));
        if let Err(wrong) = added {
            problems.extend(wrong.0);
        }
    }
    let manifests = set.into_list().into_iter().map(Manifest::from).collect();
    unless_wrong(manifests, problems)
}

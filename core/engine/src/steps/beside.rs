//! Files that stand beside `deploy.toml` and that a format asks for by name, such as values for a chart. They become part of
//! the package. Where a name holds templates, all files that fit are taken: which one counts is decided in an environment.

use std::path::Path;

use serde_json::json;
use slipway_journal::Class;
use slipway_plugin::Dependency;
use slipway_registry::Descriptor;

use super::bring::Step;
use crate::{Failed, RunError, files::cannot};

/// How they are named.
pub(super) const BESIDE: &str = "./";

impl Step<'_> {
    /// What a reference may mean: itself, or every file that fits it.
    pub(super) async fn fitting(&self, artifact: &str, needed: &Dependency) -> Result<Vec<String>, RunError> {
        let Dependency { reference, place, .. } = needed;
        let pattern = reference.strip_prefix(BESIDE);
        let Some(pattern) = pattern.filter(|pattern| pattern.contains("{{")) else {
            return Ok(vec![reference.clone()]);
        };
        let find = || async {
            let mut found = Vec::new();
            let parts: Vec<&str> = pattern.split('/').collect();
            fit(
                &self.project.root,
                &parts,
                BESIDE.trim_end_matches('/'),
                &mut found,
            )?;
            if found.is_empty() {
                let text = format!("{place}: no file beside deploy.toml fits `{pattern}`");
                return Err(Failed::new(text)
                    .hint("what stands in braces is one part of a path")
                    .into());
            }
            Ok(found)
        };
        let request = json!({ "fitting": reference });
        let key = format!("release/fitting/{artifact}/{reference}");
        self.run.activity(&key, Class::Read, request, find).await
    }

    pub(super) async fn bring_own_file(&self, reference: &str) -> Result<Descriptor, RunError> {
        let name = reference.strip_prefix(BESIDE).unwrap_or(reference);
        slipway_config::check_path(name).map_err(|why| Failed::new(format!("`{name}`: {why}")))?;
        let path = self.project.root.join(name);
        let real = |path: &Path| path.canonicalize().map_err(|error| cannot("read", path, &error));
        if !real(&path)?.starts_with(real(&self.project.root)?) {
            let text = format!("{} leads out of the service's folder", path.display());
            return Err(Failed::new(text).hint("copy it there").into());
        }
        let deploy = self.registries.deploy()?;
        let blob = self.bring_file(&path, &deploy).await?.blob;
        self.working_copy(&deploy, &blob).await?;
        Ok(blob)
    }
}

/// Adds the files below a folder that fit a pattern, sorted.
fn fit(folder: &Path, parts: &[&str], written: &str, found: &mut Vec<String>) -> Result<(), Failed> {
    let Some((part, rest)) = parts.split_first() else {
        return Ok(());
    };
    let names = match part.split_once("{{") {
        None => vec![(*part).to_owned()],
        Some((start, end)) => {
            let end = end.rsplit_once("}}").map_or("", |(_, end)| end);
            let fits = |name: &String| {
                name.len() > start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
            };
            names(folder)?.into_iter().filter(fits).collect()
        }
    };
    for name in names {
        let (path, written) = (folder.join(&name), format!("{written}/{name}"));
        if !rest.is_empty() {
            fit(&path, rest, &written, found)?;
        } else if path.is_file() {
            found.push(written);
        }
    }
    Ok(())
}

/// What is in a folder; one that is not there is empty.
fn names(folder: &Path) -> Result<Vec<String>, Failed> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let failed = |error| cannot("read", folder, &error);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        names.extend(entry.map_err(failed)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_fits() {
        let folder = tempfile::tempdir().unwrap();
        for path in [
            "values/prod.yaml",
            "values/stage.yaml",
            "values/.yaml",
            "values/notes.txt",
            "eu/prod/v.yaml",
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        for (pattern, expected) in [
            (
                "values/{{ environment }}.yaml",
                &["./values/prod.yaml", "./values/stage.yaml"][..],
            ),
            ("{{ region }}/{{ environment }}/v.yaml", &["./eu/prod/v.yaml"]),
            ("none/{{ environment }}.yaml", &[]),
        ] {
            let mut found = Vec::new();
            let parts: Vec<&str> = pattern.split('/').collect();
            fit(folder.path(), &parts, ".", &mut found).unwrap();
            assert_eq!(found, expected, "{pattern}");
        }
    }
}

//! `slipway validate`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use serde_json::json;
use slipway_engine::project::FILE;

use super::Done;
use crate::{
    context::{Checked, Context},
    error::{CommandError, Problems},
};

/// Check manifests, and say everything that is wrong with them at once; nothing is touched
#[derive(Debug, Args)]
pub(crate) struct Validate {
    /// Manifests or their folders; without any, the one that `--file` names
    paths: Vec<PathBuf>,
    /// All manifests below these folders
    #[arg(long, short)]
    recursive: bool,
}

impl Validate {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let given = if self.paths.is_empty() {
            vec![context.file.clone()]
        } else {
            self.paths
        };
        let mut paths = given;
        if self.recursive {
            paths = below(&paths)?;
        }
        let mut seen = BTreeSet::new();
        let mut problems = Problems::default();
        for path in &paths {
            // One that another depends on was checked together with it.
            if !seen.contains(&identity(path)) {
                let Checked {
                    projects,
                    problems: found,
                } = context.check(path).await?;
                seen.insert(identity(path));
                seen.extend(projects.into_iter().map(|project| project.identity));
                if !found.diagnostics.is_empty() {
                    problems.extend(found);
                }
            }
        }
        problems.unique();
        let (errors, manifests) = (problems.errors, seen.len());
        let warnings = problems.diagnostics.len() - errors;
        let answer = json!({ "manifests": manifests, "errors": errors, "warnings": warnings });
        if errors > 0 {
            context.ui.answer(&answer, || {
                format!("{manifests} checked, {errors} errors, {warnings} warnings")
            });
            return Err(problems.into());
        }
        if warnings > 0 {
            context.ui.diagnostics(&problems);
        }
        context.ui.answer(&answer, || match (manifests, warnings) {
            (1, 0) => "valid".to_owned(),
            (many, 0) => format!("{many} manifests are valid"),
            (many, warnings) => format!("{many} checked, no errors, {warnings} warnings"),
        });
        Ok(())
    }
}

fn identity(path: &Path) -> PathBuf {
    let file = if path.is_dir() {
        path.join(FILE)
    } else {
        path.to_path_buf()
    };
    fs::canonicalize(&file).unwrap_or(file)
}

/// Every manifest below the folders, sorted. What Slipway generates and what is hidden is not looked into.
fn below(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = paths.to_vec();
    while let Some(folder) = folders.pop() {
        if !folder.is_dir() {
            found.push(folder);
            continue;
        }
        let unreadable = |error| CommandError::failed(format!("cannot read {}: {error}", folder.display()));
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            let kind = entry.file_type().map_err(unreadable)?;
            let generated = [".", "assembly", "deployment"].contains(&name.to_str().map_or("", hidden));
            if kind.is_dir() && !generated {
                folders.push(entry.path());
            } else if kind.is_file() && name == FILE {
                found.push(entry.path());
            }
        }
    }
    if found.is_empty() {
        let all: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        return Err(CommandError::usage(format!(
            "there is no {FILE} below {}",
            all.join(", ")
        )));
    }
    found.sort();
    Ok(found)
}

/// Any hidden name as `.`.
fn hidden(name: &str) -> &str {
    if name.starts_with('.') { "." } else { name }
}

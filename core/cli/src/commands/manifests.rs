//! The manifests that a command over many services is about, as given on its command line.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use slipway_engine::project::FILE;

use crate::{context::Context, error::CommandError};

#[derive(Debug, Args)]
pub(super) struct Manifests {
    /// Manifests or their folders; without any, the one that `--file` names
    paths: Vec<PathBuf>,
    /// All manifests below these folders; without any, below the one of `--file`
    #[arg(long, short)]
    recursive: bool,
}

impl Manifests {
    /// Whether the command line names any of its own; otherwise `--file` says which one.
    pub(super) fn named(&self) -> bool {
        self.recursive || !self.paths.is_empty()
    }

    pub(super) fn find(self, context: &Context) -> Result<Vec<PathBuf>, CommandError> {
        match (self.recursive, self.paths.is_empty()) {
            (false, false) => Ok(self.paths),
            (false, true) => Ok(vec![context.file.clone()]),
            (true, false) => below(&self.paths),
            (true, true) => below(&[context.workspace().root().to_path_buf()]),
        }
    }
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
            if kind.is_dir() && !passed_over(Path::new(&name)) {
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

fn passed_over(name: &Path) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') || ["assembly", "deployment"].contains(&name.as_ref())
}

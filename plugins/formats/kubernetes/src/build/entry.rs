//! Which way leads from what is named to its manifests: a kustomization, a plain folder, or a file.

use super::{Manifest, accumulate, plain};
use crate::{
    files::{Files, join},
    problem::{Outcome, Problem},
};

/// The manifests of a folder with a kustomization, of a folder without, or of a file.
pub fn build(files: &Files, root: &str) -> Outcome<Vec<Manifest>> {
    let Some(root) = join("", root) else {
        return Err(Problem::new(root, "the path leads out of the artifact").into());
    };
    if files.get(&root).is_some() {
        return plain::file(files, &root);
    }
    if !files.is_folder(&root) {
        return Err(Problem::new(root, "there is no such file or folder")
            .hint("the path is relative to the artifact")
            .into());
    }
    if files.kustomizations(&root).is_empty() {
        plain::folder(files, &root)
    } else {
        accumulate::kustomized(files, &root)
    }
}

//! Deploying from the archive: the revision's folder and its package come back from the entry, verified, and nothing
//! else is needed.

use std::fs;

use serde_json::json;
use slipway_archive::Archive;
use slipway_journal::Class;
use slipway_model::Digest;

use crate::{Engine, Failed, Run, RunError, files, steps::SIGNATURES, trust::Record};

const DEPLOYMENT: &str = "deployment/";
const PACKAGE: &str = "package/";

/// Brings a revision back from an archive entry.
pub(crate) async fn restore(
    engine: &Engine,
    run: &Run,
    entry: &str,
    revision: Digest,
) -> Result<(), RunError> {
    let request = json!({ "restore": entry, "revision": revision });
    run.activity("redeploy/restore", Class::Idempotent, request, || async {
        let archive = Archive::open(engine.workspace.archive()).map_err(Failed::from_error)?;
        let found = archive.show(entry).map_err(Failed::from_error)?;
        let mut deployment = Vec::new();
        let blobs = engine.workspace.store().join("blobs/sha256");
        fs::create_dir_all(&blobs).map_err(|error| files::cannot("create", &blobs, &error))?;
        for file in &found.files {
            if let Some(path) = file.path.strip_prefix(DEPLOYMENT) {
                let bytes = archive.read(&found, &file.path).map_err(Failed::from_error)?;
                deployment.push((path.to_owned(), bytes));
            } else if let Some(hex) = file.path.strip_prefix(PACKAGE) {
                let into = blobs.join(hex);
                if !into.exists() {
                    let bytes = archive.read(&found, &file.path).map_err(Failed::from_error)?;
                    files::write_atomically(&into, &bytes)?;
                }
            }
        }
        if let Some(admitted) = found.files.iter().find(|file| file.path == SIGNATURES) {
            // It is verified before anything is deployed, like any other.
            let bytes = archive.read(&found, &admitted.path).map_err(Failed::from_error)?;
            let record: Record = serde_json::from_slice(&bytes).map_err(Failed::from_error)?;
            if Some(record.package) != found.meta.package {
                let text = format!("{SIGNATURES} of archive entry {entry} is about another package");
                return Err(Failed::new(text).into());
            }
            record.write(&engine.workspace)?;
        }
        if deployment.is_empty() {
            return Err(Failed::new(format!("archive entry {entry} holds no deployment")).into());
        }
        let listed = deployment
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice(), false));
        let folder = engine.workspace.revision(revision);
        if let Some(parent) = folder.parent() {
            fs::create_dir_all(parent).map_err(|error| files::cannot("create", parent, &error))?;
        }
        Ok(files::replace_folder(&folder, listed)?)
    })
    .await
}

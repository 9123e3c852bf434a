//! Deploying from the archive: the revision's folder and its package come back from the entry, verified, and nothing
//! else is needed.

use serde_json::json;
use slipway_archive::{Archive, Trust};
use slipway_journal::Class;
use slipway_model::Digest;

use crate::{
    Engine, Failed, Run, RunError,
    archived::{lay_out, lay_out_package},
    steps::{DEPLOYMENT, SIGNATURES},
    trust::Record,
};

/// Brings a revision back from an archive entry.
pub(crate) async fn restore(
    engine: &Engine,
    run: &Run,
    entry: &str,
    revision: Digest,
) -> Result<(), RunError> {
    let request = json!({ "restore": entry, "revision": revision });
    run.activity("redeploy/restore", Class::Idempotent, request, || async {
        let archive = Archive::open(engine.workspace.archive())
            .map_err(Failed::from_error)?
            .trusting(Trust::of_a_part());
        let found = archive.show(entry).map_err(Failed::from_error)?;
        lay_out_package(&archive, &found, &engine.workspace)?;
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
        let folder = engine.workspace.revision(revision);
        match lay_out(&archive, &found, DEPLOYMENT, &folder)? {
            true => Ok(()),
            false => Err(Failed::new(format!("archive entry {entry} holds no deployment")).into()),
        }
    })
    .await
}

//! The deployment folder of a revision goes with the record of each run that deploys it, so that a colleague, or the next
//! job of CI, goes on from a folder that has never seen it: the folder comes back from the ledger, and the package from
//! the deployment registry of the manifest that the run began with.

use std::{future::ready, path::Path, sync::Arc};

use serde_json::json;
use slipway_config::tree_digest;
use slipway_journal::{Class, Deployed, EnvironmentState};
use slipway_model::{Digest, RunId};
use slipway_registry::Silent;

use crate::{
    Caller, Engine, Failed, Run, RunError, begun_with,
    files::{Read, read_folder, tree_of, write_tree},
    project::{Project, manifest_in},
    registries::Registries,
    revision::{DIGEST, ORIGINS, ROLLOUT, Revision},
    run::given,
};

const CARRIED: &str = "plan/revision";

/// What a run deploys: recorded with it, and here.
pub(crate) async fn carry(engine: &Engine, run: &Run, revision: Digest) -> Result<(), RunError> {
    carry_adapted(engine, run, revision, ready(Ok(()))).await
}

/// The same for what the run has adapted itself: it is made again where it was not recorded and is not here.
pub(crate) async fn carry_adapted(
    engine: &Engine,
    run: &Run,
    revision: Digest,
    again: impl Future<Output = Result<(), RunError>>,
) -> Result<(), RunError> {
    let folder = engine.workspace.revision(revision);
    if run.has(CARRIED) {
        // What this process has recorded just now is read back.
        run.journal().flush().await?;
    }
    let files: Vec<Read> = run
        .activity(CARRIED, Class::Read, json!({ "revision": revision }), || async {
            if !folder.exists() {
                let scope = engine.store.run(run.id().as_str()).await?.scope();
                let (_, state) = engine.store.environment(&scope).await?;
                let known = known(&state).find(|known| known.revision == revision);
                if let Some(deployed) = known {
                    bring(engine, deployed).await?;
                }
            }
            if !folder.exists() {
                again.await?;
            }
            Ok(read_folder(&folder)?)
        })
        .await?;
    unpack(engine, revision, &files)?;
    if let Ok(read) = Revision::read(&folder) {
        package(engine, run.id(), read.package, Caller::Run(run)).await?;
    }
    Ok(())
}

/// What a run may come to start or stop of what is deployed already, wherever it was deployed from.
pub(crate) async fn bring_all(
    engine: &Engine,
    state: &EnvironmentState,
    caller: Caller<'_>,
) -> Result<(), RunError> {
    for deployed in state.current.iter().chain(&state.candidate) {
        bring(engine, deployed).await?;
        package(engine, &deployed.run, deployed.package, caller).await?;
    }
    Ok(())
}

/// For whoever only looks.
pub(crate) async fn bring(engine: &Engine, deployed: &Deployed) -> Result<(), RunError> {
    if engine.workspace.revision(deployed.revision).exists() {
        return Ok(());
    }
    let files: Option<Vec<Read>> = given(&engine.store, &deployed.run, CARRIED).await?;
    unpack(engine, deployed.revision, &files.unwrap_or_default())
}

/// Whether a revision was deployed in the environment by anybody who shares the ledger.
pub(crate) fn is_known(state: &EnvironmentState, revision: Digest) -> bool {
    known(state).any(|known| known.revision == revision)
}

fn known(state: &EnvironmentState) -> impl Iterator<Item = &Deployed> {
    let EnvironmentState {
        current,
        candidate,
        previous,
    } = state;
    current.iter().chain(candidate).chain(previous)
}

fn unpack(engine: &Engine, revision: Digest, carried: &[Read]) -> Result<(), RunError> {
    let folder = engine.workspace.revision(revision);
    if folder.exists() || carried.is_empty() {
        return Ok(());
    }
    let is_own = |file: &&Read| ![ROLLOUT, ORIGINS, DIGEST].contains(&file.path.as_str());
    let own = tree_of(carried.iter().filter(is_own).cloned().collect())?;
    let found = tree_digest(&own);
    if found != revision {
        let text = format!("the ledger has {found} in the place of revision {revision}");
        return Err(Failed::new(text).hint("`slipway adapt` makes it anew").into());
    }
    Ok(write_tree(&folder, &tree_of(carried.to_vec())?)?)
}

/// The working copy of a package that a run has deployed. Whoever replays a run asks nobody for it, and starts nothing of it.
async fn package(engine: &Engine, run: &RunId, package: Digest, caller: Caller<'_>) -> Result<(), RunError> {
    if caller.is_replay() || engine.workspace.blob(package).is_ok() {
        return Ok(());
    }
    let file = manifest_in(engine.workspace.root());
    let project = match begun_with(&engine.store, &engine.workspace, run, &file).await? {
        Some(project) => project,
        // A way back has no manifest of its own.
        None => todays(&file)?,
    };
    let client = (&engine.registries, engine.trust.as_deref());
    let registries = Registries::new(&project, client, Arc::new(Silent));
    Ok(registries.at_hand(package).await?)
}

fn todays(file: &Path) -> Result<Project, RunError> {
    let loaded = Project::load([file]).sound();
    let project = loaded.map_err(RunError::invalid)?.pop();
    Ok(project.ok_or_else(|| Failed::new("the manifest of the service is gone"))?)
}

//! Carries a run out again.

use std::{collections::BTreeMap, sync::Arc};

use slipway_journal::{Ending, Lease, RunState};
use slipway_model::RunId;
use slipway_registry::Silent;

use super::{offline::Offline, record::Recorded};
use crate::{
    Engine, Failed, Interruption, Request, Run, RunError, begun_with, drive, lock::LockedPlugin,
    project::manifest_in, steps::PLUGINS,
};

/// How far a run could be replayed.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// How often plugins were asked.
    pub calls: u64,
    /// What they did to the outside, answered from the record.
    pub effects: u64,
    /// Why it is not the same run: it was interrupted here, or it goes another way.
    pub stopped: Option<String>,
}

/// Of a run that is in the engine's ledger, whoever works on it.
pub async fn replay(engine: Engine, id: &RunId) -> Result<Replayed, RunError> {
    let known = engine.store.run(id.as_str()).await?;
    let request: Request = serde_json::from_str(&known.plan).map_err(|error| {
        Failed::new(format!(
            "run {id} was begun by another version of slipway: {error}"
        ))
    })?;
    let file = manifest_in(engine.workspace.root());
    let project = begun_with(&engine.store, &engine.workspace, id, &file).await?;
    let lease = Lease {
        scope: known.scope(),
        token: 0,
        run: id.clone(),
    };
    let mut engine = Engine {
        store: Arc::new(Recorded(engine.store)),
        operator: Arc::new(Offline),
        http: Arc::new(Offline),
        observer: Arc::new(Offline),
        // What was verified then is in the record.
        trust: None,
        ..engine
    };
    let run = Run::replayed(&engine, lease).await?;
    // What it was released with then, whatever is tried now.
    engine.brought = locked(&run).await?;
    let ended = drive(&engine, &run, &request, project.as_ref(), Arc::new(Silent)).await;
    let stopped = match ended {
        Ok(ended) => differs(known.state, ended.ending, ended.cause.map(|cause| cause.message)),
        Err(RunError::Interrupted(interruption)) => Some(interruption.to_string()),
        Err(refused @ (RunError::Invalid(_) | RunError::Closed(_))) => {
            differs(known.state, Ending::Failed, Some(refused.to_string()))
        }
        Err(failed) => return Err(failed),
    };
    let (calls, effects) = run.asked_again();
    Ok(Replayed {
        calls,
        effects,
        stopped,
    })
}

/// How it ended then, and how it ends now. One that had not ended then comes to no end here that counts.
fn differs(then: RunState, now: Ending, cause: Option<String>) -> Option<String> {
    let now = RunState::from(now);
    (then.is_final() && then != now).then(|| {
        let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
        format!("it {} then and {} now{cause}", then.as_str(), now.as_str())
    })
}

/// The plugins that the manifest brought.
async fn locked(run: &Run) -> Result<BTreeMap<String, LockedPlugin>, RunError> {
    let journal = run.journal();
    let request = journal.with_status(|status| Some(status.activity(PLUGINS)?.request.clone()));
    let Some(request) = request else {
        return Ok(BTreeMap::new());
    };
    let mut request = journal.load(request).await?;
    let unreadable = |cause: serde_json::Error| Interruption::Unreadable {
        activity: PLUGINS.to_owned(),
        cause: cause.to_string(),
    };
    Ok(serde_json::from_value(request["plugins"].take()).map_err(unreadable)?)
}

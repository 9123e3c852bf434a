//! Finding the run or the environment that a person means, in the ledger alone: no manifest has to be there or right.

use std::sync::Arc;

use jiff::Timestamp;
use slipway_journal::{Record, Run, RunFilter, Scope, Store};
use slipway_model::{EnvironmentName, RunId};
use slipway_report::RunLine;

use crate::error::CommandError;

/// The beginning of a run's id, or an environment: then the latest run there.
pub(super) async fn find(store: &Arc<dyn Store>, wanted: &str) -> Result<Run, CommandError> {
    if let Ok(environment) = wanted.parse::<EnvironmentName>()
        && let Some(run) = latest(store, Some(environment)).await?
    {
        return Ok(run);
    }
    Ok(store.run(wanted).await?)
}

pub(super) async fn latest(
    store: &Arc<dyn Store>,
    environment: Option<EnvironmentName>,
) -> Result<Option<Run>, CommandError> {
    let filter = RunFilter {
        environment,
        limit: Some(1),
        ..RunFilter::default()
    };
    Ok(store.runs(filter).await?.into_iter().next())
}

/// The service that was last run in an environment. A folder holds one service.
pub(super) async fn scope(
    store: &Arc<dyn Store>,
    environment: &EnvironmentName,
) -> Result<Scope, CommandError> {
    let run = latest(store, Some(environment.clone())).await?;
    run.map(|run| run.scope()).ok_or_else(|| {
        CommandError::failed(format!("nothing was run in {environment} yet"))
            .hint("`slipway history` lists all runs")
    })
}

/// Killed or stopped, and not gone on with.
pub(super) async fn interrupted(store: &Arc<dyn Store>) -> Result<Vec<Run>, CommandError> {
    let now = Timestamp::now();
    let runs = store.runs(RunFilter::default()).await?;
    Ok(runs.into_iter().filter(|run| run.is_interrupted(now)).collect())
}

/// Everything that a run has recorded.
pub(crate) async fn records(store: &Arc<dyn Store>, run: &RunId) -> Result<Vec<Record>, CommandError> {
    Ok(slipway_journal::records(store.as_ref(), run).await?)
}

pub(super) fn lines(runs: &[Run]) -> Vec<RunLine> {
    let now = Timestamp::now();
    runs.iter().map(|run| RunLine::of(run, now)).collect()
}

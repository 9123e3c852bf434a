//! One writer per environment: a run is begun, gone on with, or given up.

use std::time::Duration;

use slipway_journal::{Acquired, Ending, Holder, NewRun, Owner, Scope, SignalKind};
use slipway_model::RunId;
use tokio_util::sync::CancellationToken;

use super::Request;
use crate::{
    Caller, Engine, Event, Failed, Run, RunError,
    carried::bring_all,
    run::Wait,
    steps::{Finished, archive},
};

const POLL: Duration = Duration::from_millis(500);

/// Why a run did not begin.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    #[error(
        "{scope} is being changed by {} (process {}, since {})",
        holder.owner.host, holder.owner.pid, holder.since.strftime("%Y-%m-%d %H:%M:%S UTC")
    )]
    Held { scope: Scope, holder: Box<Holder> },
    #[error("run {run} of {scope} was interrupted and comes first")]
    Interrupted { scope: Scope, run: RunId },
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Begins a run: nobody else writes to the environment until it ends. What was seen of the environment before may have
/// changed: whoever had it is waited for.
pub async fn begin(engine: &Engine, request: &Request, stop: CancellationToken) -> Result<Run, NotBegun> {
    begin_as(engine, request, engine.ambient.run_id(), stop).await
}

/// The same under an id that others know already.
pub async fn begin_as(
    engine: &Engine,
    request: &Request,
    id: RunId,
    stop: CancellationToken,
) -> Result<Run, NotBegun> {
    let scope = request.scope().map_err(RunError::from)?;
    let lease = acquire_in_time(engine, &scope, &id, &stop).await?;
    if let Some(run) = interrupted(engine, &scope).await? {
        engine.store.release(&lease).await.map_err(RunError::from)?;
        return Err(NotBegun::Interrupted { scope, run });
    }
    let plan = serde_json::to_string(request).map_err(|error| RunError::from(Failed::from_error(error)))?;
    Ok(Run::create(
        engine,
        lease,
        NewRun {
            id,
            steps: request.steps(),
            plan,
        },
        stop,
    )
    .await?)
}

/// Waits until nobody changes the environment, for whoever chooses by what it has then.
pub async fn idle(engine: &Engine, scope: &Scope, stop: &CancellationToken) -> Result<(), NotBegun> {
    let lease = acquire_in_time(engine, scope, &engine.ambient.run_id(), stop).await?;
    Ok(engine.store.release(&lease).await.map_err(RunError::from)?)
}

/// Goes on with a run that was interrupted.
pub async fn reopen(
    engine: &Engine,
    id: &RunId,
    stop: CancellationToken,
) -> Result<(Run, Request), NotBegun> {
    let known = unended(engine, id).await?;
    let request: Request = serde_json::from_str(&known.plan).map_err(|error| {
        RunError::from(Failed::new(format!(
            "run {id} was begun by another version of slipway: {error}"
        )))
    })?;
    let lease = acquire(engine, &known.scope(), id.clone()).await?;
    // Whoever had it may have come to the end of the run in between.
    if let Err(ended) = unended(engine, id).await {
        engine.store.release(&lease).await.map_err(RunError::from)?;
        return Err(ended);
    }
    Ok((Run::reopen(engine, lease, stop).await?, request))
}

async fn unended(engine: &Engine, id: &RunId) -> Result<slipway_journal::Run, NotBegun> {
    let known = engine.store.run(id.as_str()).await.map_err(RunError::from)?;
    if known.ended.is_none() {
        return Ok(known);
    }
    let text = format!("run {id} has ended: {}", known.summary);
    Err(RunError::from(Failed::new(text)).into())
}

/// Ends a run that was interrupted, where it stands. What it has left beside the current revision is a candidate, to be
/// dropped by a run of its own.
pub async fn give_up(engine: &Engine, id: &RunId, by: &str, reason: &str) -> Result<(), NotBegun> {
    let scope = unended(engine, id).await?.scope();
    let lease = acquire(engine, &scope, id.clone()).await?;
    let run = Run::reopen(engine, lease, CancellationToken::new()).await?;
    run.tell(told_to_abort(by, reason)).await?;
    let (_, state) = engine.store.environment(&scope).await.map_err(RunError::from)?;
    bring_all(engine, &state, Caller::Run(&run)).await?;
    if let Some(candidate) = state.candidate.filter(|candidate| candidate.run == *id) {
        let finished = Finished {
            service: &scope.service,
            environment: &scope.environment,
            outcome: "aborted",
            revision: Some(candidate.revision),
        };
        archive(engine, &run, &finished).await?;
    }
    Ok(run.end(Ending::Aborted, &Failed::aborted().message).await?)
}

pub(super) fn told_to_abort(by: &str, reason: &str) -> Event {
    Event::Told {
        signal: SignalKind::Abort.as_str().to_owned(),
        by: by.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Waits for whoever has it, as long as the engine is told to and nobody stops it.
async fn acquire_in_time(
    engine: &Engine,
    scope: &Scope,
    run: &RunId,
    stop: &CancellationToken,
) -> Result<slipway_journal::Lease, NotBegun> {
    let mut wait = Wait::new(engine.wait);
    loop {
        let held = match acquire(engine, scope, run.clone()).await {
            Err(held @ NotBegun::Held { .. }) => held,
            other => return other,
        };
        if wait.begins() {
            let reason = format!("another run: {held}; Ctrl-C ends the waiting");
            engine.observer.event(run, &Event::Waiting { reason });
        }
        if wait.is_over() {
            return Err(held);
        }
        tokio::select! {
            () = tokio::time::sleep(POLL) => {}
            () = stop.cancelled() => return Err(held),
        }
    }
}

async fn acquire(engine: &Engine, scope: &Scope, run: RunId) -> Result<slipway_journal::Lease, NotBegun> {
    let owner = Owner::current(run).map_err(|error| RunError::from(Failed::from_error(error)))?;
    match engine
        .store
        .acquire(scope, &owner, engine.ambient.now())
        .await
        .map_err(RunError::from)?
    {
        Acquired::Lease(lease) => Ok(lease),
        Acquired::Held(holder) => Err(NotBegun::Held {
            scope: scope.clone(),
            holder: Box::new(holder),
        }),
    }
}

/// A run of this scope that has not ended, though nobody works on it.
async fn interrupted(engine: &Engine, scope: &Scope) -> Result<Option<RunId>, RunError> {
    let filter = slipway_journal::RunFilter {
        service: Some(scope.service.clone()),
        environment: Some(scope.environment.clone()),
        state: None,
        limit: Some(1),
    };
    let last = engine.store.runs(filter).await?.into_iter().next();
    Ok(last.filter(|run| run.ended.is_none()).map(|run| run.id))
}

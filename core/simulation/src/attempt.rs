//! What one process does with a run: it begins it, or goes on with it; and how that may end.

use std::{sync::Arc, time::Duration};

use slipway_engine::{
    Engine, Failed, Interruption, NotBegun, Request, RunError, Work, begin_as, begun_with, drive,
    project::{Invalid, Project, manifest_in},
    reopen,
};
use slipway_journal::{Error, IllegalEntry, Run};
use slipway_model::RunId;
use slipway_registry::Silent;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use crate::{
    manifest::{ENVIRONMENT, SERVICE},
    trace::Trace,
    world::World,
};

/// How long it takes somebody to look whether an effect has happened.
const LOOKS_AFTER: Duration = Duration::from_secs(5);

/// How the attempt of one process to carry out a run ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Attempt {
    Ended,
    /// Somebody else is at it.
    Held,
    /// Somebody else has to go on with it.
    Unfinished,
}

/// What one process does: it begins the run, or goes on with it.
pub(crate) async fn attempt(
    (engine, working_on): &(Engine, Arc<OnceCell<RunId>>),
    work: Option<Work>,
    id: RunId,
    world: &World,
    trace: &Trace,
) -> Attempt {
    let _set = working_on.set(id.clone());
    match carry_out(engine, work, &id, world).await {
        Ok(()) => Attempt::Ended,
        Err(error) => {
            trace.say(format_args!("{id}: {error}"));
            if !is_expected(&error) {
                trace.violation(format_args!("{id}: {error}"));
            }
            match error {
                NotBegun::Held { .. } => Attempt::Held,
                _ => Attempt::Unfinished,
            }
        }
    }
}

async fn carry_out(engine: &Engine, work: Option<Work>, id: &RunId, world: &World) -> Result<(), NotBegun> {
    let stop = CancellationToken::new();
    let file = manifest_in(engine.workspace.root());
    let (run, request, project) = match engine.store.run(id.as_str()).await {
        Ok(Run { ended: Some(_), .. }) => return Ok(()),
        Ok(_) => {
            let (run, request) = reopen(engine, id, stop).await?;
            while let Some(question) = run.question().await? {
                // Nobody comes to look before what is under way has arrived.
                tokio::time::sleep(LOOKS_AFTER).await;
                let happened = world.was_announced(id, &question.activity);
                run.answer(&question, happened).await?;
            }
            let project = begun_with(&engine.store, &engine.workspace, id, &file).await?;
            (run, request, project)
        }
        Err(error @ Error::NoSuchRun(_)) => {
            let work = work.ok_or_else(|| RunError::from(error))?;
            let request = Request::new(
                SERVICE.parse().expect("it is a name"),
                Some(ENVIRONMENT.parse().expect("it is a name")),
                work,
            );
            let run = begin_as(engine, &request, id.clone(), stop).await?;
            (run, request, None)
        }
        Err(error) => return Err(RunError::from(error).into()),
    };
    let project = match (project, &request.work) {
        (None, Work::Steps { .. }) => {
            let invalid = |invalid: Invalid| {
                let text: Vec<_> = invalid
                    .diagnostics
                    .iter()
                    .map(|one| one.message.clone())
                    .collect();
                RunError::from(Failed::new(text.join("; ")))
            };
            Project::load([&file]).sound().map_err(invalid)?.pop()
        }
        (project, _) => project,
    };
    drive(engine, &run, &request, project.as_ref(), Arc::new(Silent)).await?;
    Ok(())
}

/// What may come of faults: somebody else has the environment, or the ledger could not be written.
fn is_expected(error: &NotBegun) -> bool {
    match error {
        NotBegun::Held { .. } | NotBegun::Interrupted { .. } => true,
        NotBegun::Run(RunError::Interrupted(interruption)) => match interruption {
            Interruption::Stopped => true,
            Interruption::Journal(error) => {
                // Whoever was stopped before it looked finds the run at its end.
                let late = matches!(
                    error,
                    Error::Illegal {
                        illegal: IllegalEntry::Ended(_),
                        ..
                    }
                );
                late || matches!(
                    error,
                    Error::NoRoom { .. } | Error::Fenced { .. } | Error::Closed { .. }
                )
            }
            Interruption::Record { source, .. } => {
                let text = source.to_string();
                text.contains("no room") || text.contains("is lost") || text.contains("told to stop")
            }
            Interruption::Changed { .. }
            | Interruption::Unreadable { .. }
            | Interruption::RecordEnds { .. }
            | Interruption::Differs { .. } => false,
        },
        // Somebody else was faster.
        NotBegun::Run(RunError::Failed(failed)) => failed.message.contains("has ended"),
        NotBegun::Run(_) => false,
    }
}

//! A run carried out to its end, which is recorded and archived.

use std::sync::Arc;

use slipway_journal::Ending;
use slipway_model::{Digest, RunId};
use slipway_registry::Progress;

use super::{
    Request, Step, Work,
    begin::told_to_abort,
    steps::{State, back, steps},
};
use crate::{
    Engine, Failed, Run, RunError,
    project::Project,
    redeploy::restore,
    rollout::had_claimed,
    steps::{Finished, Outcome, abandon, archive},
};

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    pub run: RunId,
    pub ending: Ending,
    /// Why, if it did not succeed.
    pub cause: Option<Failed>,
    pub package: Option<Digest>,
    pub revision: Option<Digest>,
}

/// Carries the run out, to its end. An interruption leaves it as it is, to be reopened.
pub async fn drive(
    engine: &Engine,
    run: &Run,
    request: &Request,
    project: Option<&Project>,
    progress: Arc<dyn Progress>,
) -> Result<Ended, RunError> {
    let mut state = State::default();
    let result = match &request.work {
        Work::Steps { .. } => steps(engine, run, request, project, progress, &mut state).await,
        Work::RollBack { revision } => back(engine, run, *revision, &mut state).await,
        Work::Redeploy { entry, revision } => match restore(engine, run, entry, *revision).await {
            Ok(()) => back(engine, run, *revision, &mut state).await,
            Err(error) => Err(error),
        },
        Work::Drop { revision, by, reason } => {
            state.revision = Some(*revision);
            run.tell(told_to_abort(by, reason)).await?;
            abandon(engine, run, &request.scope()?, *revision)
                .await
                .map(|()| Outcome::Done)
        }
    };
    match &result {
        Ok(Outcome::Done) => {}
        Ok(Outcome::RolledBack(cause) | Outcome::Held(cause))
        | Err(RunError::Failed(cause) | RunError::Closed(cause)) => {
            run.failed_for_all(cause);
        }
        Err(RunError::Invalid(invalid)) => run.failed_for_all(&Failed::new(invalid.to_string())),
        Err(RunError::Interrupted(_)) => run.interrupted_for_all(),
    }
    let (ending, cause) = match result {
        Ok(Outcome::Done) => (Ending::Succeeded, None),
        Ok(Outcome::RolledBack(cause)) | Err(RunError::Failed(cause)) if cause.is_aborted() => {
            (Ending::Aborted, Some(cause))
        }
        Ok(Outcome::RolledBack(cause)) => (Ending::RolledBack, Some(cause)),
        Ok(Outcome::Held(cause)) | Err(RunError::Failed(cause)) => (Ending::Failed, Some(cause)),
        // Nothing was touched yet: the run ends, and the person sees every problem with its place.
        Err(RunError::Invalid(invalid)) => {
            run.end(Ending::Failed, &invalid.to_string()).await?;
            return Err(RunError::Invalid(invalid));
        }
        Err(RunError::Closed(refusal)) => {
            run.end(Ending::Failed, &refusal.message).await?;
            return Err(RunError::Closed(refusal));
        }
        Err(interrupted) => {
            run.release().await?;
            return Err(interrupted);
        }
    };
    let outcome = match ending {
        Ending::Succeeded if matches!(request.work, Work::Drop { .. }) => "dropped",
        Ending::Succeeded => "succeeded",
        Ending::Failed => "failed",
        Ending::RolledBack => "rolled-back",
        Ending::Aborted => "aborted",
    };
    // Who has ended the waiting for others has touched nothing, and begins nothing any more.
    let only_waited = run.is_stopped() && !had_claimed(run);
    let kept = worth_keeping(request, &state) && !only_waited;
    if let (Some(environment), true) = (&request.environment, kept) {
        let (service, revision) = (&request.service, state.revision);
        let finished = Finished {
            service,
            environment,
            outcome,
            revision,
        };
        archive(engine, run, &finished).await?;
    }
    let summary = match &cause {
        Some(cause) => cause.message.clone(),
        None => achieved(run),
    } + &overridden(run);
    run.end(ending, &summary).await?;
    let State { package, revision } = state;
    Ok(Ended {
        run: run.id().clone(),
        ending,
        cause,
        package,
        revision,
    })
}

/// What the last step has said of itself.
fn achieved(run: &Run) -> String {
    run.journal().with_status(|status| {
        let finished = status
            .events()
            .iter()
            .rfind(|event| event.kind == "step-finished");
        let summary = finished.and_then(|event| event.data["summary"].as_str());
        summary.unwrap_or_default().to_owned()
    })
}

/// Who went ahead at a time that was not for it.
fn overridden(run: &Run) -> String {
    run.journal().with_status(|status| {
        let events = status.events().iter().filter(|event| event.kind == "timed");
        let mut told = events.filter_map(|event| {
            let reason = event.data["reason"].as_str()?;
            let by = event.data["by"].as_str()?;
            Some(format!(" (outside of its windows, by {by}: {reason})"))
        });
        told.next().unwrap_or_default()
    })
}

/// What has touched the environment is archived.
fn worth_keeping(request: &Request, state: &State) -> bool {
    let touches = match &request.work {
        Work::Steps { steps, .. } => steps
            .iter()
            .any(|step| !matches!(step, Step::Release | Step::Adapt)),
        Work::RollBack { .. } | Work::Redeploy { .. } | Work::Drop { .. } => true,
    };
    touches && state.revision.is_some()
}

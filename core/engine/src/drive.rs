//! A whole run, as one deterministic program: begun, and after an interruption begun again over the same journal.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use slipway_journal::{Acquired, Ending, Holder, NewRun, Owner, Scope, SignalKind};
use slipway_model::{Digest, EnvironmentName, Plan, RunId, ServiceName};
use slipway_registry::Progress;
use tokio_util::sync::CancellationToken;

use crate::{
    Engine, Event, Failed, Run, RunError,
    lock::Lock,
    project::Project,
    redeploy::restore,
    revision::DIGEST,
    rollout::aborted,
    run::Told,
    sources,
    steps::{
        Adaptation, Finished, Outcome, Pace, ReleaseOptions, abandon, adapt, archive, cutover, deploy,
        deployed_plan, release,
    },
};

/// What a run shall do. Kept with the run, so that it can be gone on with from another process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    pub service: ServiceName,
    /// Absent for a release on its own.
    pub environment: Option<EnvironmentName>,
    pub work: Work,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Work {
    Steps {
        steps: Vec<Step>,
        version: Option<String>,
        update: bool,
        /// `--set NAME=VALUE`, as typed.
        set: Vec<(String, String)>,
        dependencies: BTreeMap<String, Digest>,
        /// What is adapted if nothing is released, instead of what deploy.lock has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        package: Option<Digest>,
        /// A saved plan, to be applied as it was saved or not at all.
        expected: Option<Box<Plan>>,
    },
    /// Back to a revision that was current before.
    RollBack { revision: Digest },
    /// A revision out of the archive.
    Redeploy { entry: String, revision: Digest },
    /// A candidate that nobody works on goes.
    Drop {
        revision: Digest,
        by: String,
        reason: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Release,
    Adapt,
    Deploy,
    Cutover,
}

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

/// The scope of runs that have no environment.
const RELEASE: &str = "release";

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Adapt => "adapt",
            Self::Deploy => "deploy",
            Self::Cutover => "cutover",
        }
    }
}

impl Request {
    fn scope(&self) -> Result<Scope, Failed> {
        let environment = match &self.environment {
            Some(environment) => environment.clone(),
            None => RELEASE.parse().map_err(Failed::from_error)?,
        };
        Ok(Scope {
            service: self.service.clone(),
            environment,
        })
    }

    fn steps(&self) -> Vec<String> {
        match &self.work {
            Work::Steps { steps, .. } => steps.iter().map(|step| step.name().to_owned()).collect(),
            Work::RollBack { .. } => vec!["roll-back".to_owned()],
            Work::Redeploy { .. } => vec!["redeploy".to_owned()],
            Work::Drop { .. } => vec!["abort".to_owned()],
        }
    }
}

/// Begins a run: nobody else writes to the environment until it ends.
pub async fn begin(engine: &Engine, request: &Request, stop: CancellationToken) -> Result<Run, NotBegun> {
    let scope = request.scope().map_err(RunError::from)?;
    let id = engine.ambient.run_id();
    let lease = acquire(engine, &scope, id.clone()).await?;
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

/// Goes on with a run that was interrupted.
pub async fn reopen(
    engine: &Engine,
    id: &RunId,
    stop: CancellationToken,
) -> Result<(Run, Request), NotBegun> {
    let known = engine.store.run(id.as_str()).await.map_err(RunError::from)?;
    if known.ended.is_some() {
        let text = format!("run {id} has ended: {}", known.summary);
        return Err(RunError::from(Failed::new(text)).into());
    }
    let request: Request = serde_json::from_str(&known.plan).map_err(|error| {
        RunError::from(Failed::new(format!(
            "run {id} was begun by another version of slipway: {error}"
        )))
    })?;
    let lease = acquire(engine, &known.scope(), id.clone()).await?;
    Ok((Run::reopen(engine, lease, stop).await?, request))
}

/// Ends a run that was interrupted, where it stands. What it has left beside the current revision is a candidate, to be
/// dropped by a run of its own.
pub async fn give_up(engine: &Engine, id: &RunId, by: &str, reason: &str) -> Result<(), NotBegun> {
    let known = engine.store.run(id.as_str()).await.map_err(RunError::from)?;
    let scope = known.scope();
    let lease = acquire(engine, &scope, id.clone()).await?;
    let run = Run::reopen(engine, lease, CancellationToken::new()).await?;
    run.tell(told_to_abort(by, reason)).await?;
    let (_, state) = engine.store.environment(&scope).await.map_err(RunError::from)?;
    if let Some(candidate) = state.candidate.filter(|candidate| candidate.run == *id) {
        let finished = Finished {
            service: &scope.service,
            environment: &scope.environment,
            outcome: "aborted",
            revision: Some(candidate.revision),
        };
        archive(engine, &run, &finished).await?;
    }
    Ok(run.end(Ending::Aborted, &aborted().message).await?)
}

fn told_to_abort(by: &str, reason: &str) -> Event {
    Event::Told {
        signal: SignalKind::Abort.as_str().to_owned(),
        by: by.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Carries the run out, to its end. An interruption leaves it as it is, to be reopened.
pub async fn drive(
    engine: &Engine,
    run: &Run,
    request: &Request,
    project: Option<&Project>,
    progress: Arc<dyn Progress>,
) -> Result<Ended, RunError> {
    let mut state = State {
        package: None,
        revision: None,
    };
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
    let (ending, cause) = match result {
        Ok(Outcome::Done) => (Ending::Succeeded, None),
        Ok(Outcome::RolledBack(cause)) | Err(RunError::Failed(cause)) if cause == aborted() => {
            (Ending::Aborted, Some(cause))
        }
        Ok(Outcome::RolledBack(cause)) => (Ending::RolledBack, Some(cause)),
        Ok(Outcome::Held(cause)) | Err(RunError::Failed(cause)) => (Ending::Failed, Some(cause)),
        // Nothing was touched yet: the run ends, and the person sees every problem with its place.
        Err(RunError::Invalid(invalid)) => {
            run.end(Ending::Failed, &invalid.to_string()).await?;
            return Err(RunError::Invalid(invalid));
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
    if let (Some(environment), true) = (&request.environment, worth_keeping(request, &state)) {
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
    };
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

struct State {
    package: Option<Digest>,
    revision: Option<Digest>,
}

/// What has touched the environment is archived.
fn worth_keeping(request: &Request, state: &State) -> bool {
    let touches = match &request.work {
        Work::Steps { steps, .. } => steps.contains(&Step::Deploy) || steps.contains(&Step::Cutover),
        Work::RollBack { .. } | Work::Redeploy { .. } | Work::Drop { .. } => true,
    };
    touches && state.revision.is_some()
}

async fn steps(
    engine: &Engine,
    run: &Run,
    request: &Request,
    project: Option<&Project>,
    progress: Arc<dyn Progress>,
    state: &mut State,
) -> Result<Outcome, RunError> {
    let Work::Steps {
        steps,
        version,
        update,
        set,
        dependencies,
        package: given,
        expected,
    } = &request.work
    else {
        return Ok(Outcome::Done);
    };
    let project = project.ok_or_else(|| Failed::new("the manifest of the service is gone"))?;
    let project = &sources::keep(engine, run, project, request.environment.as_ref()).await?;
    let environment = || {
        request
            .environment
            .as_ref()
            .ok_or_else(|| Failed::new("this step needs an environment"))
    };
    let mut deployed = None;
    for step in steps {
        // From deploy on, an abort is a way back: it is heard between actions.
        if matches!(step, Step::Release | Step::Adapt)
            && run.hear(&format!("{}/hear", step.name())).await? == Told::Abort
        {
            return Err(aborted().into());
        }
        match step {
            Step::Release => {
                let options = ReleaseOptions {
                    version: version.clone(),
                    update: *update,
                    progress: progress.clone(),
                    dependencies: dependencies.clone(),
                };
                state.package = Some(release(engine, run, project, &options).await?.package);
            }
            Step::Adapt => {
                let package = match state.package.or(*given) {
                    Some(package) => package,
                    None => locked(engine)?,
                };
                let adaptation = Adaptation {
                    environment: environment()?.clone(),
                    package,
                    set: set.clone(),
                };
                state.package = Some(package);
                state.revision = Some(adapt(engine, run, project, &adaptation).await?.revision);
            }
            Step::Deploy => {
                let revision = match state.revision {
                    Some(revision) => revision,
                    None => adapted(engine, environment()?)?,
                };
                state.revision = Some(revision);
                let outcome = deploy(engine, run, (revision, Pace::AsWritten), expected.as_deref()).await?;
                if outcome != Outcome::Done {
                    return Ok(outcome);
                }
                deployed = Some(deployed_plan(engine, run.id()).await?);
            }
            Step::Cutover => {
                let plan = match deployed.take() {
                    Some(plan) => plan,
                    None => candidate(engine, run, &request.scope()?).await?,
                };
                state.revision = Some(plan.new.revision);
                let outcome = cutover(engine, run, (plan.new.revision, Pace::AsWritten), &plan).await?;
                if outcome != Outcome::Done {
                    return Ok(outcome);
                }
            }
        }
    }
    Ok(Outcome::Done)
}

/// Deploy and cutover of a revision that is known, at once.
async fn back(engine: &Engine, run: &Run, revision: Digest, state: &mut State) -> Result<Outcome, RunError> {
    state.revision = Some(revision);
    let goal = (revision, Pace::AtOnce);
    let outcome = deploy(engine, run, goal, None).await?;
    if outcome != Outcome::Done {
        return Ok(outcome);
    }
    let plan = deployed_plan(engine, run.id()).await?;
    cutover(engine, run, goal, &plan).await
}

/// What an earlier run has deployed and nobody has cut over.
async fn candidate(engine: &Engine, run: &Run, scope: &Scope) -> Result<Plan, RunError> {
    let candidate: Option<RunId> = run
        .activity(
            "cutover/candidate",
            slipway_journal::Class::Read,
            serde_json::json!(scope),
            || async {
                let (_, state) = engine.store.environment(scope).await?;
                Ok(state.candidate.map(|candidate| candidate.run))
            },
        )
        .await?;
    let candidate = candidate.ok_or_else(|| {
        Failed::new(format!("nothing waits for its cutover in {}", scope.environment))
            .hint(format!("`slipway deploy {}` first", scope.environment))
    })?;
    run.journal().flush().await?;
    deployed_plan(engine, &candidate).await
}

fn locked(engine: &Engine) -> Result<Digest, Failed> {
    let lock = Lock::read(&engine.workspace)?;
    lock.package
        .ok_or_else(|| Failed::new("nothing is released yet").hint("`slipway release` first"))
}

/// The revision that `slipway adapt` has left for this environment.
pub fn adapted(engine: &Engine, environment: &EnvironmentName) -> Result<Digest, Failed> {
    let path = engine.workspace.deployment(environment).join(DIGEST);
    let text = std::fs::read_to_string(&path).map_err(|_| {
        Failed::new(format!("nothing is adapted for {environment} yet"))
            .hint(format!("`slipway adapt {environment}` first"))
    })?;
    text.trim().parse().map_err(Failed::from_error)
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

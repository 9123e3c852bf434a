//! The ways that a run can go: step after step, or at once to a revision that is known.

use std::sync::Arc;

use slipway_journal::Scope;
use slipway_model::{Digest, EnvironmentName, RunId};
use slipway_registry::Progress;

use super::{Request, Step, Work, time::in_time};
use crate::{
    Caller, Engine, Failed, Run, RunError,
    carried::carry_adapted,
    lock::Lock,
    project::Project,
    revision::DIGEST,
    run::Told,
    sources,
    steps::{
        Adaptation, DeployedPlan, Outcome, Pace, ReleaseOptions, adapt, adopt, cutover, deploy,
        deployed_plan, generate, release,
    },
};

/// How far it has come.
#[derive(Default)]
pub(super) struct State {
    pub(super) package: Option<Digest>,
    pub(super) revision: Option<Digest>,
}

pub(super) async fn steps(
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
        outside_window,
    } = &request.work
    else {
        return Ok(Outcome::Done);
    };
    let project = project.ok_or_else(|| Failed::new("the manifest of the service is gone"))?;
    let project = &sources::keep(engine, run, project, request.environment.as_ref()).await?;
    in_time(run, (request, steps), project, outside_window.as_deref()).await?;
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
            && run.hear(&format!("{}/hear", step.name()), &[Told::Abort]).await? == Told::Abort
        {
            return Err(Failed::aborted().into());
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
                let adapted = adapt(engine, run, project, &adaptation).await?;
                state.revision = Some(adapted.revision);
                if steps.contains(&Step::Deploy) {
                    let again = async {
                        let again = generate(engine, Caller::Run(run), project, &adaptation).await?;
                        same(again.revision, adapted.revision)
                    };
                    carry_adapted(engine, run, adapted.revision, again).await?;
                }
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
            Step::Adopt { changes } => {
                let revision = match state.revision {
                    Some(revision) => revision,
                    None => adapted(engine, environment()?)?,
                };
                state.revision = Some(revision);
                let outcome = adopt(engine, run, revision, *changes).await?;
                if outcome != Outcome::Done {
                    return Ok(outcome);
                }
            }
            Step::Cutover => {
                let planned = match deployed.take() {
                    Some(deployed) => deployed,
                    None => candidate(engine, run, &request.scope()?).await?,
                };
                let revision = planned.plan.new.revision;
                state.revision = Some(revision);
                let outcome = cutover(engine, run, (revision, Pace::AsWritten), planned).await?;
                if outcome != Outcome::Done {
                    return Ok(outcome);
                }
            }
        }
    }
    Ok(Outcome::Done)
}

/// Deploy and cutover of a revision that is known, at once.
pub(super) async fn back(
    engine: &Engine,
    run: &Run,
    revision: Digest,
    state: &mut State,
) -> Result<Outcome, RunError> {
    state.revision = Some(revision);
    let goal = (revision, Pace::AtOnce);
    let outcome = deploy(engine, run, goal, None).await?;
    if outcome != Outcome::Done {
        return Ok(outcome);
    }
    let planned = deployed_plan(engine, run.id()).await?;
    cutover(engine, run, goal, planned).await
}

/// What an earlier run has deployed and nobody has cut over.
async fn candidate(engine: &Engine, run: &Run, scope: &Scope) -> Result<DeployedPlan, RunError> {
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

/// Nothing else is deployed than what the run has recorded.
fn same(again: Digest, recorded: Digest) -> Result<(), RunError> {
    if again == recorded {
        return Ok(());
    }
    let text = format!("adapted again, {recorded} is {again}: something that it is made of has changed");
    Err(Failed::new(text).hint("`slipway abort` it and run anew").into())
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

//! Adopt: what others have deployed becomes what the environment has, as it runs. From there on it is gone forth and back
//! from like from any revision.

use slipway_manifest::{OnFailure, Strategy};
use slipway_model::{Action, Digest, Plan};

use super::deploy::{Outcome, Pace, Stage, prepare};
use crate::{
    Engine, Event, Failed, Run, RunError,
    rollout::{End, Executor, Phase},
};

/// `changes`: also what has to change for it is changed.
pub async fn adopt(engine: &Engine, run: &Run, revision: Digest, changes: bool) -> Result<Outcome, RunError> {
    let Stage {
        site,
        situation,
        rollout,
        plan,
        state,
        ..
    } = prepare(engine, run, (revision, Pace::AtOnce)).await?;
    let (service, environment) = (&plan.service, &plan.environment);
    if let Some(current) = state.current.as_ref().or(state.candidate.as_ref()) {
        let text = format!(
            "{service} {} has been deployed to {environment} by Slipway: there is nothing to take over",
            current.version
        );
        return Err(Failed::new(text)
            .hint(format!("`slipway run {environment}` brings a change to it"))
            .into());
    }
    let instances = plan.new.instances.clone();
    let plan = Plan {
        strategy: "adopt".to_owned(),
        deploy: vec![Action::Adopt {
            revision,
            instances,
            changes,
        }],
        cutover: vec![Action::Confirm { revision }],
        notes: Vec::new(),
        ..plan
    };
    run.tell(Event::StepStarted {
        step: "adopt".to_owned(),
        service: plan.service.clone(),
        environment: Some(plan.environment.clone()),
    })
    .await?;
    run.tell(Event::Planned {
        plan: Box::new(plan.clone()),
    })
    .await?;
    // There is no way back from it that would not take something away which others have made.
    let strategy = Strategy {
        score: 1.0,
        dead_man: None,
        on_failure: OnFailure::Hold,
        // Nothing is rolled out.
        hooks: Vec::new(),
        ..rollout.strategy
    };
    let executor = Executor::new(engine, run, &site, (&plan, &strategy));
    for phase in [Phase::Deploy, Phase::Cutover] {
        if let End::RolledBack(cause) | End::Held(cause) = executor.phase(phase, &situation).await? {
            executor.collect("adopt/collect").await?;
            return Ok(Outcome::Held(cause));
        }
    }
    executor.collect("adopt/collect").await?;
    let summary = format!("{} {} is taken over as it runs", plan.service, plan.new.version);
    run.tell(Event::StepFinished {
        step: "adopt".to_owned(),
        summary,
    })
    .await?;
    Ok(Outcome::Done)
}

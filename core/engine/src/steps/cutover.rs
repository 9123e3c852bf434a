//! Cutover: tests over time, the switch to all users, or the way back.

use std::collections::BTreeSet;

use slipway_model::{Digest, InstanceName, Plan, RunId};

use super::{
    deploy::{LEFT, Outcome, Pace, prepare, settle},
    drop::left_behind,
};
use crate::{
    Engine, Event, Failed, Run, RunError,
    rollout::{Executor, Phase},
};

/// A plan whose deploy part was carried out, and how that has left it.
#[derive(Debug)]
pub struct DeployedPlan {
    pub plan: Plan,
    /// The hook that was the point of no return, if it was passed.
    pub no_return: Option<String>,
    /// Instances that people have left out.
    pub excluded: BTreeSet<InstanceName>,
}

/// The plan was deployed by this run or an earlier one.
pub async fn cutover(
    engine: &Engine,
    run: &Run,
    (revision, pace): (Digest, Pace),
    deployed: DeployedPlan,
) -> Result<Outcome, RunError> {
    let DeployedPlan {
        plan: ref planned,
        no_return,
        excluded,
    } = deployed;
    let mut stage = prepare(engine, run, (revision, pace)).await?;
    // The deploy step has changed the environment's state since the plan was made, and may have dropped a candidate.
    stage.plan.generation = planned.generation;
    stage.plan.notes.clone_from(&planned.notes);
    stage.plan.seen.clone_from(&planned.seen);
    if stage.plan != *planned {
        let text = "what runs is not what was deployed for this cutover";
        return Err(Failed::new(text).hint("`slipway deploy` again").into());
    }
    let (service, environment) = (planned.service.clone(), planned.environment.clone());
    let started = Event::StepStarted {
        step: "cutover".to_owned(),
        service,
        environment: Some(environment),
    };
    run.tell(started).await?;
    let executor = Executor::new(engine, run, &stage.site, (planned, &stage.rollout.strategy))
        .bringing_back(pace == Pace::AtOnce)
        .past(no_return, excluded);
    executor.begun(&planned.deploy);
    if run.has(&format!("{LEFT}/observe")) {
        executor.left(left_behind(run, &stage.site, &stage.situation, LEFT).await?);
    }
    let end = executor.phase(Phase::Cutover, &stage.situation).await?;
    let outcome = settle(&executor, "cutover", end).await?;
    executor.collect("cutover/collect").await?;
    if outcome == Outcome::Done {
        executor.retire_left("cutover/left").await?;
        executor.tidy("cutover/tidy", stage.rollout.keep).await?;
        let summary = format!("all users are on {} {}", planned.service, planned.new.version);
        run.tell(Event::StepFinished {
            step: "cutover".to_owned(),
            summary,
        })
        .await?;
    }
    Ok(outcome)
}

/// The plan of a deployed revision that waits for its cutover, from the run that deployed it.
pub async fn deployed_plan(engine: &Engine, run: &RunId) -> Result<DeployedPlan, RunError> {
    let mut after = 0;
    let (mut found, mut no_return, mut excluded) = (None, None, BTreeSet::new());
    loop {
        let records = engine.store.entries(run, after, 4096).await?;
        let Some(last) = records.last() else { break };
        after = last.seq;
        for record in records {
            let slipway_journal::Entry::Event { kind, data } = record.entry else {
                continue;
            };
            if !["planned", "point-of-no-return", "excluded"].contains(&kind.as_str()) {
                continue;
            }
            match serde_json::from_value(data) {
                Ok(Event::Planned { plan }) => found = Some(*plan),
                Ok(Event::PointOfNoReturn { hook }) => no_return = Some(hook),
                Ok(Event::Excluded { instances }) => excluded.extend(instances),
                _ => {}
            }
        }
    }
    let plan = found.ok_or_else(|| Failed::new(format!("run {run} has no plan")))?;
    Ok(DeployedPlan {
        plan,
        no_return,
        excluded,
    })
}

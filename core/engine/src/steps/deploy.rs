//! Deploy: the revision is brought up beside or in place of the old one, as the strategy says, and checked.

use serde_json::json;
use slipway_journal::{Class, EnvironmentState, Scope};
use slipway_manifest::{Amount, Hook, Method, Strategy};
use slipway_model::{Digest, Duration, Plan};
use slipway_plugin::{Instance, InstanceState};

use super::{
    drop::{drop_candidate, left_behind},
    plan::{found, leftover, make, site, situate, unmoved},
};
use crate::{
    Engine, Event, Failed, Run, RunError,
    carried::{bring_all, carry, is_known},
    revision::{Revision, Rollout},
    rollout::{End, Executor, Phase, Site, can_be_asked, can_be_counted, claim},
    run::{Caller, Gate},
    strategies::Situation,
    trust::confirm,
};

/// What an earlier run of the same revision has left is found under this key: it is to be gone back from, too.
pub(super) const LEFT: &str = "left";

/// How a step ended, when it could go on to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Done,
    RolledBack(Failed),
    Held(Failed),
}

/// How fast a revision goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// By the strategy of its environment.
    AsWritten,
    /// A revision that has proven itself goes back at once: beside what runs if that can be, in its place otherwise.
    AtOnce,
}

/// What deploy and cutover work on.
pub(super) struct Stage {
    revision: Revision,
    pub(super) site: Site,
    pub(super) situation: Situation,
    pub(super) rollout: Rollout,
    pub(super) plan: Plan,
    pub(super) state: EnvironmentState,
}

/// `expected` is a saved plan: what is found must still lead to it.
pub async fn deploy(
    engine: &Engine,
    run: &Run,
    (revision, pace): (Digest, Pace),
    expected: Option<&Plan>,
) -> Result<Outcome, RunError> {
    let mut stage = prepare(engine, run, (revision, pace)).await?;
    if let Some(expected) = expected {
        unmoved(&stage.site, run, expected, (revision, &stage.revision)).await?;
        stage.plan.seen.clone_from(&expected.seen);
    }
    let Stage {
        site,
        situation,
        rollout,
        plan,
        state,
        ..
    } = &stage;
    if expected.is_some_and(|expected| expected != plan) {
        return Err(stale().into());
    }
    strangers(engine, run, (site, state), revision).await?;
    run.together("deploy/turn", Gate::Deploy).await?;
    let (service, environment) = (plan.service.clone(), plan.environment.clone());
    let started = Event::StepStarted {
        step: "deploy".to_owned(),
        service,
        environment: Some(environment),
    };
    run.tell(started).await?;
    run.tell(Event::Planned {
        plan: Box::new(plan.clone()),
    })
    .await?;
    if let Some(candidate) = leftover(state, revision) {
        drop_candidate(engine, run, (candidate, state)).await?;
    }
    let executor =
        Executor::new(engine, run, site, (plan, &rollout.strategy)).bringing_back(pace == Pace::AtOnce);
    if state
        .candidate
        .as_ref()
        .is_some_and(|candidate| candidate.revision == revision)
    {
        executor.left(left_behind(run, site, situation, LEFT).await?);
    }
    executor.announce("deploy/announce").await?;
    let end = executor.phase(Phase::Deploy, situation).await?;
    let outcome = settle(&executor, "deploy", end).await?;
    if outcome == Outcome::Done {
        let summary = format!(
            "revision {} runs: {}",
            plan.new.revision.short(),
            plan.new.version
        );
        run.tell(Event::StepFinished {
            step: "deploy".to_owned(),
            summary,
        })
        .await?;
    } else {
        executor.collect("deploy/collect").await?;
    }
    Ok(outcome)
}

/// What the environment has, before anything is touched. Recorded, so that a resumed run works on the same plan.
pub(super) async fn prepare(
    engine: &Engine,
    run: &Run,
    (revision, pace): (Digest, Pace),
) -> Result<Stage, RunError> {
    carry(engine, run, revision).await?;
    let folder = engine.workspace.revision(revision);
    let (new, mut rollout) = (Revision::read(&folder)?, Rollout::read(&folder)?);
    let scope = Scope {
        service: new.service.clone(),
        environment: new.environment.clone(),
    };
    confirm(engine, run, new.package).await?;
    if pace == Pace::AsWritten {
        promoted(engine, run, &new, &rollout).await?;
    }
    let mut site = site(engine, &new, &rollout).await?.written_by(run);
    claim(engine, run, &site).await?;
    let (generation, state) = found(engine, run, &scope).await?;
    bring_all(engine, &state, Caller::Run(run)).await?;
    let situation = situate(engine, &mut site, (&state, revision), Caller::Run(run), "plan").await?;
    if pace == Pace::AtOnce {
        rollout.strategy = at_once(&rollout.strategy, &situation);
        rollout.strategy.hooks = left_hooks(engine, &situation);
        rollout.approve = false;
    }
    let plan = make(&situation, &new, &rollout, (generation, &state))?;
    if rollout.strategy.asked().next().is_some() {
        run.activity("plan/asked", Class::Read, json!(null), || {
            can_be_asked(engine, &rollout.strategy)
        })
        .await?;
    }
    can_be_counted(&site, &plan, &rollout.strategy, (Caller::Run(run), "plan")).await?;
    Ok(Stage {
        revision: new,
        site,
        situation,
        rollout,
        plan,
        state,
    })
}

/// A service runs once in an environment. What runs there and was never adapted here is somebody else's: neither may take
/// it away from the other. The same revision is the same service, whoever brought it.
async fn strangers(
    engine: &Engine,
    run: &Run,
    (site, state): (&Site, &EnvironmentState),
    revision: Digest,
) -> Result<(), RunError> {
    let observed: Vec<Instance> = run
        .call("plan/strangers", json!("observe"), |call| {
            site.target.observe(site.grants(call), site.place.clone())
        })
        .await?;
    let stranger = observed.iter().find(|instance| {
        let known = instance.revision == revision
            || is_known(state, instance.revision)
            || engine.workspace.revision(instance.revision).exists();
        !known && instance.state != InstanceState::Stopped
    });
    match stranger {
        None => Ok(()),
        Some(instance) => {
            let (service, environment) = (&site.place.service, &site.place.environment);
            let text = format!(
                "{service} runs in {environment} already, and not from here: {} is of revision {}",
                instance.name,
                instance.revision.short()
            );
            Err(Failed::new(text)
                .hint("go on from the folder that it was deployed from, or depend on the same package with the same values")
                .into())
        }
    }
}

/// Only what was cut over in the environments before may come here.
async fn promoted(
    engine: &Engine,
    run: &Run,
    revision: &Revision,
    rollout: &Rollout,
) -> Result<(), RunError> {
    for before in &rollout.after {
        let scope = Scope {
            service: revision.service.clone(),
            environment: before.clone(),
        };
        let key = format!("plan/after/{before}");
        let last: Option<Digest> = run
            .activity(&key, Class::Read, json!(scope), || async {
                Ok(engine
                    .store
                    .last_cutover(&scope)
                    .await?
                    .map(|cutover| cutover.package))
            })
            .await?;
        if last != Some(revision.package) {
            let has = last.map_or("nothing".to_owned(), |package| {
                format!("package {}", package.short())
            });
            let text = format!(
                "{} takes only what was cut over in {before}: that has {has}, this is package {}",
                revision.environment,
                revision.package.short()
            );
            return Err(Failed::new(text)
                .hint(format!("`slipway run {before}` first"))
                .into());
        }
    }
    Ok(())
}

/// Whoever goes back undoes what the revision has done that is left: its hooks know.
fn left_hooks(engine: &Engine, situation: &Situation) -> Vec<Hook> {
    let old = situation.old.as_ref();
    let left = old.and_then(|old| Rollout::read(&engine.workspace.revision(old.revision)).ok());
    left.map(|left| left.strategy.hooks).unwrap_or_default()
}

fn at_once(written: &Strategy, situation: &Situation) -> Strategy {
    let all = Amount::Percent(100);
    let rolling = |max_unavailable| Method::Rolling {
        batch: vec![all],
        max_unavailable,
        max_surge: all,
        max_failures: 0,
    };
    let beside = situation.abilities.side_by_side && situation.exclusive.is_none();
    let method = match (beside, situation.abilities.router) {
        (true, true) => Method::BlueGreen,
        (true, false) => rolling(Amount::Count(0)),
        (false, _) if situation.abilities.in_place => rolling(all),
        (false, _) => Method::Recreate,
    };
    let name = format!("{} (at once)", written.name);
    Strategy {
        name,
        method,
        soak: Duration::default(),
        analyses: Vec::new(),
        ..written.clone()
    }
}

/// What the environment's state says after a phase.
pub(super) async fn settle(executor: &Executor<'_>, step: &str, end: End) -> Result<Outcome, RunError> {
    match end {
        End::Done => Ok(Outcome::Done),
        End::RolledBack(cause) => {
            executor.withdraw(&format!("{step}/withdraw")).await?;
            Ok(Outcome::RolledBack(cause))
        }
        End::Held(cause) => Ok(Outcome::Held(cause)),
    }
}

pub(super) fn stale() -> Failed {
    Failed::new("the plan is stale: what it was made on has changed").hint("`slipway plan` makes a new one")
}

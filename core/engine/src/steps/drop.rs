//! Dropping a candidate: what was deployed and not cut over goes, and users are where they were. Works from what is
//! observed, so that it does not matter how far whoever deployed it had come.

use serde_json::json;
use slipway_journal::{Deployed, EnvironmentState, Scope};
use slipway_model::{Digest, InstanceName, Plan};
use slipway_plugin::{Instance, InstanceState, ObservedRoute};

use super::plan::{found, named, site, situate};
use crate::{
    Caller, Engine, Event, Failed, Run, RunError,
    carried::bring_all,
    revision::{Revision, Rollout},
    rollout::{Executor, Site, claim},
    strategies::{Progress, Situation, roll_back},
};

/// As a run of its own, asked for by a person.
pub(crate) async fn abandon(
    engine: &Engine,
    run: &Run,
    scope: &Scope,
    revision: Digest,
) -> Result<(), RunError> {
    let (_, state) = found(engine, run, scope).await?;
    let candidate = state
        .candidate
        .as_ref()
        .filter(|candidate| candidate.revision == revision)
        .ok_or_else(|| Failed::new(format!("revision {} is no candidate any more", revision.short())))?;
    let started = Event::StepStarted {
        step: "abort".to_owned(),
        service: scope.service.clone(),
        environment: Some(scope.environment.clone()),
    };
    run.tell(started).await?;
    let leaving = Leaving::find(engine, run, (candidate, &state)).await?;
    run.tell(Event::Planned {
        plan: Box::new(leaving.plan.clone()),
    })
    .await?;
    leaving.carry_out(engine, run).await?;
    let left = match &state.current {
        Some(current) => format!("users are on {}", current.version),
        None => "nothing is deployed".to_owned(),
    };
    run.tell(Event::StepFinished {
        step: "abort".to_owned(),
        summary: format!("{} is gone: {left}", named(candidate)),
    })
    .await
}

/// As the beginning of a run that deploys something else.
pub(super) async fn drop_candidate(
    engine: &Engine,
    run: &Run,
    found: (&Deployed, &EnvironmentState),
) -> Result<(), RunError> {
    Leaving::find(engine, run, found)
        .await?
        .carry_out(engine, run)
        .await
}

/// A candidate on its way out.
struct Leaving {
    site: Site,
    rollout: Rollout,
    plan: Plan,
}

impl Leaving {
    /// Brings back what the candidate has replaced, sends users there, and ends the candidate.
    async fn find(
        engine: &Engine,
        run: &Run,
        (candidate, state): (&Deployed, &EnvironmentState),
    ) -> Result<Self, RunError> {
        bring_all(engine, state, Caller::Run(run)).await?;
        let folder = engine.workspace.revision(candidate.revision);
        let (revision, mut rollout) = (Revision::read(&folder)?, Rollout::read(&folder)?);
        // Their moments are those of a roll-out.
        rollout.strategy.hooks.clear();
        let mut site = site(engine, &revision, &rollout).await?.written_by(run);
        claim(engine, run, &site).await?;
        let found = (state, candidate.revision);
        let situation = situate(engine, &mut site, found, Caller::Run(run), "drop").await?;
        let progress = left_behind(run, &site, &situation, "drop").await?;
        let deploy = roll_back(&situation, &progress);
        let plan = Plan {
            version: 1,
            service: revision.service,
            environment: revision.environment,
            strategy: rollout.strategy.name.clone(),
            old: situation.old,
            new: situation.new,
            generation: 0,
            seen: Default::default(),
            deploy,
            cutover: Vec::new(),
            notes: Vec::new(),
        };
        Ok(Self { site, rollout, plan })
    }

    async fn carry_out(&self, engine: &Engine, run: &Run) -> Result<(), RunError> {
        let Self { site, rollout, plan } = self;
        let executor = Executor::new(engine, run, site, (plan, &rollout.strategy));
        executor.drop().await?;
        executor.withdraw("drop/withdraw").await?;
        executor.collect("drop/collect").await
    }
}

/// What of the candidate is there, and what of the revision before it is not.
pub(super) async fn left_behind(
    run: &Run,
    site: &Site,
    situation: &Situation,
    key: &str,
) -> Result<Progress, RunError> {
    let caller = Caller::Run(run);
    let observed: Vec<Instance> = caller
        .call(&format!("{key}/observe"), json!("observe"), |call| {
            site.target.observe(site.grants(call), site.place.clone())
        })
        .await?;
    let there = |name: &InstanceName| {
        observed
            .iter()
            .any(|instance| instance.name == *name && instance.state != InstanceState::Stopped)
    };
    let mut routed = false;
    if let Some(at) = &site.router {
        let route: ObservedRoute = caller
            .call(&format!("{key}/route"), json!("observe"), |call| {
                at.router.observe(site.router_grants(call), at.place.clone())
            })
            .await?;
        routed = !route.flows.is_empty();
    }
    let old = situation.old.iter().flat_map(|old| &old.instances);
    Ok(Progress {
        started: situation
            .new
            .instances
            .iter()
            .filter(|name| there(name))
            .cloned()
            .collect(),
        stopped: old.filter(|name| !there(name)).cloned().collect(),
        routed,
        confirmed: false,
    })
}

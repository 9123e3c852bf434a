//! The plan: pure, from what was observed to what will be done. Printed, saved, applied as saved, or refused.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use slipway_journal::{Class, Deployed, EnvironmentState, Generation, Scope};
use slipway_model::{Action, Digest, Fleet, InstanceName, Plan};
use slipway_plugin::{Change, ChangeKind};

use super::hooks;
use crate::{
    Engine, Failed, Run, RunError,
    carried::bring_all,
    revision::{Revision, Rollout},
    rollout::{Site, can_be_asked, can_be_counted, change_of},
    run::Caller,
    strategies::{Situation, Stages, compile},
};

/// What the environment had when a run came to it.
const STATE: &str = "plan/state";

/// A plan, with what the target says would change.
#[derive(Debug, Clone)]
pub struct Planned {
    pub plan: Plan,
    pub changes: Vec<Change>,
    /// Users are on this revision already, and nothing is missing of it.
    pub unchanged: bool,
}

/// What rolling out a revision would do. Looks only.
pub async fn plan(engine: &Engine, revision: Digest) -> Result<Planned, RunError> {
    let folder = engine.workspace.revision(revision);
    let (new, rollout) = (Revision::read(&folder)?, Rollout::read(&folder)?);
    let scope = Scope {
        service: new.service.clone(),
        environment: new.environment.clone(),
    };
    let (generation, state) = engine.store.environment(&scope).await?;
    bring_all(engine, &state, Caller::Look).await?;
    let mut site = site(engine, &new, &rollout).await?;
    let situation = situate(engine, &mut site, (&state, revision), Caller::Look, "plan").await?;
    let mut plan = make(&situation, &new, &rollout, (generation, &state))?;
    can_be_asked(engine, &rollout.strategy).await?;
    can_be_counted(&site, &plan, &rollout.strategy, (Caller::Look, "plan")).await?;
    let changes = changes(&site, Caller::Look, "plan", (revision, &new)).await?;
    plan.seen = seen(&changes);
    let unchanged = situation.same && changes.iter().all(|change| change.kind == ChangeKind::Keep);
    Ok(Planned {
        plan,
        changes,
        unchanged,
    })
}

/// What the target says would change if this revision were all that runs.
pub(super) async fn changes(
    site: &Site,
    caller: Caller<'_>,
    key: &str,
    (revision, new): (Digest, &Revision),
) -> Result<Vec<Change>, RunError> {
    let folder = site.workspace.revision(revision);
    let desired = new.instances(revision)?;
    let (target, place) = (&site.target, &site.place);
    caller
        .call(&format!("{key}/changes"), json!("plan"), |call| {
            let call = site.grants(call).folder("deployment", folder.clone(), false);
            target.plan(call, place.clone(), desired.clone())
        })
        .await
}

/// What a saved plan is held against.
fn seen(changes: &[Change]) -> BTreeMap<String, String> {
    let seen = changes.iter().filter(|change| !change.seen.is_empty());
    seen.map(|change| (change.subject.clone(), change.seen.clone()))
        .collect()
}

/// What a saved plan has seen at the target must be there as it was.
pub(super) async fn unmoved(
    site: &Site,
    run: &Run,
    expected: &Plan,
    new: (Digest, &Revision),
) -> Result<(), RunError> {
    if expected.seen.is_empty() {
        return Ok(());
    }
    let now = seen(&changes(site, Caller::Run(run), "plan/seen", new).await?);
    let subjects = expected.seen.keys().chain(now.keys());
    let moved = subjects
        .into_iter()
        .find(|subject| expected.seen.get(*subject) != now.get(*subject));
    match moved {
        None => Ok(()),
        Some(subject) => {
            let what = |seen: &BTreeMap<String, String>| {
                seen.get(subject)
                    .map_or("not there".to_owned(), |version| format!("`{version}`"))
            };
            let text = format!(
                "the plan is stale: {subject} was {} when it was made and is {} now",
                what(&expected.seen),
                what(&now)
            );
            Err(Failed::new(text).hint("`slipway plan` makes a new one").into())
        }
    }
}

pub(super) async fn site(engine: &Engine, revision: &Revision, rollout: &Rollout) -> Result<Site, RunError> {
    let names = (&revision.service, &revision.environment);
    let site = Site::open(
        engine,
        &engine.workspace,
        names,
        &rollout.target,
        rollout.router.as_ref(),
    )
    .await?;
    let runs = &site.target.describe().workloads;
    for workload in &revision.workloads {
        if !runs.contains(&workload.kind) {
            let text = format!(
                "target {} runs {}, artifact `{}` is a {}",
                rollout.target.plugin,
                runs.join(", "),
                workload.artifact,
                workload.kind
            );
            return Err(Failed::new(text).hint("choose a target that runs it").into());
        }
    }
    hooks::check(site.abilities(), revision, rollout)?;
    Ok(site)
}

/// What runs now, what shall run, and what the place can do.
pub(super) async fn situate(
    engine: &Engine,
    site: &mut Site,
    (state, revision): (&EnvironmentState, Digest),
    caller: Caller<'_>,
    key: &str,
) -> Result<Situation, RunError> {
    let new = site.learn(engine, revision).await?.clone();
    let old = match &state.current {
        Some(current) if current.revision != revision => Some(fleet(current)),
        _ => None,
    };
    let same = state
        .current
        .as_ref()
        .is_some_and(|current| current.revision == revision);
    let mut routed = Vec::new();
    let mut exclusive = new.exclusive().map(str::to_owned);
    let mut revisions = vec![(revision, new.clone())];
    if let Some(old) = &old {
        let known = site.learn(engine, old.revision).await?.clone();
        exclusive = exclusive.or(known.exclusive().map(str::to_owned));
        revisions.push((old.revision, known));
    }
    if let Some(router) = &site.router {
        let (plugin, place) = (&router.router, &router.place);
        let port: String = caller
            .call(&format!("{key}/port"), json!("port"), |call| {
                plugin.port(site.router_grants(call), place.clone())
            })
            .await?;
        for (digest, revision) in &revisions {
            let with: Vec<InstanceName> = revision.with_port(*digest, &port)?;
            if with.is_empty() {
                let text = format!("the router sends users to port `{port}`, and no artifact has one");
                return Err(Failed::new(text)
                    .hint("name the port in the artifact's `ports`")
                    .into());
            }
            routed.extend(with);
        }
    }
    Ok(Situation {
        old,
        new: new.fleet(revision)?,
        abilities: site.abilities(),
        exclusive,
        routed,
        same,
    })
}

pub(super) fn make(
    situation: &Situation,
    revision: &Revision,
    rollout: &Rollout,
    (generation, state): (Generation, &EnvironmentState),
) -> Result<Plan, Failed> {
    let strategy = &rollout.strategy;
    let Stages {
        mut deploy,
        cutover,
        mut notes,
    } = compile(situation, strategy)
        .map_err(|refusal| Failed::new(refusal.to_string()).hint(refusal.instead))?;
    if strategy.dead_man.is_some() && !situation.abilities.guard {
        let text = format!(
            "strategy {} wants a dead man's switch (`dead-man`), and target {} does not come back by itself",
            strategy.name, rollout.target.plugin
        );
        return Err(
            Failed::new(text).hint("take `dead-man` out of the strategy, or choose a target that does")
        );
    }
    if rollout.approve {
        deploy.insert(
            0,
            Action::Approve {
                what: change_of(&revision.environment),
            },
        );
    }
    if let Some(candidate) = leftover(state, situation.new.revision) {
        let text = format!(
            "{}, which nobody has cut over, is dropped first",
            named(candidate)
        );
        notes.insert(0, text);
    }
    notes.extend(strategy.hooks.iter().map(hooks::said_of));
    Ok(Plan {
        version: 1,
        service: revision.service.clone(),
        environment: revision.environment.clone(),
        strategy: strategy.name.clone(),
        old: situation.old.clone(),
        new: situation.new.clone(),
        generation,
        seen: Default::default(),
        deploy,
        cutover,
        notes,
    })
}

/// What waits for a cutover that will not come, because another revision is deployed.
pub(super) fn leftover(state: &EnvironmentState, new: Digest) -> Option<&Deployed> {
    state
        .candidate
        .as_ref()
        .filter(|candidate| candidate.revision != new)
}

pub(super) fn named(candidate: &Deployed) -> String {
    let Deployed {
        version, revision, ..
    } = candidate;
    format!("candidate {version} (revision {})", revision.short())
}

pub(super) fn fleet(deployed: &Deployed) -> Fleet {
    Fleet {
        revision: deployed.revision,
        package: deployed.package,
        version: deployed.version.clone(),
        instances: deployed.instances.clone(),
    }
}

/// The revisions that a run met, if it has come so far as to look.
pub(super) async fn met(engine: &Engine, run: &Run, scope: &Scope) -> Result<BTreeSet<Digest>, RunError> {
    if !run.has(STATE) {
        return Ok(BTreeSet::new());
    }
    let (_, state) = found(engine, run, scope).await?;
    let met = state.current.iter().chain(&state.candidate);
    Ok(met.map(|deployed| deployed.revision).collect())
}

/// The environment's state as this run has met it.
pub(super) async fn found(
    engine: &Engine,
    run: &Run,
    scope: &Scope,
) -> Result<(Generation, EnvironmentState), RunError> {
    run.activity(STATE, Class::Read, json!(scope), || async {
        Ok(engine.store.environment(scope).await?)
    })
    .await
}

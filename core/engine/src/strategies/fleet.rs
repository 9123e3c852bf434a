//! What a strategy is compiled from and into, and the pieces that all strategies share.

use slipway_manifest::Strategy;
use slipway_model::{Action, Duration, Fleet, InstanceName, RouteShare};

/// Everything a strategy may look at.
#[derive(Debug, Clone)]
pub struct Situation {
    /// What users are on now, if anything runs.
    pub old: Option<Fleet>,
    pub new: Fleet,
    pub abilities: Abilities,
    /// Why two revisions cannot stand side by side, if they cannot.
    pub exclusive: Option<String>,
    /// Instances (of both fleets) that users are sent to; empty without a router.
    pub routed: Vec<InstanceName>,
    /// The new revision is what users are on already.
    pub same: bool,
}

/// What the environment's target and router say they can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    pub side_by_side: bool,
    /// One revision takes the place of another without a stop between them.
    pub in_place: bool,
    /// What was begun can be held where it is.
    pub hold: bool,
    /// It comes back by itself when nobody is heard from.
    pub guard: bool,
    /// It runs programs once, as instances would.
    pub execute: bool,
    pub router: bool,
    pub weights: bool,
    pub preview: bool,
    /// It holds some instances of a revision apart.
    pub baseline: bool,
}

/// What each of the two steps does.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stages {
    pub deploy: Vec<Action>,
    pub cutover: Vec<Action>,
    pub notes: Vec<String>,
}

/// A strategy that cannot be done here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("strategy {strategy} cannot be done here: {reason}")]
pub struct Refusal {
    pub strategy: &'static str,
    pub reason: String,
    pub instead: String,
}

impl Situation {
    /// Refuses a strategy that needs two revisions beside each other where that cannot be.
    pub(super) fn require_side_by_side(&self, strategy: &'static str) -> Result<(), Refusal> {
        let Some(reason) = self.alone() else { return Ok(()) };
        let instead = if self.abilities.in_place {
            "use `rolling` or `recreate`"
        } else {
            "use `recreate`"
        };
        Err(Refusal {
            strategy,
            reason,
            instead: instead.to_owned(),
        })
    }

    /// Why there is one revision at a time, if there is.
    fn alone(&self) -> Option<String> {
        let one = "the target runs one revision at a time";
        let target = (!self.abilities.side_by_side).then(|| one.to_owned());
        self.exclusive.clone().or(target)
    }

    /// Is the new revision put where the old one is?
    pub(super) fn replaces(&self) -> bool {
        self.abilities.in_place && self.alone().is_some()
    }

    pub(super) fn require_router(&self, strategy: &'static str, why: &str) -> Result<(), Refusal> {
        if self.abilities.router {
            return Ok(());
        }
        Err(Refusal {
            strategy,
            reason: format!("the environment has no router, and {why}"),
            instead: "add `router` to the environment, or use `rolling` or `recreate`".to_owned(),
        })
    }

    /// Refuses to compare with what nobody can hold apart.
    pub(super) fn require_baseline(&self, strategy: &'static str, wanted: &Strategy) -> Result<(), Refusal> {
        if self.abilities.baseline || !wanted.compares_with_baseline() {
            return Ok(());
        }
        Err(Refusal {
            strategy,
            reason: "an analysis compares with a baseline, and the router holds no instances apart"
                .to_owned(),
            instead: "use `no-worse-than = \"stable\"`".to_owned(),
        })
    }

    /// The routing that gives each fleet its weight, or nothing where no users are sent to any of these instances.
    pub(super) fn route(&self, shares: &[(&Fleet, u32, &[InstanceName])]) -> Option<Action> {
        if !self.abilities.router {
            return None;
        }
        let shares = shares
            .iter()
            .map(|(fleet, weight, instances)| RouteShare {
                revision: fleet.revision,
                weight: *weight,
                instances: self.routed_of(instances),
                baseline: None,
            })
            .filter(|share| !share.instances.is_empty())
            .collect();
        Some(Action::Route {
            shares,
            preview: None,
        })
    }

    pub(super) fn routed_of(&self, instances: &[InstanceName]) -> Vec<InstanceName> {
        instances
            .iter()
            .filter(|name| self.routed.contains(name))
            .cloned()
            .collect()
    }

    pub(super) fn start(&self, instances: &[InstanceName]) -> Action {
        Action::Start {
            revision: self.new.revision,
            instances: instances.to_vec(),
        }
    }

    /// Instances of a fleet in the place of others; where these are none, they only start.
    pub(super) fn put(&self, fleet: &Fleet, instances: &[InstanceName], replaced: &[InstanceName]) -> Action {
        let (revision, instances) = (fleet.revision, instances.to_vec());
        if replaced.is_empty() {
            return Action::Start { revision, instances };
        }
        Action::Replace {
            revision,
            instances,
            replaced: replaced.to_vec(),
        }
    }

    pub(super) fn check(&self, instances: &[InstanceName], strategy: &Strategy) -> Option<Action> {
        (!strategy.checks.is_empty()).then(|| Action::Check {
            revision: self.new.revision,
            instances: instances.to_vec(),
            checks: check_names(strategy),
        })
    }

    /// Watches the new revision, against the other one where that has users too; nothing to watch and no time is no action.
    pub(super) fn soak(
        &self,
        time: Duration,
        against: Option<&Fleet>,
        strategy: &Strategy,
    ) -> Option<Action> {
        (time > Duration::default()).then(|| Action::Soak {
            revision: self.new.revision,
            against: against.map(|fleet| fleet.revision),
            baseline: Vec::new(),
            time,
            checks: check_names(strategy),
            // Where nothing ran before there are no users yet who could make evidence, and no way back to anything.
            analysis: self
                .old
                .iter()
                .flat_map(|_| &strategy.analyses)
                .filter(|analysis| against.is_some() || !analysis.only_compares())
                .map(|analysis| analysis.name.clone())
                .collect(),
        })
    }

    /// The same, compared with those of the other fleet that are held apart, if any are.
    pub(super) fn soak_apart(
        &self,
        time: Duration,
        (against, apart): (&Fleet, &[InstanceName]),
        strategy: &Strategy,
    ) -> Option<Action> {
        let mut action = self.soak(time, Some(against), strategy)?;
        if let Action::Soak { baseline, .. } = &mut action {
            *baseline = apart.to_vec();
        }
        Some(action)
    }

    /// Which analyses are never judged, because no two revisions have users at the same time.
    pub(super) fn not_compared(&self, strategy: &Strategy) -> Option<String> {
        let only = strategy
            .analyses
            .iter()
            .filter(|analysis| analysis.only_compares());
        let names: Vec<_> = only.map(|analysis| format!("`{}`", analysis.name)).collect();
        (self.old.is_some() && !names.is_empty()).then(|| {
            format!(
                "{} is not judged: it only compares with the old revision, which has no users when the new one has; \
                 give it a bound, or use `canary`",
                names.join(", ")
            )
        })
    }

    pub(super) fn confirm(&self) -> Action {
        Action::Confirm {
            revision: self.new.revision,
        }
    }

    /// Ends instances of the old fleet: their last requests first.
    pub(super) fn retire(&self, fleet: &Fleet, instances: &[InstanceName], outage: bool) -> Vec<Action> {
        let stop = Action::Stop {
            revision: fleet.revision,
            instances: instances.to_vec(),
            outage,
        };
        self.drain(instances).into_iter().chain([stop]).collect()
    }

    /// Waits for the last requests of those that users are sent to.
    pub(super) fn drain(&self, instances: &[InstanceName]) -> Option<Action> {
        let routed = self.routed_of(instances);
        (self.abilities.router && !routed.is_empty()).then_some(Action::Drain { instances: routed })
    }
}

impl Stages {
    pub(super) fn deploy(&mut self, actions: impl IntoIterator<Item = Action>) {
        self.deploy.extend(actions);
    }

    pub(super) fn cutover(&mut self, actions: impl IntoIterator<Item = Action>) {
        self.cutover.extend(actions);
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.notes.push(note.into());
    }
}

fn check_names(strategy: &Strategy) -> Vec<String> {
    strategy.checks.iter().map(|check| check.name.clone()).collect()
}

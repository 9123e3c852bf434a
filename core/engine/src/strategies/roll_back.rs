//! The way back: from what has been done so far to the actions that bring the old revision back wholly.

use std::collections::BTreeSet;

use slipway_model::{Action, Fleet, InstanceName, Plan};

use super::Situation;

/// What the finished and begun actions of a plan have changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// New instances that were started, or may have been.
    pub started: BTreeSet<InstanceName>,
    /// Old instances that were stopped, or may have been.
    pub stopped: BTreeSet<InstanceName>,
    /// Was the routing changed, or may it have been?
    pub routed: bool,
    pub confirmed: bool,
}

impl Progress {
    /// To be called before an action is begun, so that what was interrupted counts as done.
    pub fn begin(&mut self, plan: &Plan, action: &Action) {
        match action {
            Action::Start { revision, instances } if *revision == plan.new.revision => {
                self.started.extend(instances.iter().cloned());
            }
            Action::Start { instances, .. } => self.stopped.retain(|name| !instances.contains(name)),
            Action::Replace {
                revision,
                instances,
                replaced,
            } if *revision == plan.new.revision => {
                self.started.extend(instances.iter().cloned());
                self.stopped.extend(replaced.iter().cloned());
            }
            Action::Replace {
                instances, replaced, ..
            } => {
                self.stopped.retain(|name| !instances.contains(name));
                self.started.retain(|name| !replaced.contains(name));
            }
            Action::Stop {
                revision, instances, ..
            } if *revision == plan.new.revision => {
                self.started.retain(|name| !instances.contains(name));
            }
            Action::Stop { instances, .. } => self.stopped.extend(instances.iter().cloned()),
            Action::Route { .. } => self.routed = true,
            Action::Confirm { .. } => self.confirmed = true,
            Action::Adopt { .. }
            | Action::Check { .. }
            | Action::Soak { .. }
            | Action::Approve { .. }
            | Action::Drain { .. } => {}
        }
    }
}

/// Brings the old revision back and ends the new one. Old instances that never stopped run on throughout.
pub fn roll_back(situation: &Situation, progress: &Progress) -> Vec<Action> {
    if situation.same {
        return Vec::new();
    }
    let new = &situation.new;
    let started: Vec<_> = progress.started.iter().cloned().collect();
    let stop_new = |outage| -> Vec<Action> {
        let stop = Action::Stop {
            revision: new.revision,
            instances: started.clone(),
            outage,
        };
        if started.is_empty() {
            Vec::new()
        } else {
            vec![stop]
        }
    };
    let Some(old) = &situation.old else {
        let route = if progress.routed {
            situation.route(&[])
        } else {
            None
        };
        return route.into_iter().chain(stop_new(true)).collect();
    };
    let missing: Vec<_> = old
        .instances
        .iter()
        .filter(|name| progress.stopped.contains(name))
        .cloned()
        .collect();
    let restart = || start(old, &missing);
    let to_old = || {
        if progress.routed {
            situation.route(&[(old, 100, &old.instances)])
        } else {
            None
        }
    };
    if situation.replaces() && !missing.is_empty() {
        // One takes the place of the one with its number; those without a counterpart have to be ended.
        let places: BTreeSet<_> = missing.iter().map(number).collect();
        let (replaced, rest): (Vec<_>, Vec<_>) = started
            .iter()
            .cloned()
            .partition(|name| places.contains(number(name)));
        let more = (!rest.is_empty()).then(|| Action::Stop {
            revision: new.revision,
            instances: rest.clone(),
            outage: false,
        });
        return [situation.put(old, &missing, &replaced)]
            .into_iter()
            .chain(more)
            .chain(to_old())
            .collect();
    }
    let exclusive = situation.exclusive.is_some() || !situation.abilities.side_by_side;
    if exclusive && !missing.is_empty() {
        return stop_new(true)
            .into_iter()
            .chain(restart())
            .chain(to_old())
            .collect();
    }
    let drain =
        (progress.routed && situation.abilities.router && !started.is_empty()).then(|| Action::Drain {
            instances: situation.routed_of(&started),
        });
    // What still runs of the old revision takes the users at once; the rest joins when it is back.
    let remaining: Vec<_> = old
        .instances
        .iter()
        .filter(|name| !missing.contains(name))
        .cloned()
        .collect();
    let at_once = if progress.routed && !remaining.is_empty() && !missing.is_empty() {
        situation.route(&[(old, 100, &remaining)])
    } else {
        None
    };
    at_once
        .into_iter()
        .chain(restart())
        .chain(to_old())
        .chain(drain)
        .chain(stop_new(false))
        .collect()
}

fn start(fleet: &Fleet, instances: &[InstanceName]) -> Option<Action> {
    (!instances.is_empty()).then(|| Action::Start {
        revision: fleet.revision,
        instances: instances.to_vec(),
    })
}

/// Of an instance among those of its revision.
fn number(name: &InstanceName) -> &str {
    let name = name.as_str();
    name.rsplit_once('-').map_or(name, |(_, number)| number)
}

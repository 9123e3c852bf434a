//! An action that failed, where the strategy says `on-failure = "ask"`: people say how the run goes on. They may take
//! their time, and the run may be interrupted meanwhile.

use std::{collections::BTreeSet, sync::PoisonError};

use serde_json::json;
use slipway_model::{Action, InstanceName};

use super::Executor;
use crate::{
    Event, Failed, RunError,
    run::{Choice, Told},
};

impl Executor<'_> {
    /// An action, as often as people want it. An error has been decided upon.
    pub(super) async fn action_as_wished(&self, key: &str, action: &Action) -> Result<(), RunError> {
        for attempt in 1_u32.. {
            let key = match attempt {
                1 => key.to_owned(),
                again => format!("{key}!{again}"),
            };
            let Some(action) = without(action, &self.excluded()) else {
                return Ok(());
            };
            self.failing
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clear();
            let cause = match self.action(&key, &action).await {
                Err(RunError::Failed(cause)) if !cause.is_aborted() => cause,
                other => return other,
            };
            match self.ask(&key, &action, &cause).await? {
                Choice::Retry => {}
                Choice::Skip => return Ok(()),
                Choice::Exclude => self.exclude(&key).await?,
                last @ (Choice::RollBack | Choice::Hold) => {
                    *self.chosen.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
                    return Err(cause.into());
                }
            }
        }
        Ok(())
    }

    async fn ask(&self, key: &str, action: &Action, cause: &Failed) -> Result<Choice, RunError> {
        // Whoever is on call may hear of it by a hook.
        self.on_failure(&format!("{key}/failed"), cause).await?;
        // What was said before belongs to something else.
        let before = self.run.hear(&format!("{key}/before"), &[Told::Abort]).await?;
        if before == Told::Abort {
            return Ok(Choice::RollBack);
        }
        let choices = self.choices(action);
        self.run
            .tell(Event::Asked {
                action: action.to_string(),
                environment: self.plan.environment.clone(),
                cause: cause.message.clone(),
                hint: cause.hint.clone(),
                failed: self.failing().into_iter().collect(),
                choices: choices.clone(),
            })
            .await?;
        let told = |choice: &Choice| match choice {
            Choice::Retry => Told::Retry,
            Choice::Skip => Told::Skip,
            Choice::Exclude => Told::Exclude,
            Choice::RollBack => Told::Abort,
            Choice::Hold => Told::Hold,
        };
        // Whoever aborts is heard, as everywhere.
        let mut wanted: Vec<Told> = choices.iter().map(told).collect();
        wanted.push(Told::Abort);
        let reason = format!("a decision: {}", cause.message);
        let said = self
            .wait(key, reason, &wanted, |told| told != Told::Nothing)
            .await?;
        let choice = choices.into_iter().find(|choice| told(choice) == said);
        let choice = choice.unwrap_or(Choice::RollBack);
        self.goes_on(key, choice.as_str()).await?;
        Ok(choice)
    }

    /// What can be done about a failure without harm to users.
    fn choices(&self, action: &Action) -> Vec<Choice> {
        let skipped = match action {
            Action::Check { .. } | Action::Soak { .. } | Action::Drain { .. } => true,
            Action::Stop { outage, .. } => !outage,
            _ => false,
        };
        let (failing, excluded) = (self.failing(), self.excluded());
        let mut left = self.plan.new.instances.iter();
        let excludes = !failing.is_empty()
            && left.any(|instance| !failing.contains(instance) && !excluded.contains(instance));
        let offers = |choice: &Choice| match choice {
            Choice::Retry | Choice::Hold => true,
            Choice::Skip => skipped,
            Choice::Exclude => excludes,
            Choice::RollBack => !self.progress().confirmed && self.no_return().is_none(),
        };
        Choice::ALL.into_iter().filter(offers).collect()
    }

    /// Those that failed are ended, and no longer part of the plan.
    async fn exclude(&self, key: &str) -> Result<(), RunError> {
        let failing = self.failing();
        for name in &failing {
            let (target, place) = (&self.site.target, self.site.place.clone());
            let request = json!({ "stop": name });
            let stopped: Result<(), RunError> = self
                .run
                .call(&format!("{key}/exclude/{name}"), request, |call| {
                    target.stop(self.site.grants(call), place.clone(), name.clone())
                })
                .await;
            match stopped {
                // Nobody is sent there, and what is left beside the revision is retired at the end.
                Err(RunError::Failed(failed)) => {
                    let text = format!("{name} is left out, and could not be stopped: {failed}");
                    self.run.tell(Event::Note { text }).await?;
                }
                other => other?,
            }
        }
        self.run
            .tell(Event::Excluded {
                instances: failing.iter().cloned().collect(),
            })
            .await?;
        let mut excluded = self.excluded.lock().unwrap_or_else(PoisonError::into_inner);
        excluded.extend(failing);
        Ok(())
    }

    fn failing(&self) -> BTreeSet<InstanceName> {
        let failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        failing.clone()
    }
}

/// An action as it is when some instances are no longer part of it; nothing if it is about no others.
fn without(action: &Action, excluded: &BTreeSet<InstanceName>) -> Option<Action> {
    if excluded.is_empty() {
        return Some(action.clone());
    }
    let keep = |instances: &mut Vec<InstanceName>| {
        let before = instances.len();
        instances.retain(|instance| !excluded.contains(instance));
        before == 0 || !instances.is_empty()
    };
    let mut action = action.clone();
    let something = match &mut action {
        Action::Start { instances, .. }
        | Action::Replace { instances, .. }
        | Action::Adopt { instances, .. }
        | Action::Check { instances, .. }
        | Action::Drain { instances }
        | Action::Stop { instances, .. } => keep(instances),
        Action::Route { shares, preview } => {
            shares.retain_mut(|share| keep(&mut share.instances));
            !shares.is_empty() || preview.is_some()
        }
        Action::Soak { .. } | Action::Approve { .. } | Action::Confirm { .. } => true,
    };
    something.then_some(action)
}

#[cfg(test)]
mod tests {
    use slipway_model::{Digest, RouteShare};

    use super::*;

    fn names(names: &[&str]) -> Vec<InstanceName> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn what_is_left_out_is_in_no_action() {
        let excluded: BTreeSet<_> = names(&["new-1"]).into_iter().collect();
        let (new, old) = (Digest::of("new"), Digest::of("old"));
        let check = |action: Action, expected: Option<Action>| {
            assert_eq!(without(&action, &excluded), expected);
        };
        let start = |instances: &[&str]| Action::Start {
            revision: new,
            instances: names(instances),
        };
        check(start(&["new-1", "new-2"]), Some(start(&["new-2"])));
        check(start(&["new-1"]), None);
        let share = |revision, instances: &[&str]| RouteShare {
            revision,
            weight: 50,
            instances: names(instances),
            baseline: None,
        };
        let route = |shares: Vec<RouteShare>| Action::Route {
            shares,
            preview: None,
        };
        check(
            route(vec![share(new, &["new-1"]), share(old, &["old-1"])]),
            Some(route(vec![share(old, &["old-1"])])),
        );
        check(route(vec![share(new, &["new-1"])]), None);
        let confirm = Action::Confirm { revision: new };
        check(confirm.clone(), Some(confirm));
    }
}

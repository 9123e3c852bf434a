//! A run that is paused in the midst of what its target carries out by itself: the target holds it there, and lets it go
//! on when the run does. Whoever goes back needs not let go first: a start does.

use serde_json::json;
use slipway_model::InstanceName;

use super::Executor;
use crate::RunError;

/// What of one instance is held. A run may be paused more than once.
pub(super) struct Hold<'a> {
    executor: &'a Executor<'a>,
    key: &'a str,
    name: &'a InstanceName,
    times: u32,
    /// None: an earlier process has held it, and how far it came is in the journal.
    on: Option<bool>,
}

impl<'a> Hold<'a> {
    pub(super) fn found(executor: &'a Executor<'_>, key: &'a str, name: &'a InstanceName) -> Self {
        let mut hold = Self {
            executor,
            key,
            name,
            times: 0,
            on: Some(false),
        };
        while executor.run.has(&hold.activity(true)) {
            hold.on = None;
            hold.times += 1;
        }
        hold.times = hold.times.saturating_sub(1);
        hold
    }

    /// Makes it so. Answers whether it is held.
    pub(super) async fn set(&mut self, on: bool) -> Result<bool, RunError> {
        let Executor { site, run, .. } = self.executor;
        if self.on == Some(on) || !site.abilities.hold {
            return Ok(self.on == Some(true));
        }
        // It was let go of: this is another time.
        if on && run.has(&self.activity(false)) {
            self.times += 1;
        }
        let (target, place) = (&site.target, site.place.clone());
        let request = json!({ "hold": self.name, "on": on });
        run.call(&self.activity(on), request, |call| {
            target.hold(site.grants(call), place.clone(), self.name.clone(), on)
        })
        .await?;
        self.on = Some(on);
        Ok(on)
    }

    fn activity(&self, on: bool) -> String {
        let what = if on { "hold" } else { "let-go" };
        format!("{}/{what}/{}", self.key, self.times)
    }
}

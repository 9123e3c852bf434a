//! What the run has started, while people are waited for, or those that it is released together with: one that dies, or
//! that a check finds bad, is not left in front of users until somebody comes. That all is well is in no record, however
//! long it takes.

use std::{sync::Arc, time::Duration};

use slipway_manifest::{Check, Probe};
use slipway_model::Digest;
use slipway_plugin::{Call, Instance, ReadOnly};
use tokio::time::Instant;

use super::{Executor, soak::due};
use crate::{
    RunError,
    judge::{self, Outcome, Verdict},
};

/// Whoever waits for days asks no more often.
const PACE: Duration = Duration::from_secs(5);

pub(super) struct Meanwhile<'a> {
    executor: &'a Executor<'a>,
    looks: u32,
    looked: Instant,
}

impl<'a> Meanwhile<'a> {
    pub(super) fn new(executor: &'a Executor<'_>) -> Self {
        Self {
            executor,
            looks: 0,
            looked: Instant::now(),
        }
    }

    /// Looks if it is time to. A place that does not answer says nothing of the revision.
    pub(super) async fn look(&mut self) -> Result<(), RunError> {
        if self.looked.elapsed() < PACE {
            return Ok(());
        }
        let started = self.executor.progress().started;
        if started.is_empty() {
            return Ok(());
        }
        let Executor { site, strategy, .. } = self.executor;
        let call = site.grants(Call::new(Arc::new(ReadOnly)));
        let observed = site.target.observe(call, site.place.clone()).await;
        self.looked = Instant::now();
        let Ok(mut instances) = observed else {
            return Ok(());
        };
        let revision = self.executor.plan.new.revision;
        instances.retain(|instance| started.contains(&instance.name));
        self.executor.alive(revision, &instances)?;
        // Where nobody sends users, all of them have some.
        if site.router.is_some() {
            let attached = self.executor.attached();
            instances.retain(|instance| attached.contains(&instance.name));
        }
        let look = self.looks;
        self.looks += 1;
        if instances.is_empty() {
            return Ok(());
        }
        for check in strategy
            .checks
            .iter()
            .filter(|check| due(look, PACE, check.interval))
        {
            let verdict = self.glance(check, revision, &instances).await;
            if let Some(verdict) = verdict.filter(|verdict| verdict.outcome == Outcome::Fail) {
                self.executor.heed(verdict).await?;
            }
        }
        Ok(())
    }

    async fn glance(&self, check: &Check, revision: Digest, instances: &[Instance]) -> Option<Verdict> {
        if let Probe::Plugin(binding) = &check.probe {
            let asked = (check, binding);
            return self.executor.plugin_glance(asked, revision, instances).await;
        }
        let reach = self.executor.site.reach(self.executor.engine);
        Some(judge::check(&reach, check, revision, instances).await)
    }
}

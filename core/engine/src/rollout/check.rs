//! Functional tests as an action: each verdict is recorded, and anything but a pass fails the step.

use serde_json::json;
use slipway_journal::Class;
use slipway_manifest::{Check, Probe};
use slipway_model::{Digest, InstanceName};
use slipway_plugin::Instance;

use super::Executor;
use crate::{
    Event, Failed, RunError,
    judge::{self, Outcome, Verdict},
};

impl Executor<'_> {
    pub(super) async fn check(
        &self,
        key: &str,
        revision: Digest,
        instances: &[InstanceName],
        checks: &[String],
    ) -> Result<(), RunError> {
        let asked = self.running(&format!("{key}/instances"), instances).await?;
        for check in self
            .strategy
            .checks
            .iter()
            .filter(|check| checks.contains(&check.name))
        {
            let verdict = self
                .verdict(&format!("{key}/check/{}", check.name), check, revision, &asked)
                .await?;
            self.heed(verdict).await?;
        }
        Ok(())
    }

    /// One check, performed once and answered from the journal ever after.
    pub(super) async fn verdict(
        &self,
        key: &str,
        check: &Check,
        revision: Digest,
        instances: &[Instance],
    ) -> Result<Verdict, RunError> {
        if let Probe::Plugin(binding) = &check.probe {
            return self
                .plugin_verdict(key, (check, binding), revision, instances)
                .await;
        }
        let request = json!({ "check": check.name });
        self.run
            .activity(key, Class::Read, request, || async {
                let reach = self.site.reach(self.engine);
                Ok(judge::check(&reach, check, revision, instances).await)
            })
            .await
    }

    /// Tells of a verdict; anything but a pass is a failure.
    pub(super) async fn heed(&self, verdict: Verdict) -> Result<(), RunError> {
        let mut failed = Failed::new(format!(
            "{}: {}: {}",
            verdict.name,
            verdict.outcome.word(),
            verdict.detail
        ));
        if verdict.outcome == Outcome::Inconclusive {
            failed = failed.hint(
                "what is not known is no pass: let it soak for longer, send users, or ask for less in the analysis",
            );
        }
        let good = verdict.outcome == Outcome::Pass;
        self.run.tell(Event::Judged { verdict }).await?;
        if good { Ok(()) } else { Err(failed.into()) }
    }

    /// Those of the named instances that are there.
    pub(super) async fn running(&self, key: &str, names: &[InstanceName]) -> Result<Vec<Instance>, RunError> {
        let mut observed = self.observe(key).await?;
        observed.retain(|instance| names.contains(&instance.name));
        Ok(observed)
    }
}

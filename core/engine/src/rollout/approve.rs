//! Waiting until a person agrees. They may take days: what the run has started is looked at meanwhile.

use slipway_journal::Entry;
use slipway_model::EnvironmentName;

use super::{Executor, meanwhile::Meanwhile};
use crate::{Event, Failed, RunError, run::Told};

/// What has to be agreed to where an environment's changes have to be.
pub(crate) fn change_of(environment: &EnvironmentName) -> String {
    format!("a change of {environment}")
}

impl Executor<'_> {
    pub(super) async fn approve(&self, key: &str, what: &str) -> Result<(), RunError> {
        // What is released together is one change. How it does on its way is looked at for each.
        let all = what == change_of(&self.plan.environment);
        let told = self
            .wait_for_people(
                key,
                format!("approval: {what}"),
                &[Told::Approve, Told::Abort],
                |told| told != Told::Nothing || all && self.run.is_approved_for_all(),
            )
            .await?;
        if told == Told::Abort {
            return Err(Failed::aborted().into());
        }
        if all {
            self.run.approve_for_all();
        }
        self.goes_on(key, "approved").await
    }

    /// Until they say what is enough; the record says what for.
    pub(super) async fn wait_for_people(
        &self,
        key: &str,
        reason: String,
        wanted: &[Told],
        enough: impl Fn(Told) -> bool,
    ) -> Result<Told, RunError> {
        self.run
            .tell(Event::Waiting {
                reason: reason.clone(),
            })
            .await?;
        self.waits(key, reason).await?;
        let mut meanwhile = Meanwhile::new(self);
        let key = format!("{key}/told");
        self.run
            .hear_as_long_as(&key, wanted, enough, async || meanwhile.look().await)
            .await
    }

    /// The same where people know already that they are waited for, because something is wrong.
    pub(super) async fn wait(
        &self,
        key: &str,
        reason: String,
        wanted: &[Told],
        enough: impl Fn(Told) -> bool,
    ) -> Result<Told, RunError> {
        self.waits(key, reason).await?;
        self.run.hear_until(&format!("{key}/told"), wanted, enough).await
    }

    async fn waits(&self, key: &str, reason: String) -> Result<(), RunError> {
        self.run
            .mark(&format!("{key}/waiting"), Entry::Waiting { reason })
            .await
    }

    /// What was waited for has come.
    pub(super) async fn goes_on(&self, key: &str, reason: &str) -> Result<(), RunError> {
        let reason = reason.to_owned();
        self.run
            .mark(&format!("{key}/continued"), Entry::Continued { reason })
            .await
    }
}

//! Waiting until a person agrees.

use slipway_journal::Entry;
use slipway_model::EnvironmentName;

use super::Executor;
use crate::{Event, Failed, RunError, run::Told};

/// What has to be agreed to where an environment's changes have to be.
pub(crate) fn change_of(environment: &EnvironmentName) -> String {
    format!("a change of {environment}")
}

impl Executor<'_> {
    pub(super) async fn approve(&self, key: &str, what: &str) -> Result<(), RunError> {
        let reason = format!("approval: {what}");
        self.run
            .tell(Event::Waiting {
                reason: reason.clone(),
            })
            .await?;
        self.run
            .mark(&format!("{key}/waiting"), Entry::Waiting { reason })
            .await?;
        // What is released together is one change. How it does on its way is looked at for each.
        let all = what == change_of(&self.plan.environment);
        let told = self
            .run
            .hear_until(&format!("{key}/told"), |told| {
                matches!(told, Told::Approve | Told::Abort) || all && self.run.is_approved_for_all()
            })
            .await?;
        if told == Told::Abort {
            return Err(Failed::aborted().into());
        }
        if all {
            self.run.approve_for_all();
        }
        let reason = "approved".to_owned();
        self.run
            .mark(&format!("{key}/continued"), Entry::Continued { reason })
            .await
    }
}

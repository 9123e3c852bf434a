//! A dead man's switch (`dead-man`): what ran comes back by itself unless the run is heard from, until it has confirmed
//! its revision. Set before anything is changed; looked at before each action, so that a run that was silent for too long
//! never goes on as if nothing had been.

use std::sync::Arc;

use serde_json::{Value, json};
use slipway_journal::Class;
use slipway_plugin::{Call, Unrecorded};

use super::Executor;
use crate::{Event, Failed, RunError, run::Switch};

/// Of one run, once: what is there then is what comes back.
const SET: &str = "guard/set";
const GONE_OFF: &str = "guard/gone-off";
/// The revision was found good, and nothing comes back any more.
const GOOD: &str = "guard/good";
/// It stays as it is, until people say otherwise.
const HELD: &str = "guard/held";
const BACK: &str = "roll-back/guard";
const DROP: &str = "drop/guard";

impl Executor<'_> {
    /// To be called before anything is changed, by whichever part of the plan the run begins with.
    pub(super) async fn set_guard(&self) -> Result<(), RunError> {
        let Some(within) = self.strategy.dead_man else {
            return Ok(());
        };
        // Without anything that ran there is nothing to come back to.
        let over = [GOOD, HELD, BACK].iter().any(|key| self.run.has(key));
        if self.plan.old.is_none() || self.run.guard().is_some() || over {
            return Ok(());
        }
        let switch = Switch {
            target: self.site.target.clone(),
            place: self.site.place.clone(),
            call: self.site.grants(Call::new(Arc::new(Unrecorded))),
            within: within.std(),
        };
        // One that an earlier run has left knows of another time.
        self.set("guard/clear", 0).await?;
        self.set(SET, switch.seconds()).await?;
        let text = format!(
            "{} comes back to what ran unless this run is heard from at least every {within}",
            self.plan.environment
        );
        self.run.tell(Event::Note { text }).await?;
        if !self.run.is_replayed() {
            self.run.keep_guard(switch);
        }
        Ok(())
    }

    /// Before an action that has not ended.
    pub(super) async fn still_guarded(&self) -> Result<(), RunError> {
        let mut gone_off = None;
        if let Some(switch) = self.run.guard() {
            // Whoever is not there is told of by the action itself.
            gone_off = switch.renew().await.ok().flatten();
        }
        if gone_off.is_none() && !self.run.has(GONE_OFF) {
            return Ok(());
        }
        let text = gone_off.unwrap_or_default();
        let text: String = self
            .run
            .activity(GONE_OFF, Class::Read, Value::Null, || async { Ok(text) })
            .await?;
        Err(gone(&text).into())
    }

    /// The revision is to stay: from here on nothing comes back by itself.
    pub(super) async fn good(&self) -> Result<(), RunError> {
        if !self.run.has(SET) {
            return Ok(());
        }
        match self.take_away(GOOD).await? {
            Some(text) => Err(gone(&text).into()),
            None => Ok(()),
        }
    }

    /// The revision is left as it is. Answers why it is not, if what ran has come back meanwhile.
    pub(super) async fn held(&self) -> Result<Option<Failed>, RunError> {
        if !self.run.has(SET) || self.run.has(GOOD) {
            return Ok(None);
        }
        match self.take_away(HELD).await {
            Ok(text) => Ok(text.map(|text| gone(&text))),
            Err(RunError::Failed(Failed { message, .. })) => {
                let text = format!("the dead man's switch is still set, and goes off in time: {message}");
                self.run.tell(Event::Note { text }).await?;
                Ok(None)
            }
            Err(interrupted) => Err(interrupted),
        }
    }

    /// The way back is the run's own.
    pub(super) async fn back_unguarded(&self) -> Result<(), RunError> {
        if self.run.has(SET) {
            self.take_away(BACK).await?;
        }
        Ok(())
    }

    /// Whoever takes away what another run has left.
    pub(super) async fn drop_unguarded(&self) -> Result<(), RunError> {
        if self.site.abilities.guard {
            self.take_away(DROP).await?;
        }
        Ok(())
    }

    /// Answers what came of it if it had gone off.
    async fn take_away(&self, key: &str) -> Result<Option<String>, RunError> {
        self.run.leave_guard().await;
        self.set(key, 0).await
    }

    async fn set(&self, key: &str, seconds: u32) -> Result<Option<String>, RunError> {
        let (target, place) = (&self.site.target, &self.site.place);
        self.run
            .call(key, json!({ "guard": seconds }), |call| {
                target.guard(self.site.grants(call), place.clone(), seconds)
            })
            .await
    }
}

fn gone(text: &str) -> Failed {
    Failed::new(text).hint("the run was silent for too long; `dead-man` says for how long it may be")
}

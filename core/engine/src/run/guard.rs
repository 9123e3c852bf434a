//! A dead man's switch that a run has set at its place: renewed beside the run, for as long as the run is there.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use slipway_plugin::{Call, Place, PluginError, Target};
use tokio::task::JoinHandle;

use super::Run;

/// Where it is set, and for how long nobody need be heard from.
#[derive(Clone)]
pub(crate) struct Switch {
    pub(crate) target: Arc<dyn Target>,
    pub(crate) place: Place,
    /// Not recorded.
    pub(crate) call: Call,
    pub(crate) within: Duration,
}

/// Renewed until it is dropped, and then it goes off in time.
pub(super) struct Guarded {
    switch: Switch,
    renewal: JoinHandle<()>,
}

impl Switch {
    pub(crate) fn seconds(&self) -> u32 {
        u32::try_from(self.within.as_secs()).unwrap_or(u32::MAX)
    }

    /// Answers what came of it if it has gone off.
    pub(crate) async fn renew(&self) -> Result<Option<String>, PluginError> {
        self.ask(self.seconds()).await
    }

    async fn ask(&self, seconds: u32) -> Result<Option<String>, PluginError> {
        self.target
            .guard(self.call.clone(), self.place.clone(), seconds)
            .await
    }

    /// That it has gone off is told by whoever changes something next.
    async fn keep(&self) {
        loop {
            tokio::time::sleep(self.within / 4).await;
            if let Err(error) = self.renew().await {
                tracing::warn!(%error, "the dead man's switch was not renewed");
            }
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl Run {
    /// From here on it is renewed.
    pub(crate) fn keep_guard(&self, switch: Switch) {
        let own = switch.clone();
        let renewal = tokio::spawn(async move { own.keep().await });
        *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Guarded { switch, renewal });
    }

    pub(crate) fn guard(&self) -> Option<Switch> {
        let guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
        guard.as_ref().map(|guarded| guarded.switch.clone())
    }

    /// It is renewed no more; whoever wants it gone takes it away. Answers where it is.
    pub(crate) async fn leave_guard(&self) -> Option<Switch> {
        let guarded = self.guard.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut guarded = guarded?;
        guarded.renewal.abort();
        // One that is under way would set it again.
        let _ = (&mut guarded.renewal).await;
        Some(guarded.switch.clone())
    }

    /// At the end of a run that leaves it to people what becomes of its revision.
    pub(super) async fn release_guard(&self) {
        let Some(switch) = self.leave_guard().await else {
            return;
        };
        if let Err(error) = switch.ask(0).await {
            tracing::warn!(%error, "the dead man's switch could not be taken away: it goes off in time");
        }
    }
}

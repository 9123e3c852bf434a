//! A place that a run has claimed: renewed beside the run, until it ends.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use slipway_plugin::{Call, Claim, Place, PluginError, Target};
use tokio::task::JoinHandle;

use super::Run;

/// How long a claim lasts that nobody renews.
const CLAIM: Duration = Duration::from_secs(60);
/// Some renewals may get lost on the way.
const RENEW: Duration = Duration::from_secs(15);

/// Who claims a place, and how.
#[derive(Clone)]
pub(crate) struct Claimant {
    pub(crate) target: Arc<dyn Target>,
    pub(crate) place: Place,
    /// Not recorded.
    pub(crate) call: Call,
    pub(crate) by: String,
}

/// Renewed until it is dropped, and then it runs out.
pub(super) struct Claimed {
    claimant: Claimant,
    renewal: JoinHandle<()>,
}

impl Claimant {
    /// None where the target needs no mark.
    pub(crate) async fn claim(&self) -> Result<Option<Claim>, PluginError> {
        self.ask(CLAIM).await
    }

    async fn ask(&self, time: Duration) -> Result<Option<Claim>, PluginError> {
        let seconds = u32::try_from(time.as_secs()).unwrap_or(u32::MAX);
        let (call, place, by) = (self.call.clone(), self.place.clone(), self.by.clone());
        self.target.claim(call, place, by, seconds).await
    }

    /// Every verb that changes something looks at the claim itself, so that losing it is told here and no more.
    async fn renew(&self) {
        loop {
            tokio::time::sleep(RENEW).await;
            match self.claim().await {
                Ok(Some(claim)) if !claim.ours => {
                    tracing::error!(by = claim.by, "the place was claimed by another");
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the claim of the place was not renewed"),
            }
        }
    }
}

impl Claimed {
    /// Lets go of it. What cannot be let go of runs out by itself.
    async fn release(mut self) {
        self.renewal.abort();
        // One that is under way would claim it again.
        let _ = (&mut self.renewal).await;
        if let Err(error) = self.claimant.ask(Duration::ZERO).await {
            tracing::warn!(%error, "the place stays claimed for a while");
        }
    }
}

impl Drop for Claimed {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

impl Run {
    pub(crate) fn has_claimed(&self) -> bool {
        self.claim
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
    }

    /// From here on the claim is renewed.
    pub(crate) fn keep_claim(&self, claimant: Claimant) {
        let own = claimant.clone();
        let renewal = tokio::spawn(async move { own.renew().await });
        *self.claim.lock().unwrap_or_else(PoisonError::into_inner) = Some(Claimed { claimant, renewal });
    }

    pub(super) async fn release_claim(&self) {
        let claimed = self.claim.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(claimed) = claimed {
            claimed.release().await;
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Sleeps, unless the run is told to stop; answers whether it is.
    pub(crate) async fn rest(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => false,
            () = self.stop.cancelled() => true,
        }
    }
}

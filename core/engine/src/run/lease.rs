//! Keeps the lease of a run alive, and stops the run when it is lost.

use std::sync::Arc;

use slipway_journal::{Journal, LEASE_TIME};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Ambient;

pub(super) struct Heartbeat(JoinHandle<()>);

impl Heartbeat {
    pub(super) fn start(journal: &Arc<Journal>, ambient: Arc<dyn Ambient>, stop: CancellationToken) -> Self {
        let (store, lease) = (journal.store().clone(), journal.lease().clone());
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(LEASE_TIME / 3).await;
                if let Err(error) = store.heartbeat(&lease, ambient.now()).await {
                    tracing::error!(%error, "the lease is lost");
                    stop.cancel();
                    return;
                }
            }
        }))
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.0.abort();
    }
}

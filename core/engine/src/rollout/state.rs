//! The small document that a plugin keeps for an environment, in the ledger.

use std::sync::Arc;

use slipway_journal::{Lease, Scope, Store};
use slipway_plugin::{Failure, FailureKind, StateStore};

pub(super) struct PluginState {
    pub(super) store: Arc<dyn Store>,
    pub(super) scope: Scope,
    pub(super) plugin: String,
    pub(super) lease: Option<Lease>,
}

#[async_trait::async_trait]
impl StateStore for PluginState {
    async fn get(&self) -> Result<Option<String>, Failure> {
        let state = self
            .store
            .plugin_state(&self.scope, &self.plugin)
            .await
            .map_err(failed)?;
        Ok(state.map(|state| state.to_string()))
    }

    async fn put(&self, value: String) -> Result<(), Failure> {
        let lease = self.lease.as_ref().ok_or_else(|| {
            Failure::new(FailureKind::Refused, "a command that only looks changes no state")
        })?;
        let value = serde_json::from_str(&value)
            .map_err(|error| Failure::new(FailureKind::Invalid, format!("the state is no JSON: {error}")))?;
        self.store
            .set_plugin_state(lease, &self.plugin, value)
            .await
            .map_err(failed)
    }
}

fn failed(error: slipway_journal::Error) -> Failure {
    Failure::new(FailureKind::Failed, error.to_string())
}

//! Asking a plugin from a run, where everything is recorded, or only to look, where nothing but reading is allowed.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use slipway_plugin::{Call, PluginError, ReadOnly};

use super::Run;
use crate::RunError;

#[derive(Clone, Copy)]
pub enum Caller<'a> {
    Run(&'a Run),
    /// For plans and views: an effect that is no `read` is refused.
    Look,
}

impl Caller<'_> {
    pub(crate) fn is_replay(self) -> bool {
        matches!(self, Self::Run(run) if run.is_replayed())
    }

    pub(crate) async fn call<T, F>(
        self,
        key: &str,
        request: Value,
        ask: impl Fn(Call) -> F,
    ) -> Result<T, RunError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, PluginError>>,
    {
        match self {
            Self::Run(run) => run.call(key, request, ask).await,
            Self::Look => Ok(ask(Call::new(Arc::new(ReadOnly))).await?),
        }
    }
}

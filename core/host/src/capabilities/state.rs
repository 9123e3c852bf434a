//! The plugin's own small document.

use serde_json::{Value, json};
use slipway_plugin::{EffectClass, Failure, FailureKind};

use crate::{
    bindings::imports::{state::Host, types},
    bytes::summary,
    limits,
    session::Session,
};

impl Host for Session {
    async fn get(&mut self) -> wasmtime::Result<Result<Option<String>, types::Failure>> {
        let store = self.call.as_ref().and_then(|call| call.state.clone());
        let perform = async move { store.ok_or_else(none)?.get().await };
        Ok(self
            .effect(("state", "get"), EffectClass::Read, json!({}), perform)
            .await?
            .map_err(Into::into))
    }

    async fn put(&mut self, value: String) -> wasmtime::Result<Result<(), types::Failure>> {
        let store = self.call.as_ref().and_then(|call| call.state.clone());
        let (limit, request) = (self.limits.answer, json!({ "value": summary(value.as_bytes()) }));
        let perform = async move {
            let invalid = |problem| Failure::new(FailureKind::Invalid, format!("the state {problem}"));
            if value.len() > limit {
                return Err(invalid(format!(
                    "has {} bytes, at most {} are kept",
                    value.len(),
                    limits::bytes(limit)
                )));
            }
            serde_json::from_str::<Value>(&value)
                .map_err(|error| invalid(format!("is not JSON: {error}")))?;
            store.ok_or_else(none)?.put(value).await
        };
        Ok(self
            .effect(("state", "put"), EffectClass::Idempotent, request, perform)
            .await?
            .map_err(Into::into))
    }
}

fn none() -> Failure {
    Failure::new(FailureKind::Refused, "this call has no state")
}

//! Time, recorded: a call that is run again sees the same time and does not sleep again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;
use slipway_plugin::{EffectClass, Failure, FailureKind, RecordError};

use crate::{bindings::imports::clock::Host, session::Session};

impl Host for Session {
    async fn now(&mut self) -> wasmtime::Result<u64> {
        let now = async {
            let since = SystemTime::now().duration_since(UNIX_EPOCH);
            since.map_err(|_| Failure::new(FailureKind::Failed, "the clock of this machine is before 1970"))
        };
        let millis = async {
            now.await
                .map(|since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
        };
        told(
            self.effect(("clock", "now"), EffectClass::Read, json!({}), millis)
                .await?,
        )
    }

    async fn sleep(&mut self, ms: u64) -> wasmtime::Result<()> {
        let sleep = async move {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            Ok(())
        };
        told(
            self.effect(("clock", "sleep"), EffectClass::Read, json!({ "ms": ms }), sleep)
                .await?,
        )
    }
}

/// The contract has no failure for a clock: without one the call cannot go on.
fn told<T>(told: Result<T, Failure>) -> wasmtime::Result<T> {
    told.map_err(|failure| RecordError::Journal(failure.to_string()).into())
}

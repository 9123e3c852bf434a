//! What the tests of the host share: guests written to measure, and a tape that records as the journal does.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "each test file uses its part"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod guest;
mod tape;

pub use guest::{Arg, Guest, pairs, section, text, texts};
pub use tape::Tape;

use std::sync::Arc;

use serde_json::{Value, json};
use slipway_host::{Host, Limits};
use slipway_plugin::{Call, EffectResult, Place, PluginError, Plugins, Target};

pub fn place() -> Place {
    Place {
        service: "shop".parse().unwrap(),
        environment: "prod".parse().unwrap(),
        settings: json!({}),
    }
}

pub async fn target(guest: &Guest, limits: Limits) -> Arc<dyn Target> {
    let mut host = Host::new(limits);
    host.add("guest", guest.module(), None).unwrap();
    host.target("guest").await.unwrap()
}

/// Runs the script of a guest once.
pub async fn run(guest: &Guest, call: Call) -> Result<(), PluginError> {
    run_within(guest, Limits::default(), call).await
}

pub async fn run_within(guest: &Guest, limits: Limits, call: Call) -> Result<(), PluginError> {
    target(guest, limits)
        .await
        .stop(call, place(), "shop-1".parse().unwrap())
        .await
}

/// What a guest was told by the only effect that it has.
pub async fn told(guest: &Guest, grant: impl FnOnce(Call) -> Call) -> EffectResult {
    let tape = Tape::new();
    run(guest, grant(Call::new(tape.clone()))).await.unwrap();
    let mut outcomes = tape.outcomes();
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    outcomes.remove(0)
}

/// The value, or the message of the failure.
pub fn plain(result: EffectResult) -> Result<Value, String> {
    result.map_err(|failure| failure.message)
}

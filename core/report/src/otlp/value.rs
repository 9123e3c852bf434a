//! Shapes that traces and metrics have in common.

use jiff::Timestamp;
use serde_json::{Value, json};
use slipway_model::{Digest, RunId};

/// What a span or a point is about.
pub(super) type Attributes = Vec<(&'static str, String)>;

pub(super) fn attributes<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let all = all.into_iter();
    all.map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } }))
        .collect()
}

/// Large numbers are texts in the JSON of protobuf.
pub(super) fn nanoseconds(at: Timestamp) -> String {
    at.as_nanosecond().max(0).to_string()
}

/// The same whenever and by whomever it is made.
pub(super) fn trace_id(run: &RunId) -> String {
    Digest::of(format!("run {run}")).hex()[..32].to_owned()
}

pub(super) fn span_id(run: &RunId, name: &str) -> String {
    Digest::of(format!("run {run} {name}")).hex()[..16].to_owned()
}

pub(super) fn scope() -> Value {
    json!({ "name": "slipway", "version": env!("CARGO_PKG_VERSION") })
}

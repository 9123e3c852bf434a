//! How far an object is, and what conditions say of it.

use serde_json::Value;
use slipway_kubernetes_api::{items, text};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    Current,
    /// And what it waits for.
    InProgress(String),
    /// It will not come about by itself.
    Failed(String),
    /// It is being removed.
    Leaving,
}

impl Standing {
    pub(crate) fn waits(why: impl Into<String>) -> Self {
        Self::InProgress(why.into())
    }
}

/// The status of a condition, and why.
pub(super) fn condition<'a>(live: &'a Value, kind: &str) -> Option<(&'a str, String)> {
    let found = items(live, "/status/conditions").find(|condition| text(condition, "/type") == kind)?;
    Some((text(found, "/status"), reason(found)))
}

pub(super) fn reason(condition: &Value) -> String {
    match (text(condition, "/reason"), text(condition, "/message")) {
        ("", "") => "no reason is given".to_owned(),
        (reason, "") => reason.to_owned(),
        ("", message) => message.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}

//! How far the log of an instance has been read: what `logs` is called with again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_sdk::Failure;

/// By container, as `namespace/pod/container/restarts`: each start of a container has a log of its own.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Cursor(pub(crate) BTreeMap<String, Mark>);

#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    /// The time of the last line, as the cluster wrote it.
    #[serde(rename = "t")]
    pub(crate) time: String,
    /// How many lines of exactly that time have been read.
    #[serde(rename = "n")]
    pub(crate) lines: usize,
    /// It has ended and was read to its end.
    #[serde(rename = "d", default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) done: bool,
}

impl Cursor {
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(text).map_err(|error| {
            Failure::invalid(format!("`{text}` is no place in a log of this target: {error}"))
        })
    }

    pub(crate) fn mark(&self, key: &str) -> Mark {
        self.0.get(key).cloned().unwrap_or_default()
    }

    pub(crate) fn print(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

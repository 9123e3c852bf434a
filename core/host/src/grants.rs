//! Which capabilities a plugin may import at all. What a call then finds behind a capability (which folders, which
//! endpoints) is said by the call.

use std::collections::BTreeSet;

use slipway_plugin::{Failure, FailureKind, Kind};

/// Names of capabilities. What is not in here is not linked: a plugin that imports it cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grants(BTreeSet<String>);

/// In the order of the contract.
pub(crate) const CAPABILITIES: [&str; 10] = [
    "log", "progress", "files", "blobs", "http", "exec", "registry", "clock", "state", "lookup",
];

/// A format is to be reproducible: nothing that differs from day to day, but for what people let it look up.
const REPRODUCIBLE: [&str; 6] = ["log", "progress", "files", "blobs", "registry", "lookup"];

/// A check reads, and only what the operator lets it reach.
const READING: [&str; 4] = ["log", "progress", "http", "clock"];

impl Grants {
    /// What a plugin of this kind is granted when nobody says otherwise.
    pub fn for_kind(kind: Kind) -> Self {
        match kind {
            Kind::Format => Self::only(REPRODUCIBLE),
            Kind::Target | Kind::Router => Self::only(CAPABILITIES),
            Kind::Check => Self::only(READING),
        }
    }

    pub fn only<'a>(capabilities: impl IntoIterator<Item = &'a str>) -> Self {
        Self(capabilities.into_iter().map(str::to_owned).collect())
    }

    pub fn allow(&self, capability: &str) -> bool {
        self.0.contains(capability)
    }
}

/// What a call was not granted, and what it was.
pub(crate) fn not_granted<'a>(what: &str, name: &str, granted: impl Iterator<Item = &'a String>) -> Failure {
    let granted: Vec<&str> = granted.map(String::as_str).collect();
    let failure = Failure::new(
        FailureKind::Refused,
        format!("no {what} `{}` is granted", name.escape_debug()),
    );
    if granted.is_empty() {
        failure
    } else {
        failure.hint(format!("granted: {}", granted.join(", ")))
    }
}

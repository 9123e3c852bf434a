//! What is deployed in an environment, and what was cut over there.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{Digest, InstanceName, RunId};

/// Grows with every change of a document; 0 is "not there yet". What a change is compared with.
pub type Generation = u64;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvironmentState {
    /// What users are on.
    #[serde(default)]
    pub current: Option<Deployed>,
    /// What was deployed beside it and is not cut over yet.
    #[serde(default)]
    pub candidate: Option<Deployed>,
    /// What can be gone back to, the latest first.
    #[serde(default)]
    pub previous: Vec<Deployed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployed {
    pub revision: Digest,
    pub package: Digest,
    pub version: String,
    pub instances: Vec<InstanceName>,
    pub run: RunId,
    pub at: Timestamp,
}

/// A package of which all users of an environment were put on a revision: what `after = "stage"` asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cutover {
    pub package: Digest,
    pub revision: Digest,
    pub version: String,
    pub run: RunId,
    pub at: Timestamp,
}

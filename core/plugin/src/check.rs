//! What a check can be asked. The documentation of its verb is that of the contract, `sdk/wit`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::{Digest, EnvironmentName, InstanceName, ServiceName};

use crate::{Call, Need, PluginError, Port};

#[async_trait::async_trait]
pub trait Check: Send + Sync {
    fn describe(&self) -> &CheckDescription;
    /// Whatever the call's recorder would let happen, nothing but reading does.
    async fn check(&self, call: Call, settings: Value, subject: Subject) -> Result<Finding, PluginError>;
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckDescription {
    pub name: String,
    pub version: String,
    pub summary: String,
    pub settings_schema: Value,
    pub needs: Vec<Need>,
}

/// What is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub service: ServiceName,
    pub environment: EnvironmentName,
    pub revision: Digest,
    /// The revision that users are on, where it is another.
    pub stable: Option<Digest>,
    pub instances: Vec<Seen>,
}

/// An instance of what is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub name: InstanceName,
    pub ports: Vec<Port>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Finding {
    pub outcome: FindingOutcome,
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<f64>,
    /// Events out of all; there are no values then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tallies: Vec<(u64, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingOutcome {
    Passed,
    Failed,
    /// There is nothing to say, which is no pass.
    Inconclusive,
}

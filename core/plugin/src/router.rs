//! What a router can be asked. The documentation of each verb is that of the contract, `sdk/wit`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::{Baseline, Digest, InstanceName};

use crate::{Call, LogChunk, Need, Place, PluginError};

#[async_trait::async_trait]
pub trait Router: Send + Sync {
    fn describe(&self) -> &RouterDescription;
    async fn abilities(&self, place: Place) -> Result<RouterAbilities, PluginError>;
    async fn port(&self, call: Call, place: Place) -> Result<String, PluginError>;
    async fn observe(&self, call: Call, place: Place) -> Result<ObservedRoute, PluginError>;
    async fn route(&self, call: Call, place: Place, routing: Routing) -> Result<(), PluginError>;
    async fn drain(&self, call: Call, place: Place, instance: InstanceName) -> Result<u64, PluginError>;
    async fn logs(&self, call: Call, place: Place, cursor: String) -> Result<LogChunk, PluginError>;
    async fn metrics(&self, call: Call, place: Place) -> Result<String, PluginError>;
    async fn remove(&self, call: Call, place: Place) -> Result<(), PluginError>;
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RouterDescription {
    pub name: String,
    pub version: String,
    pub summary: String,
    pub settings_schema: Value,
    pub needs: Vec<Need>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouterAbilities {
    pub weights: bool,
    pub preview: bool,
    #[serde(default)]
    pub baseline: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backend {
    pub instance: InstanceName,
    pub address: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub revision: Digest,
    pub weight: u32,
    pub backends: Vec<Backend>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    pub shares: Vec<Share>,
    pub preview: Option<Digest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    pub revision: Digest,
    pub instance: InstanceName,
    pub weight: u32,
    pub in_flight: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedRoute {
    pub address: Option<String>,
    pub preview_address: Option<String>,
    pub flows: Vec<Flow>,
}

//! What a target can be asked. The documentation of each verb is that of the contract, `sdk/wit`.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::{Digest, EnvironmentName, InstanceName, ServiceName};

use crate::{Call, Need, PluginError};

#[async_trait::async_trait]
pub trait Target: Send + Sync {
    fn describe(&self) -> &TargetDescription;
    async fn abilities(&self, place: Place) -> Result<TargetAbilities, PluginError>;
    async fn observe(&self, call: Call, place: Place) -> Result<Vec<Instance>, PluginError>;
    async fn plan(
        &self,
        call: Call,
        place: Place,
        desired: Vec<InstanceSpec>,
    ) -> Result<Vec<Change>, PluginError>;
    async fn claim(
        &self,
        call: Call,
        place: Place,
        by: String,
        seconds: u32,
    ) -> Result<Option<Claim>, PluginError>;
    async fn guard(&self, call: Call, place: Place, seconds: u32) -> Result<Option<String>, PluginError>;
    async fn start(&self, call: Call, place: Place, instance: InstanceSpec) -> Result<(), PluginError>;
    async fn adopt(
        &self,
        call: Call,
        place: Place,
        instance: InstanceSpec,
        changes: bool,
    ) -> Result<Vec<Change>, PluginError>;
    async fn probe(
        &self,
        call: Call,
        place: Place,
        name: InstanceName,
        since: String,
        wait: Duration,
    ) -> Result<Option<Probed>, PluginError>;
    async fn hold(&self, call: Call, place: Place, name: InstanceName, on: bool) -> Result<(), PluginError>;
    async fn stop(&self, call: Call, place: Place, name: InstanceName) -> Result<(), PluginError>;
    async fn logs(
        &self,
        call: Call,
        place: Place,
        name: InstanceName,
        cursor: String,
    ) -> Result<LogChunk, PluginError>;
    async fn cleanup(&self, call: Call, place: Place, revision: Digest) -> Result<(), PluginError>;
    async fn execute(
        &self,
        call: Call,
        place: Place,
        task: Task,
        begun: bool,
        wait: Duration,
    ) -> Result<Option<Ended>, PluginError>;
    async fn dismiss(&self, call: Call, place: Place, task: Task) -> Result<(), PluginError>;
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetDescription {
    pub name: String,
    pub version: String,
    pub summary: String,
    pub settings_schema: Value,
    pub workloads: Vec<String>,
    pub needs: Vec<Need>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetAbilities {
    pub side_by_side: bool,
    pub in_place: bool,
    #[serde(default)]
    pub hold: bool,
    #[serde(default)]
    pub guard: bool,
    #[serde(default)]
    pub execute: bool,
}

/// One service in one environment, with the settings of the plugin that is called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub service: ServiceName,
    pub environment: EnvironmentName,
    pub settings: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceSpec {
    pub name: InstanceName,
    pub revision: Digest,
    pub artifact: String,
    pub blob: Digest,
    pub workload: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub back: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceState {
    Starting,
    /// It takes the place of another step by step, and the step that was begun stands well.
    Partial,
    Healthy,
    Unhealthy,
    Failed,
    Stopping,
    Stopped,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    pub name: InstanceName,
    pub revision: Digest,
    pub state: InstanceState,
    pub ports: Vec<Port>,
    pub since: Option<u64>,
    pub restarts: u32,
    pub detail: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    pub name: String,
    pub address: String,
}

/// An instance as it was seen; none if it is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probed {
    pub instance: Option<Instance>,
    /// From where a change of it can be waited for; empty where a target cannot wait.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub next: String,
}

/// A program that runs once with what an instance of a revision has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub name: InstanceName,
    pub revision: Digest,
    pub artifact: String,
    pub blob: Digest,
    pub workload: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub part: String,
    pub run: Vec<String>,
    pub variables: BTreeMap<String, String>,
    pub timeout: slipway_model::Duration,
}

/// How a task has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// None if it did not end by itself, or nobody saw how.
    pub code: Option<i32>,
    /// Why there is no code.
    pub why: String,
    /// The end of what it said.
    pub said: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    Create,
    Keep,
    Replace,
    Remove,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub kind: ChangeKind,
    pub subject: String,
    pub detail: String,
    /// What was seen of the subject, such as its version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seen: String,
}

/// Who has claimed a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The caller has it.
    pub ours: bool,
    pub by: String,
    /// Milliseconds since 1970.
    pub since: Option<u64>,
    /// Another one whenever somebody else has had it in between.
    pub token: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogChunk {
    #[serde(with = "crate::bytes")]
    pub content: Vec<u8>,
    pub next: String,
    pub end: bool,
}

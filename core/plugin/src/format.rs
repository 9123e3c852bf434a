//! What a format can be asked. The documentation of each verb is that of the contract, `sdk/wit`.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::Digest;

use crate::{Call, PluginError};

#[async_trait::async_trait]
pub trait Format: Send + Sync {
    fn describe(&self) -> &FormatDescription;
    async fn inspect(
        &self,
        call: Call,
        artifact: Artifact,
        brought: Vec<Resolved>,
    ) -> Result<Inspection, PluginError>;
    async fn assemble(&self, call: Call, artifact: Artifact, facts: Value) -> Result<Vec<File>, PluginError>;
    async fn render(&self, call: Call, input: RenderInput) -> Result<Rendered, PluginError>;
    async fn show(&self, call: Call, input: RenderInput) -> Result<Vec<u8>, PluginError>;
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormatDescription {
    pub name: String,
    pub version: String,
    pub summary: String,
    pub settings_schema: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    pub name: String,
    pub blob: Digest,
    pub size: u64,
    pub settings: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    pub summary: String,
    pub facts: Value,
    pub dependencies: Vec<Dependency>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DependencyKind {
    Image,
    File,
    Index,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    pub kind: DependencyKind,
    pub reference: String,
    pub place: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    pub reference: String,
    pub digest: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub path: String,
    #[serde(with = "crate::bytes")]
    pub content: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RenderInput {
    pub service: String,
    pub environment: String,
    pub artifact: Artifact,
    pub facts: Value,
    pub settings: Value,
    pub config: Vec<String>,
    pub resolved: Vec<Resolved>,
    pub target: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub file: String,
    pub pointer: String,
    pub setting: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workload {
    pub kind: String,
    pub file: String,
    pub instances: u32,
    pub ports: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rendered {
    pub files: Vec<File>,
    pub workload: Option<Workload>,
    pub origins: Vec<Origin>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

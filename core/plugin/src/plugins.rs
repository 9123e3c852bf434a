//! The plugins that there are, by kind and name.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::Digest;

use crate::{Check, Format, PluginError, Router, Target};

#[async_trait::async_trait]
pub trait Plugins: Send + Sync {
    async fn format(&self, name: &str) -> Result<Arc<dyn Format>, PluginError>;
    async fn target(&self, name: &str) -> Result<Arc<dyn Target>, PluginError>;
    async fn router(&self, name: &str) -> Result<Arc<dyn Router>, PluginError>;
    async fn check(&self, name: &str) -> Result<Arc<dyn Check>, PluginError>;
    /// All of them, without running any.
    fn list(&self) -> Vec<PluginInfo>;
    /// The JSON Schema of a plugin's settings.
    async fn settings_schema(&self, kind: Kind, name: &str) -> Result<Value, PluginError>;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Format,
    Target,
    Router,
    Check,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginInfo {
    pub kind: Kind,
    pub name: String,
    /// Of the component's bytes.
    pub digest: Digest,
    /// The version of the contract that it was built for.
    pub contract: String,
    /// The capabilities that it imports.
    pub imports: Vec<String>,
    pub profile: Profile,
    pub size: u64,
}

/// What is there for a plugin besides its capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// Nothing.
    Strict,
    /// As much of WASI as an interpreter needs to start, with nothing behind it.
    Script,
    /// A process of its own, confined by the operating system: it is a native library.
    Native,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Target => "target",
            Self::Router => "router",
            Self::Check => "check",
        }
    }
}

//! Functional tests: what is asked of a revision, and which answer is a pass.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_model::Duration;

use super::Binding;
use crate::Pattern;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Check {
    pub name: String,
    pub probe: Probe,
    /// Of one attempt.
    pub timeout: Duration,
    /// Attempts after the first, before it has failed.
    pub retries: u32,
    /// Between attempts, and between repetitions during a soak.
    pub interval: Duration,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Probe {
    Http(Box<HttpProbe>),
    Tcp {
        port: Port,
    },
    Command {
        /// Program and arguments; no shell.
        run: Vec<String>,
        #[serde(rename = "where")]
        runner: Runner,
    },
    /// Asked once for all instances.
    Plugin(Binding),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct HttpProbe {
    pub path: String,
    pub port: Port,
    /// Upper case.
    pub method: String,
    pub headers: IndexMap<String, String>,
    /// Any of these is a pass.
    pub status: Vec<u16>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub body: Option<BodyMatch>,
    /// All of these must hold.
    pub json: Vec<JsonExpectation>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_latency: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BodyMatch {
    Contains(String),
    Regex(Pattern),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct JsonExpectation {
    /// RFC 6901; empty is the whole document.
    pub pointer: String,
    pub equals: Value,
}

/// A port by the name that the artifact gives it, or by number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Port {
    Number(u16),
    Named(String),
}

/// Where a command check runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runner {
    /// The machine on which Slipway runs.
    Operator,
}

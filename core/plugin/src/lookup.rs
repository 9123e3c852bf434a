//! Looking something up in the cluster of an environment, for a format.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Failure;

/// One object; without a name all of its kind, and without a namespace those of all namespaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Wanted {
    pub api_version: String,
    pub kind: String,
    pub namespace: String,
    pub name: String,
}

/// What a cluster is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Such as `v1.35.4`.
    pub version: String,
    /// Versions of APIs and kinds of them, such as `apps/v1` and `apps/v1/Deployment`; sorted.
    pub apis: Vec<String>,
}

#[async_trait::async_trait]
pub trait Lookup: Send + Sync {
    /// None where there is no such object.
    async fn find(&self, wanted: &Wanted) -> Result<Option<Value>, Failure>;

    async fn capabilities(&self) -> Result<Capabilities, Failure>;
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            api_version,
            kind,
            namespace,
            name,
        } = self;
        match (name.as_str(), namespace.as_str()) {
            ("", "") => write!(f, "every {kind} ({api_version})"),
            ("", namespace) => write!(f, "every {kind} ({api_version}) of {namespace}"),
            (name, "") => write!(f, "{kind} ({api_version}) {name}"),
            (name, namespace) => write!(f, "{kind} ({api_version}) {namespace}/{name}"),
        }
    }
}

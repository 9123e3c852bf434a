//! One place to roll out to: its target, its values, its strategy.

use serde::{Deserialize, Serialize};
use slipway_model::EnvironmentName;

use super::{Settings, Strategy};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Environment {
    /// Only what was cut over in all of these may go here.
    pub after: Vec<EnvironmentName>,
    /// Flattened: each overlay once, after all that it comes after; a later one wins.
    pub overlays: Vec<String>,
    /// Values that outrank every overlay's. Their types are checked already.
    pub values: Settings,
    pub strategy: Strategy,
    pub target: Binding,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub router: Option<Binding>,
    /// How many revisions stay available for `slipway rollback`.
    pub keep: u32,
    /// Whether a person must approve before a run changes this environment.
    pub approve: bool,
}

/// A plugin and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Binding {
    pub plugin: String,
    pub settings: Settings,
}

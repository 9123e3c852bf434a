//! One place to roll out to: its target, its values, its strategy.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use slipway_model::EnvironmentName;

use super::{Amount, Freeze, Settings, Strategy, Window};

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
    /// What images are pulled from here, where it is not the address of the deployment registry.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pull_from: Option<String>,
    /// How many revisions stay available for `slipway rollback`.
    pub keep: u32,
    /// Whether a person must approve before a run changes this environment.
    pub approve: bool,
    /// When a run may begin to change this environment. Without any, at any time.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub windows: Vec<Window>,
    /// When none may, whatever the windows say.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub freezes: Vec<Freeze>,
    /// The environment of the manifest that it is a cluster of, and the cluster.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cluster: Option<(EnvironmentName, String)>,
    /// What is decided here for dependencies that are packages; those that are not named here get the defaults.
    #[serde(skip_serializing_if = "IndexMap::is_empty", default)]
    pub dependencies: IndexMap<String, Placement>,
}

/// An environment of several clusters, each of which is an environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Clusters {
    pub environments: Vec<EnvironmentName>,
    /// Sizes of the batches one after another; the last one repeats.
    pub batch: Vec<Amount>,
    /// How many may fail before no more are begun.
    pub max_failures: u32,
}

impl Clusters {
    /// Which go beside each other, batch after batch.
    pub fn batches(&self) -> Vec<&[EnvironmentName]> {
        let (mut batches, mut left) = (Vec::new(), self.environments.as_slice());
        let mut sizes = Amount::batches(&self.batch, left.len());
        while !left.is_empty() {
            let (batch, rest) = left.split_at(sizes.next().unwrap_or(1).min(left.len()));
            batches.push(batch);
            left = rest;
        }
        batches
    }
}

/// How a package that the service depends on is deployed in one environment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Placement {
    /// Values of the package's parameters, which only the package knows.
    pub values: Settings,
    pub strategy: Strategy,
    /// Without one it runs where the service itself runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<Binding>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub router: Option<Binding>,
}

/// A plugin and its settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Binding {
    pub plugin: String,
    pub settings: Settings,
}

//! The manifest itself and the parts that release works on: service, artifacts, configuration, plugins.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use slipway_model::{Digest, EnvironmentName, ServiceName};

use super::{Clusters, Dependency, Environment, Glob, Registry, Settings, Source};
use crate::Parameter;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// The path that diagnostics name. It differs from machine to machine, so it is no part of what is kept.
    #[serde(skip)]
    pub file: PathBuf,
    pub service: Service,
    /// Always has `deploy`.
    pub registries: IndexMap<String, Registry>,
    pub artifacts: IndexMap<String, Artifact>,
    pub dependencies: IndexMap<String, Dependency>,
    pub parameters: IndexMap<String, Parameter>,
    pub config: Config,
    /// Every overlay, each after those that it comes after.
    pub overlays: Vec<String>,
    /// In the order in which they may be rolled out: each after those that it waits for.
    pub environments: IndexMap<EnvironmentName, Environment>,
    /// Those of several clusters, which stand among the environments.
    #[serde(skip_serializing_if = "IndexMap::is_empty", default)]
    pub clusters: IndexMap<EnvironmentName, Clusters>,
    pub plugins: IndexMap<String, Plugin>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Service {
    pub name: ServiceName,
    /// `--version` on the command line wins over it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// The dependencies that are released together with it, by their names.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub together: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Artifact {
    /// The plugin that knows the format.
    pub format: String,
    pub from: Source,
    /// Of an index only these, as `os/architecture[/variant]`; empty is all of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub platforms: Vec<String>,
    /// The format plugin's own keys, as written: templates are not expanded yet.
    pub settings: Settings,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// Relative to the folder of deploy.toml, with `/`.
    pub folder: String,
    /// Which files are templates; nothing written means every text file.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub templates: Option<Vec<Glob>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Plugin {
    pub from: Source,
    /// When written, the plugin's bytes must have it; otherwise the first digest found is locked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<Digest>,
    pub grants: Grants,
}

/// What a plugin may use, by the names that the operator gave: endpoints, hosts, folders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Grants {
    pub http: Vec<String>,
    pub exec: Vec<String>,
    pub files: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cluster: bool,
}

impl Manifest {
    /// The environment of this name, or the clusters that it is made of. Nothing, if there is none.
    pub fn environments_of(&self, name: &EnvironmentName) -> Vec<&EnvironmentName> {
        match self.clusters.get(name) {
            Some(clusters) => clusters.environments.iter().collect(),
            None => self
                .environments
                .get_key_value(name)
                .map(|(name, _)| name)
                .into_iter()
                .collect(),
        }
    }
}

impl Config {
    /// Whether the file at this path (relative to `folder`) is expanded. `text` says whether its bytes are text.
    pub fn is_template(&self, path: &str, text: bool) -> bool {
        match &self.templates {
            None => text,
            Some(globs) => globs.iter().any(|glob| glob.matches(path)),
        }
    }
}

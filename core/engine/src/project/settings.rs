//! The settings of formats, targets, routers and checks, against what the plugins say of theirs.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use slipway_manifest::{PluginKind, SettingsSchema};
use slipway_model::Diagnostic;
use slipway_plugin::{Kind, PluginError, Plugins};

use super::Project;

/// Checks any number of projects that use the same plugins. Each plugin is asked for its schema once.
pub struct SettingsCheck {
    plugins: Arc<dyn Plugins>,
    schemas: BTreeMap<(Kind, String), SettingsSchema>,
}

impl SettingsCheck {
    pub fn new(plugins: Arc<dyn Plugins>) -> Self {
        Self {
            plugins,
            schemas: BTreeMap::new(),
        }
    }

    pub async fn check(&mut self, project: &Project) -> Result<Vec<Diagnostic>, PluginError> {
        let mut diagnostics = Vec::new();
        for (kind, name) in used(project) {
            let schema = match self.schemas.entry((kind, name.to_owned())) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => {
                    let schema = self.plugins.settings_schema(kind, name).await?;
                    unknown.insert(SettingsSchema::new(in_manifests(kind), name, schema))
                }
            };
            diagnostics.extend(schema.check(&project.manifest));
        }
        Ok(diagnostics)
    }
}

fn used(project: &Project) -> BTreeSet<(Kind, &str)> {
    let artifacts = project.manifest.artifacts.values();
    let mut used: BTreeSet<_> = artifacts
        .map(|artifact| (Kind::Format, artifact.format.as_str()))
        .collect();
    for environment in project.manifest.environments.values() {
        used.insert((Kind::Target, &environment.target.plugin));
        let router = environment.router.iter();
        used.extend(router.map(|router| (Kind::Router, router.plugin.as_str())));
        let asked = environment.strategy.asked();
        used.extend(asked.map(|asked| (Kind::Check, asked.plugin.as_str())));
    }
    used
}

fn in_manifests(kind: Kind) -> PluginKind {
    match kind {
        Kind::Format => PluginKind::Format,
        Kind::Target => PluginKind::Target,
        Kind::Router => PluginKind::Router,
        Kind::Check => PluginKind::Check,
    }
}

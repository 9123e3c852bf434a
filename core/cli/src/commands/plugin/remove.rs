//! `slipway plugin remove`.

use clap::Args;
use serde_json::json;
use slipway_engine::{Workspace, lock::Lock};
use slipway_manifest::Manifest;

use super::{grant::named, manifest::Text};
use crate::{commands::Done, context::Context, error::CommandError};

/// Take a plugin out of the manifest and out of the lock
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// As the manifest calls it
    name: String,
}

impl Remove {
    pub(super) fn run(self, context: &Context) -> Done {
        let name = self.name;
        let project = context.manifest()?;
        named(&project, &name)?;
        let uses = uses(&project.manifest, &name);
        if !uses.is_empty() {
            let text = format!("plugin `{name}` is used by {}", uses.join(", "));
            return Err(CommandError::failed(text).hint("let them use another one first"));
        }
        let mut text = Text::of(&project)?;
        text.remove(&name);
        text.write()?;
        let workspace = Workspace::new(&project.root);
        let mut lock = Lock::read(&workspace)?;
        if lock.plugins.remove(&name).is_some() {
            lock.write(&workspace)?;
        }
        context.ui.answer(&json!({ "removed": name }), || {
            format!("{name} is out of {}", project.file.display())
        });
        Ok(())
    }
}

fn uses(manifest: &Manifest, name: &str) -> Vec<String> {
    let artifacts = manifest
        .artifacts
        .iter()
        .filter(|(_, artifact)| artifact.format == name);
    let mut uses: Vec<_> = artifacts
        .map(|(artifact, _)| format!("artifact `{artifact}`"))
        .collect();
    for (environment, settings) in &manifest.environments {
        let router = settings.router.iter();
        let mut bound = std::iter::once(&settings.target)
            .chain(router)
            .chain(settings.strategy.asked());
        if bound.any(|binding| binding.plugin == name) {
            uses.push(format!("environment `{environment}`"));
        }
    }
    uses
}

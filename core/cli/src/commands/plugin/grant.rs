//! `slipway plugin grant`.

use clap::Args;
use serde_json::json;
use slipway_engine::{components::References, project::Project};
use slipway_manifest::Plugin;

use super::manifest::Text;
use crate::{
    commands::Done,
    context::Context,
    error::CommandError,
    plugins::{Grant, listed},
};

/// Grant a plugin of the manifest what it asks for, as the manifest uses it now
///
/// What a setting names is granted by that name: write the setting first. Addresses and credentials stay with the operator.
#[derive(Debug, Args)]
pub(crate) struct GrantAll {
    /// As the manifest calls it
    name: String,
}

impl GrantAll {
    pub(super) async fn run(self, context: &Context) -> Done {
        let name = self.name;
        let project = context.manifest()?;
        let plugin = named(&project, &name)?;
        let found = context
            .plugins
            .find(&project, (&name, plugin), References::default())
            .await?;
        let given = Grant::given(&plugin.grants);
        let mut more = Grant::wanted(&found.needs, &project.manifest, (found.info.kind, &name));
        more.retain(|grant| !given.contains(grant));
        if !more.is_empty() {
            let mut text = Text::of(&project)?;
            text.grant(&name, &more);
            text.write()?;
        }
        let words = |grants: &[Grant]| grants.iter().map(Grant::to_string).collect::<Vec<_>>();
        let document = json!({ "plugin": name, "granted": words(&more), "before": words(&given) });
        context.ui.answer(&document, || match more.is_empty() {
            true => format!("{name} is granted all that it asks for"),
            false => format!("{name} is granted {}", listed(&more)),
        });
        Ok(())
    }
}

/// That of a manifest.
pub(super) fn named<'a>(project: &'a Project, name: &str) -> Result<&'a Plugin, CommandError> {
    project.manifest.plugins.get(name).ok_or_else(|| {
        let known: Vec<_> = project.manifest.plugins.keys().map(String::as_str).collect();
        let text = format!("{} brings no plugin `{name}`", project.file.display());
        CommandError::usage(text).hint(match known.is_empty() {
            true => format!("`slipway plugin add {name} FROM` brings one"),
            false => format!("it brings {}", known.join(", ")),
        })
    })
}

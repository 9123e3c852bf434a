//! `slipway schema`.

use clap::Args;
use slipway_manifest::{PluginKind, json_schema_with};
use slipway_plugin::{Kind, Plugins};

use super::Done;
use crate::{context::Context, error::CommandError};

/// Print the JSON Schema of deploy.toml for editors, with the settings of all plugins
#[derive(Debug, Args)]
pub(crate) struct Schema {}

impl Schema {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let mut settings = Vec::new();
        let host = context.usable_plugins().await.host.clone();
        for info in host.list() {
            let kind = match info.kind {
                Kind::Format => PluginKind::Format,
                Kind::Target => PluginKind::Target,
                Kind::Router => PluginKind::Router,
                Kind::Check => PluginKind::Check,
            };
            let schema = host.settings_schema(info.kind, &info.name).await?;
            settings.push((kind, info.name, schema));
        }
        let schema = json_schema_with(
            settings
                .iter()
                .map(|(kind, name, schema)| (*kind, name.as_str(), schema)),
        );
        // The schema is JSON by itself: a version of ours has no place in it.
        let text = serde_json::to_string_pretty(&schema)
            .map_err(|error| CommandError::failed(format!("cannot write the schema: {error}")))?;
        context.ui.print(&text);
        Ok(())
    }
}

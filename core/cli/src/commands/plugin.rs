//! `slipway plugin`.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};
use slipway_host::Host;
use slipway_plugin::{Kind, PluginError, PluginInfo, Plugins};
use slipway_report::table;

use super::Done;
use crate::context::Context;

/// Look at the plugins that there are, also those that the manifest brings
#[derive(Debug, Args)]
pub(crate) struct Plugin {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List them: what each is for, which contract it speaks, what it may do, what can be set
    List,
}

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    info: PluginInfo,
    version: String,
    summary: String,
    settings: Value,
}

impl Plugin {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let What::List = self.what;
        let mut plugins = Vec::new();
        let host = context.usable_plugins().await;
        for info in host.list() {
            plugins.push(describe(&host, info).await?);
        }
        context.ui.answer(&json!({ "plugins": plugins }), || {
            let rows: Vec<_> = plugins.iter().map(row).collect();
            table(
                &[
                    "KIND", "NAME", "VERSION", "CONTRACT", "DIGEST", "IMPORTS", "SETTINGS",
                ],
                &rows,
            )
        });
        Ok(())
    }
}

async fn describe(host: &Host, info: PluginInfo) -> Result<Listed, PluginError> {
    let name = &info.name;
    let (version, summary, settings) = match info.kind {
        Kind::Format => {
            let plugin = host.format(name).await?;
            let described = plugin.describe();
            (
                described.version.clone(),
                described.summary.clone(),
                described.settings_schema.clone(),
            )
        }
        Kind::Target => {
            let plugin = host.target(name).await?;
            let described = plugin.describe();
            (
                described.version.clone(),
                described.summary.clone(),
                described.settings_schema.clone(),
            )
        }
        Kind::Router => {
            let plugin = host.router(name).await?;
            let described = plugin.describe();
            (
                described.version.clone(),
                described.summary.clone(),
                described.settings_schema.clone(),
            )
        }
    };
    Ok(Listed {
        info,
        version,
        summary,
        settings,
    })
}

fn row(plugin: &Listed) -> Vec<String> {
    let info = &plugin.info;
    let keys = plugin.settings["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str());
    let required: Vec<_> = plugin.settings["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let keys: Vec<_> = keys
        .map(|key| {
            if required.contains(&key) {
                format!("{key}*")
            } else {
                key.to_owned()
            }
        })
        .collect();
    vec![
        info.kind.name().to_owned(),
        info.name.clone(),
        plugin.version.clone(),
        info.contract.clone(),
        info.digest.short(),
        or_dash(info.imports.join(",")),
        or_dash(keys.join(",")),
    ]
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}

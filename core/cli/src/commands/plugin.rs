//! `slipway plugin`.

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};
use slipway_model::Digest;
use slipway_plugin::{Kind, PluginError, PluginInfo, Plugins};
use slipway_report::table;

use super::Done;
use crate::{
    context::Context,
    plugins::{OF_THE_CALL, Stock},
};

/// Look at the plugins that there are, also those that the manifest brings
#[derive(Debug, Args)]
pub(crate) struct Plugin {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List them: where each comes from, its digest, what it asks for, what it is granted, what can be set
    List,
}

#[derive(Serialize)]
struct Listed {
    kind: Kind,
    name: String,
    version: String,
    summary: String,
    /// As written in the manifest; absent for one that ships inside the program.
    from: Option<String>,
    /// Of the bytes as they were found: what `digest` in the manifest is about.
    digest: Digest,
    contract: String,
    size: u64,
    /// The capabilities that it imports.
    imports: Vec<String>,
    /// The things of the operator's that it asks for.
    needs: Vec<String>,
    granted: Vec<String>,
    settings: Value,
}

impl Plugin {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let What::List = self.what;
        let mut plugins = Vec::new();
        let stock = context.usable_plugins().await;
        for info in stock.host.list() {
            plugins.push(describe(&stock, info).await?);
        }
        context.ui.answer(&json!({ "plugins": plugins }), || {
            let rows: Vec<_> = plugins.iter().map(row).collect();
            table(
                &[
                    "KIND", "NAME", "VERSION", "CONTRACT", "FROM", "DIGEST", "IMPORTS", "ASKS FOR",
                    "GRANTED", "SETTINGS",
                ],
                &rows,
            )
        });
        Ok(())
    }
}

async fn describe(stock: &Stock, info: PluginInfo) -> Result<Listed, PluginError> {
    let (host, name) = (&stock.host, &info.name);
    let (version, summary, settings, needs) = match info.kind {
        Kind::Format => {
            let plugin = host.format(name).await?;
            let it = plugin.describe().clone();
            (it.version, it.summary, it.settings_schema, Vec::new())
        }
        Kind::Target => {
            let plugin = host.target(name).await?;
            let it = plugin.describe().clone();
            (it.version, it.summary, it.settings_schema, it.needs)
        }
        Kind::Router => {
            let plugin = host.router(name).await?;
            let it = plugin.describe().clone();
            (it.version, it.summary, it.settings_schema, it.needs)
        }
        Kind::Check => {
            let plugin = host.check(name).await?;
            let it = plugin.describe().clone();
            (it.version, it.summary, it.settings_schema, it.needs)
        }
    };
    // The files that a call is about are asked of nobody.
    let needs: Vec<_> = needs.into_iter().filter(|need| need != OF_THE_CALL).collect();
    let brought = stock
        .brought
        .get(name)
        .filter(|brought| brought.kind == info.kind);
    Ok(Listed {
        from: brought.map(|brought| brought.locked.from.clone()),
        digest: brought.map_or(info.digest, |brought| brought.locked.digest),
        granted: brought.map_or_else(|| needs.clone(), |brought| brought.granted.clone()),
        kind: info.kind,
        name: info.name,
        contract: info.contract,
        imports: info.imports,
        size: info.size,
        needs,
        version,
        summary,
        settings,
    })
}

fn row(plugin: &Listed) -> Vec<String> {
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
        plugin.kind.name().to_owned(),
        plugin.name.clone(),
        plugin.version.clone(),
        plugin.contract.clone(),
        plugin.from.clone().unwrap_or_else(|| "built in".to_owned()),
        plugin.digest.short(),
        or_dash(plugin.imports.join(", ")),
        or_dash(plugin.needs.join(", ")),
        or_dash(plugin.granted.join(", ")),
        or_dash(keys.join(", ")),
    ]
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}

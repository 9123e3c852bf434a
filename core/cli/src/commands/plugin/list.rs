//! `slipway plugin list`.

use clap::Args;
use serde_json::json;
use slipway_report::table;

use super::described::{Described, starred};
use crate::{commands::Done, context::Context, plugins::listed};

/// List them: where each comes from, its digest, what it asks for, what it is granted, what can be set
#[derive(Debug, Args)]
pub(crate) struct List {}

impl List {
    pub(super) async fn run(self, context: &Context) -> Done {
        let plugins = Described::all(&*context.usable_plugins().await).await?;
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

fn row(plugin: &Described) -> Vec<String> {
    let keys: Vec<_> = starred(&plugin.settings).map(|(name, _)| name).collect();
    vec![
        plugin.kind.name().to_owned(),
        plugin.name.clone(),
        plugin.version.clone(),
        plugin.contract.clone(),
        plugin.from.clone().unwrap_or_else(|| "built in".to_owned()),
        plugin.digest.short(),
        or_dash(listed(&plugin.imports)),
        or_dash(listed(&plugin.needs)),
        or_dash(listed(&plugin.granted)),
        or_dash(keys.join(", ")),
    ]
}

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}

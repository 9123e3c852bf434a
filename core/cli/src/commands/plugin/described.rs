//! What a plugin says of itself, and what is known of it.

use serde::Serialize;
use serde_json::Value;
use slipway_engine::lock::LockedPlugin;
use slipway_model::Digest;
use slipway_plugin::{Kind, Need, PluginError, PluginInfo, Plugins, Profile};

use crate::plugins::{Grant, Stock};

#[derive(Serialize)]
pub(super) struct Described {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) summary: String,
    /// As written in the manifest; absent for one that ships inside the program.
    pub(super) from: Option<String>,
    /// Of the bytes as they were found: what `digest` in the manifest is about.
    pub(super) digest: Digest,
    pub(super) contract: String,
    pub(super) profile: Profile,
    pub(super) size: u64,
    /// The capabilities that it imports.
    pub(super) imports: Vec<String>,
    /// The things of the operator's that it asks for.
    pub(super) needs: Vec<Need>,
    pub(super) granted: Vec<String>,
    /// The JSON Schema of its settings.
    pub(super) settings: Value,
    /// The kinds of workload that a target runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) workloads: Vec<String>,
}

impl Described {
    /// All that there are.
    pub(super) async fn all(stock: &Stock) -> Result<Vec<Self>, PluginError> {
        let mut all = Vec::new();
        for info in stock.host.list() {
            all.push(Self::of(stock, info).await?);
        }
        Ok(all)
    }

    /// Nothing of it has an effect.
    pub(super) async fn of(stock: &Stock, info: PluginInfo) -> Result<Self, PluginError> {
        let (host, name) = (&stock.host, &info.name);
        let mut workloads = Vec::new();
        let (version, summary, settings, needs) = match info.kind {
            Kind::Format => {
                let plugin = host.format(name).await?;
                let it = plugin.describe().clone();
                (it.version, it.summary, it.settings_schema, Vec::new())
            }
            Kind::Target => {
                let plugin = host.target(name).await?;
                let it = plugin.describe().clone();
                workloads = it.workloads;
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
        let needs: Vec<_> = needs.into_iter().filter(|need| !need.is_of_the_call()).collect();
        let brought = stock
            .brought
            .get(name)
            .filter(|brought| brought.kind == info.kind);
        Ok(Self {
            from: brought.map(|brought| brought.locked.from.clone()),
            digest: brought.map_or(info.digest, |brought| brought.locked.digest),
            granted: match brought {
                // One that ships inside is granted what it asks for.
                None => needs.iter().map(Need::to_string).collect(),
                Some(brought) => brought.granted.iter().map(Grant::to_string).collect(),
            },
            kind: info.kind,
            name: info.name,
            contract: info.contract,
            imports: info.imports,
            profile: info.profile,
            size: info.size,
            needs,
            version,
            summary,
            settings,
            workloads,
        })
    }
}

impl Described {
    /// As a manifest brings it, or shall.
    pub(super) fn brought(&mut self, locked: &LockedPlugin, granted: &[Grant]) {
        self.from = Some(locked.from.clone());
        self.digest = locked.digest;
        self.granted = granted.iter().map(Grant::to_string).collect();
    }
}

/// The settings at the top of a schema, by their names; those that are required with a star.
pub(super) fn starred(schema: &Value) -> impl Iterator<Item = (String, &Value)> {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(move |(key, setting)| {
        let star = if required.iter().any(|name| *name == key) {
            "*"
        } else {
            ""
        };
        (format!("{key}{star}"), setting)
    })
}

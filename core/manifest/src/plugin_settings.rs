//! A plugin's settings against the schema that the plugin gives.
//!
//! A string with a template in it, `{{ replicas }}`, stands for a value that is not known yet: it passes for any scalar.

use std::collections::BTreeSet;

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;

use crate::{Manifest, Settings, decode::Context, manifest::pointer};
use slipway_model::Diagnostic;

/// Which of a plugin's roles the settings are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluginKind {
    Format,
    Target,
    Router,
    Check,
}

/// What a plugin says of its settings, made ready once for any number of manifests.
#[derive(Debug)]
pub struct SettingsSchema {
    kind: PluginKind,
    plugin: String,
    schema: Value,
    /// Or why there can be none.
    validator: Result<Validator, String>,
}

impl SettingsSchema {
    pub fn new(kind: PluginKind, plugin: &str, schema: Value) -> Self {
        Self {
            kind,
            plugin: plugin.to_owned(),
            validator: jsonschema::validator_for(&schema).map_err(|error| error.to_string()),
            schema,
        }
    }

    /// What is wrong with every table of settings for this plugin, each at its place in deploy.toml.
    pub fn check(&self, manifest: &Manifest) -> Vec<Diagnostic> {
        let mut cx = Context::new(&manifest.file);
        let plugin = &self.plugin;
        let tables = tables(manifest, self.kind, plugin);
        let validator = match &self.validator {
            Ok(validator) => validator,
            Err(error) => {
                let place = tables
                    .first()
                    .and_then(|settings| settings.place(""))
                    .unwrap_or_default();
                let message = format!("the plugin `{plugin}` gives a schema that cannot be used: {error}");
                cx.error("invalid-setting", place.value, message, "for these settings");
                cx.help("the plugin is to blame: tell its author, or take another version");
                return cx.diagnostics;
            }
        };
        for settings in tables {
            let instance = Value::Object(settings.values.clone());
            for error in validator.iter_errors(&instance) {
                report(&error, settings, &self.schema, plugin, &mut cx);
            }
        }
        cx.diagnostics
            .sort_by_key(|diagnostic| diagnostic.labels.first().map(|label| label.span));
        cx.diagnostics
    }
}

fn tables<'m>(manifest: &'m Manifest, kind: PluginKind, plugin: &str) -> Vec<&'m Settings> {
    let environments = manifest.environments.values();
    match kind {
        PluginKind::Format => {
            let artifacts = manifest
                .artifacts
                .values()
                .filter(|artifact| artifact.format == plugin);
            artifacts.map(|artifact| &artifact.settings).collect()
        }
        PluginKind::Target => environments
            .map(|environment| &environment.target)
            .filter(|binding| binding.plugin == plugin)
            .map(|binding| &binding.settings)
            .collect(),
        PluginKind::Router => environments
            .filter_map(|environment| environment.router.as_ref())
            .filter(|binding| binding.plugin == plugin)
            .map(|binding| &binding.settings)
            .collect(),
        PluginKind::Check => {
            // Strategies share checks, and environments strategies.
            let mut places = BTreeSet::new();
            environments
                .flat_map(|environment| environment.strategy.asked())
                .filter(|binding| binding.plugin == plugin)
                .map(|binding| &binding.settings)
                .filter(|settings| places.insert(settings.place("").map(|place| place.value)))
                .collect()
        }
    }
}

fn report(
    error: &ValidationError<'_>,
    settings: &Settings,
    schema: &Value,
    plugin: &str,
    cx: &mut Context<'_>,
) {
    let path = error.instance_path().as_str();
    if error.instance().as_str().is_some_and(|text| text.contains("{{")) {
        return;
    }
    let place = settings.nearest_place(path).unwrap_or_default();
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = known_keys(schema, path);
            for key in unexpected {
                let place = settings.place(&pointer(path, key)).unwrap_or(place);
                let message = format!("the plugin `{plugin}` has no setting `{key}`");
                cx.error("invalid-setting", place.key, message, "nothing reads it");
                cx.suggest(key, known.iter().map(String::as_str), "settings here");
            }
        }
        ValidationErrorKind::Required { property } => {
            let property = property
                .as_str()
                .map_or_else(|| property.to_string(), str::to_owned);
            let message = format!("the plugin `{plugin}` needs the setting `{property}`");
            cx.error(
                "invalid-setting",
                place.value,
                message,
                format!("needs `{property}`"),
            );
        }
        _ => {
            let message = format!(
                "the plugin `{plugin}` refuses `{}`: {error}",
                path.trim_start_matches('/')
            );
            cx.error("invalid-setting", place.value, message, "not allowed");
        }
    }
}

/// The keys that the schema names for the object at this place, as far as it says so plainly.
fn known_keys(schema: &Value, path: &str) -> Vec<String> {
    let mut steps = path.split('/').skip(1);
    let object = steps.try_fold(schema, |schema, step| {
        schema
            .get("properties")
            .and_then(|keys| keys.get(step))
            .or_else(|| schema.get("items").or_else(|| schema.get("additionalProperties")))
    });
    let keys = object.and_then(|object| object.get("properties")?.as_object());
    keys.into_iter().flat_map(|keys| keys.keys().cloned()).collect()
}

//! `slipway render`.

use std::{fs, path::PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use slipway_engine::steps;
use slipway_plugin::{Kind, Plugins as _};

use super::{Done, running::assignment};
use crate::{context::Context, error::CommandError};

/// Print what a format alone makes of a file or folder, to be held against its own tools (`kustomize build`, `helm template`)
#[derive(Debug, Args)]
pub(crate) struct Render {
    /// The name of a format, such as `kubernetes` or `helm`
    #[arg(value_name = "FORMAT")]
    kind: String,
    /// What it is made of: a kustomization, a folder of manifests, a chart
    path: PathBuf,
    /// Values from a YAML file, for formats that take `values`; later files win
    #[arg(long = "values", short = 'f', value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One value, above those of files; the name may have dots
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// The setting `release` of the format
    #[arg(long, value_name = "NAME")]
    release: Option<String>,
    /// The setting `namespace` of the format
    #[arg(long, value_name = "NAMESPACE")]
    namespace: Option<String>,
    /// The setting `path` of the format: what is built of a folder, such as `overlays/prod`
    #[arg(long = "path", value_name = "PATH")]
    within: Option<String>,
    /// Any other setting of the format, as it would stand in deploy.toml
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    setting: Vec<(String, String)>,
}

impl Render {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let plugins = context.usable_plugins().await.host.clone();
        let schema = plugins.settings_schema(Kind::Format, &self.kind).await?;
        let settings = self.settings()?;
        let known = schema["properties"].as_object();
        let unknown = settings
            .keys()
            .find(|name| known.is_none_or(|known| !known.contains_key(*name)));
        if let Some(name) = unknown {
            let known: Vec<_> = known
                .into_iter()
                .flatten()
                .map(|(name, _)| name.as_str())
                .collect();
            let text = format!("the format {} has no setting `{name}`", self.kind);
            return Err(CommandError::usage(text).hint(format!("it has: {}", known.join(", "))));
        }
        let shown = steps::show(plugins.as_ref(), &self.kind, &self.path, Value::Object(settings)).await?;
        if context.ui.json() {
            let text = String::from_utf8_lossy(&shown).into_owned();
            context.ui.answer(&json!({ "rendered": text }), || text.clone());
        } else {
            context.ui.raw(&shown);
        }
        Ok(())
    }

    fn settings(&self) -> Result<Map<String, Value>, CommandError> {
        let mut settings = Map::new();
        for (name, text) in &self.setting {
            settings.insert(name.clone(), typed(text));
        }
        let named = [
            ("release", &self.release),
            ("namespace", &self.namespace),
            ("path", &self.within),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                settings.insert(name.to_owned(), Value::from(value.as_str()));
            }
        }
        let mut values = Value::Object(Map::new());
        for file in &self.files {
            let shown = file.display();
            let text = fs::read_to_string(file)
                .map_err(|error| CommandError::usage(format!("cannot read {shown}: {error}")))?;
            let read: Value = serde_saphyr::from_str(&text)
                .map_err(|error| CommandError::usage(format!("{shown} is no YAML: {error}")))?;
            merge(&mut values, read);
        }
        for (name, text) in &self.set {
            let nested = name
                .rsplit('.')
                .fold(typed(text), |value, part| json!({ part: value }));
            merge(&mut values, nested);
        }
        if values.as_object().is_some_and(|values| !values.is_empty()) {
            settings.insert("values".to_owned(), values);
        }
        Ok(settings)
    }
}

/// What is no number, truth or null is a text.
fn typed(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Bool(_) | Value::Number(_) | Value::Null)) => value,
        _ => Value::from(text),
    }
}

/// The later wins, key by key.
fn merge(into: &mut Value, later: Value) {
    match (into, later) {
        (Value::Object(into), Value::Object(later)) => {
            for (key, value) in later {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, later) => *into = later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_values_win_key_by_key() {
        let mut values = json!({ "a": { "b": 1, "c": [1] }, "d": "x" });
        merge(&mut values, json!({ "a": { "b": 2, "c": [2] } }));
        merge(&mut values, json!({ "d": null }));
        assert_eq!(values, json!({ "a": { "b": 2, "c": [2] }, "d": null }));
    }

    #[test]
    fn types() {
        for (text, expected) in [
            ("1", json!(1)),
            ("true", json!(true)),
            ("null", Value::Null),
            ("1.2.3", json!("1.2.3")),
            ("[1]", json!("[1]")),
            ("", json!("")),
        ] {
            assert_eq!(typed(text), expected, "{text}");
        }
    }
}

//! The JSON Schema of deploy.toml, as editors read it.

use serde_json::{Value, json};

use crate::{
    PluginKind,
    decode::{Decode, Definitions},
    written::Document,
};

/// Draft 2020-12. The tables that hold a plugin's settings are open.
pub fn json_schema() -> Value {
    let mut definitions = Definitions::default();
    let root = Document::schema(&mut definitions);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "deploy.toml",
        "$ref": root["$ref"],
        "$defs": definitions.0,
    })
}

/// The schema with the settings of these plugins in it: where the plugin is named, its settings are known.
pub fn json_schema_with<'p>(plugins: impl IntoIterator<Item = (PluginKind, &'p str, &'p Value)>) -> Value {
    let mut schema = json_schema();
    for (kind, name, settings) in plugins {
        let (part, key) = match kind {
            PluginKind::Format => ("Artifact", "format"),
            PluginKind::Target | PluginKind::Router => ("Binding", "plugin"),
            PluginKind::Check => ("CheckPlugin", "name"),
        };
        let part = &mut schema["$defs"][part];
        let mut settings = settings.clone();
        // Our own keys stand beside the plugin's, so its schema must not refuse them.
        let own = part["properties"]
            .as_object()
            .into_iter()
            .flat_map(|keys| keys.keys())
            .cloned()
            .collect::<Vec<_>>();
        if let Some(properties) = settings.get_mut("properties").and_then(Value::as_object_mut) {
            for key in own {
                properties.entry(key).or_insert(Value::Bool(true));
            }
        }
        let condition = json!({ "properties": { key: { "const": name } }, "required": [key] });
        let rule = json!({ "if": condition, "then": settings });
        match part.get_mut("allOf").and_then(Value::as_array_mut) {
            Some(rules) => rules.push(rule),
            None => part["allOf"] = json!([rule]),
        }
    }
    schema
}

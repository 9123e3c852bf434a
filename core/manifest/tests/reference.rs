//! The annotated reference holds every key, and nothing that is no key.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of any `#[test]`")]

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;
use slipway_manifest::{json_schema, parse};

const REFERENCE: &str = include_str!("../../../manifests/reference/deploy.toml");

#[test]
fn every_key_occurs() {
    let checked = parse(Path::new("deploy.toml"), REFERENCE);
    assert!(checked.diagnostics.is_empty(), "{:#?}", checked.diagnostics);

    let schema = json_schema();
    let document: toml::Value = toml::from_str(REFERENCE).unwrap();
    let mut seen = BTreeSet::new();
    walk(
        &serde_json::to_value(document).unwrap(),
        &schema,
        &schema,
        &mut seen,
    );

    let parts = schema["$defs"].as_object().unwrap();
    let keys = parts.iter().flat_map(|(part, schema)| {
        schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(move |key| format!("{part}.{key}"))
    });
    let missing = keys.filter(|key| !seen.contains(key)).collect::<Vec<_>>();
    assert!(missing.is_empty(), "the reference does not show {missing:?}");
}

/// Notes each key of each part of the schema that the value has.
fn walk(value: &Value, schema: &Value, root: &Value, seen: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let part = reference.rsplit('/').next().unwrap();
        let schema = &root["$defs"][part];
        for (key, value) in value.as_object().into_iter().flatten() {
            if let Some(property) = schema["properties"].get(key) {
                seen.insert(format!("{part}.{key}"));
                walk(value, property, root, seen);
            }
        }
        return;
    }
    for alternative in schema["anyOf"].as_array().into_iter().flatten() {
        walk(value, alternative, root, seen);
    }
    for value in value.as_array().into_iter().flatten() {
        walk(value, &schema["items"], root, seen);
    }
    if schema["additionalProperties"].is_object() {
        for value in value.as_object().into_iter().flat_map(|object| object.values()) {
            walk(value, &schema["additionalProperties"], root, seen);
        }
    }
}

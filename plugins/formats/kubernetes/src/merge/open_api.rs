//! The schema that a kustomization brings with `openapi.path`: what its definitions say about lists and namespaces.

use std::collections::HashMap;

use super::schema::{Field, Schema};
use crate::{
    model::Scopes,
    yaml::{Map, Node},
};

const KINDS: &str = "x-kubernetes-group-version-kind";

/// Adds what a document of OpenAPI 2 says.
pub(crate) fn add_open_api(root: &Node, schema: &mut Schema, scopes: &mut Scopes) {
    for entry in entries(root.get("definitions")) {
        add_definition(&entry.key, &entry.value, schema);
        for kind in entry.value.get(KINDS).and_then(Node::as_list).unwrap_or_default() {
            let (api_version, kind) = kind_of(kind);
            schema.add_kind(&api_version, &kind, &entry.key);
        }
    }
    for entry in entries(root.get("paths")) {
        if let Some(kind) = entry.value.at(&["get", KINDS]) {
            let (api_version, kind) = kind_of(kind);
            scopes.add(api_version, kind, entry.key.contains("namespaces/{namespace}"));
        }
    }
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = &crate::yaml::Entry> {
    node.and_then(Node::as_map)
        .into_iter()
        .flat_map(|map: &Map| map.entries.iter())
}

fn kind_of(node: &Node) -> (String, String) {
    let text = |key: &str| node.get(key).map_or("", Node::raw);
    let (group, version) = (text("group"), text("version"));
    let api_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    (api_version, text("kind").to_owned())
}

fn add_definition(name: &str, definition: &Node, schema: &mut Schema) {
    let mut fields = HashMap::new();
    for entry in entries(definition.get("properties")) {
        let field = field(&format!("{name}.{}", entry.key), &entry.value, schema);
        fields.insert(entry.key.clone(), field);
    }
    let others = definition
        .get("additionalProperties")
        .filter(|others| others.as_map().is_some())
        .map(|others| field(&format!("{name}.*"), others, schema));
    schema.add_type(name.to_owned(), fields, others);
}

fn field(name: &str, property: &Node, schema: &mut Schema) -> Field {
    if let Some(items) = property.get("items") {
        let strategy = property.get("x-kubernetes-patch-strategy").map_or("", Node::raw);
        let merged = strategy.split(',').any(|strategy| strategy == "merge");
        return Field {
            of: Some(type_of(name, items, schema)),
            merged_by: merged.then(|| keys(property)),
            // Nothing is looked for in a list that is replaced.
            map_of: !merged,
        };
    }
    Field {
        of: Some(type_of(name, property, schema)),
        merged_by: None,
        map_of: false,
    }
}

fn keys(property: &Node) -> Vec<String> {
    if let Some(keys) = property.get("x-kubernetes-list-map-keys").and_then(Node::as_list) {
        return keys.iter().map(|key| key.raw().to_owned()).collect();
    }
    let key = property.get("x-kubernetes-patch-merge-key").map(Node::raw);
    key.map(str::to_owned).into_iter().collect()
}

/// The name of the type of a value, which is added if it has none.
fn type_of(name: &str, property: &Node, schema: &mut Schema) -> String {
    let reference = property.get("$ref").map(Node::raw);
    if let Some(named) = reference.and_then(|reference| reference.strip_prefix("#/definitions/")) {
        return named.replace("~1", "/").replace("~0", "~");
    }
    add_definition(name, property, schema);
    name.to_owned()
}

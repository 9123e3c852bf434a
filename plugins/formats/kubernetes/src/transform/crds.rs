//! What the definitions of custom resources say about their fields: which name other resources, which hold labels,
//! annotations or the name of the resource itself.

use super::{
    config::{Config, NameReferences},
    field_spec::FieldSpec,
};
use crate::{
    model::Gvk,
    yaml::{Map, Node},
};

/// From a file of `crds`: definitions by their names, as published in OpenAPI.
pub(crate) fn references_of_definitions(root: &Node) -> Result<Config, String> {
    let definitions = root.as_map().ok_or("it is a map of definitions by their names")?;
    let mut config = Config::default();
    for entry in &definitions.entries {
        if entry.value.as_map().is_none() {
            return Err(format!(
                "`{}` is no definition: the file holds definitions of OpenAPI by their names, not a CustomResourceDefinition",
                entry.key
            ));
        }
        let Some(properties) = properties(&entry.value) else {
            continue;
        };
        let is_kind = ["kind", "apiVersion", "metadata"]
            .iter()
            .all(|key| properties.get(key).is_some());
        if is_kind {
            let kind = entry.key.rsplit('.').next().unwrap_or_default();
            let gvk = Gvk {
                kind: kind.to_owned(),
                ..Gvk::default()
            };
            add(definitions, &entry.key, &gvk, &mut Vec::new(), &mut config)?;
        }
    }
    config.sort();
    Ok(config)
}

fn properties(definition: &Node) -> Option<&Map> {
    let schema = definition.get("Schema").or_else(|| definition.get("schema"))?;
    schema.get("properties").and_then(Node::as_map)
}

fn add(
    definitions: &Map,
    name: &str,
    gvk: &Gvk,
    path: &mut Vec<String>,
    config: &mut Config,
) -> Result<(), String> {
    let Some(properties) = definitions.get(name).and_then(properties) else {
        return Ok(());
    };
    for entry in &properties.entries {
        path.push(entry.key.clone());
        let property = &entry.value;
        let text = |key: &str| property.get(key).filter(|value| !value.is_null()).map(Node::raw);
        let place = |path: &[String]| FieldSpec::new(gvk.clone(), &path.join("/"), false);
        for (key, list) in [
            ("x-kubernetes-annotation", &mut config.annotations),
            ("x-kubernetes-label-selector", &mut config.common_labels),
            ("x-kubernetes-identity", &mut config.name_prefix),
        ] {
            if text(key).is_some() {
                super::field_spec::merge(list, &[place(path)])?;
            }
        }
        if let (Some(version), Some(kind)) = (
            text("x-kubernetes-object-ref-api-version"),
            text("x-kubernetes-object-ref-kind"),
        ) {
            let key = text("x-kubernetes-object-ref-name-key").unwrap_or("name");
            let mut at = path.clone();
            at.push(key.to_owned());
            config.add_references(&NameReferences {
                gvk: Gvk {
                    group: String::new(),
                    version: version.to_owned(),
                    kind: kind.to_owned(),
                },
                referrers: vec![place(&at)],
            })?;
        }
        // Definitions that refer to each other lead nowhere after a while.
        if let Some(reference) = text("$ref").filter(|_| path.len() < 32) {
            add(definitions, reference, gvk, path, config)?;
        }
        path.pop();
    }
    Ok(())
}

//! ConfigMaps and Secrets that a kustomization generates, and what becomes of one that is there already.

use std::rc::Rc;

use base64::{Engine, prelude::BASE64_STANDARD};

use super::sources::{Pairs, pairs};
use crate::{
    files::Files,
    kustomization::{Generator, Kustomization},
    model::{Behavior, Resource, Set},
    problem::{Outcome, Problem},
    yaml::{Map, Node, Tag},
};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    ConfigMap,
    Secret,
}

/// Base64 is broken into lines of this many characters.
const LINE: usize = 70;

pub(crate) fn generate(
    files: &Files,
    folder: &str,
    kind: Kind,
    generator: &Generator,
    from: &Kustomization,
) -> Outcome<Resource> {
    if generator.name.is_empty() {
        return Err(Problem::new(&from.file, "it has no name")
            .at(generator.place)
            .key(format!("{}.name", generator.key))
            .into());
    }
    let mut pairs = pairs(files, folder, generator, from)?;
    pairs.sort();
    let kind_name = if kind == Kind::Secret {
        "Secret"
    } else {
        "ConfigMap"
    };
    let mut root = Map::default();
    root.put("apiVersion", Node::bare("v1"));
    root.put("kind", Node::bare(kind_name));
    let mut metadata = Map::default();
    metadata.put("name", Node::text(generator.name.as_str()));
    if !generator.namespace.is_empty() {
        metadata.put("namespace", Node::text(generator.namespace.as_str()));
    }
    for (field, texts) in [
        ("labels", &generator.options.labels),
        ("annotations", &generator.options.annotations),
    ] {
        if !texts.is_empty() {
            let texts = texts
                .iter()
                .map(|(key, text)| (key.clone(), Node::text(text.as_str())));
            metadata.put(field, Node::map(texts));
        }
    }
    root.put("metadata", crate::yaml::Body::Map(metadata).into());
    match kind {
        Kind::ConfigMap => config_map(&mut root, pairs),
        Kind::Secret => secret(&mut root, &generator.kind, pairs),
    }
    if generator.options.immutable {
        root.put("immutable", Node::scalar("true", Tag::Bool));
    }
    let mut resource = Resource::new(
        crate::yaml::Body::Map(root).into(),
        Rc::from(from.file.as_str()),
        false,
    );
    resource.root.place = generator.place;
    resource.hashed = !generator.options.disable_name_suffix_hash;
    resource.behavior = match generator.behavior.as_str() {
        "merge" => Behavior::Merge,
        "replace" => Behavior::Replace,
        _ => Behavior::Create,
    };
    resource.noted = true;
    Ok(resource)
}

fn config_map(root: &mut Map, pairs: Pairs) {
    for (key, value) in pairs {
        let (field, value) = match String::from_utf8(value) {
            Ok(text) => ("data", text),
            Err(bytes) => ("binaryData", base64(bytes.as_bytes())),
        };
        let data = root.get_or_put(field, Node::empty_map);
        if let Some(data) = data.as_map_mut() {
            data.put(&key, Node::text(value));
        }
    }
}

fn secret(root: &mut Map, kind: &str, pairs: Pairs) {
    let kind = if kind.is_empty() { "Opaque" } else { kind };
    root.put("type", Node::text(kind));
    let data = pairs
        .into_iter()
        .map(|(key, value)| (key, Node::text(base64(&value))));
    root.put("data", Node::map(data));
}

fn base64(bytes: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(bytes);
    if text.len() < LINE {
        return text;
    }
    let mut lines = String::with_capacity(text.len() + text.len() / LINE + 1);
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            lines.push('\n');
        }
        lines.push(c);
    }
    lines.push('\n');
    lines
}

/// Adds what was generated, or lets it change what is there, as it says.
pub(crate) fn absorb(
    set: &mut Set,
    mut new: Resource,
    generator: &Generator,
    from: &Kustomization,
) -> Outcome<()> {
    let id = new.id();
    let problem = |why: String, hint: &str| -> crate::problem::Problems {
        Problem::new(&from.file, why)
            .at(generator.place)
            .key(&generator.key)
            .hint(hint)
            .into()
    };
    let index = set.iter().enumerate();
    let found: Vec<usize> = index
        .filter(|(_, old)| old.all_ids().any(|other| other == id))
        .map(|(at, _)| at)
        .collect();
    let at = match (found.as_slice(), new.behavior) {
        ([], Behavior::Create) => return set.add(new),
        ([], _) => {
            return Err(problem(
                format!("there is no {id} to {}", generator.behavior),
                "set `behavior: create`, or use the name that it has in its own kustomization",
            ));
        }
        ([_], Behavior::Create) => {
            return Err(problem(
                format!("there is {id} already"),
                "set `behavior: merge` or `behavior: replace`",
            ));
        }
        ([at], _) => *at,
        _ => {
            return Err(problem(
                format!("several resources are or were {id}"),
                "give them names of their own",
            ));
        }
    };
    let merging = new.behavior == Behavior::Merge;
    let old = &mut set.list_mut()[at];
    take_over(&mut new, old);
    if merging {
        for field in ["data", "binaryData"] {
            merge_data(&mut new, old, field);
        }
        if let Some(origin) = old.annotation(super::origin::ORIGIN).map(str::to_owned) {
            new.set_annotation(super::origin::ORIGIN, &origin);
        }
    }
    *old = new;
    Ok(())
}

/// Who it is, and what is remembered about it, are the old one's.
fn take_over(new: &mut Resource, old: &Resource) {
    for field in ["labels", "annotations"] {
        let (mut texts, own) = if field == "labels" {
            (old.labels(), new.labels())
        } else {
            (old.annotations(), new.annotations())
        };
        texts.retain(|(key, _)| own.iter().all(|(other, _)| other != key));
        texts.extend(own);
        new.set_texts_in_metadata(field, texts);
    }
    new.set_name(old.name());
    new.set_namespace(old.namespace());
    new.hashed &= old.hashed;
    new.behavior = old.behavior;
    new.previous.clone_from(&old.previous);
    new.prefixes.clone_from(&old.prefixes);
    new.suffixes.clone_from(&old.suffixes);
    new.variables.clone_from(&old.variables);
    new.noted = true;
}

fn merge_data(new: &mut Resource, old: &Resource, field: &str) {
    let texts = |resource: &Resource| -> Vec<(String, String)> {
        let map = resource.root.get(field).and_then(Node::as_map);
        map.map_or_else(Vec::new, |map| {
            let texts = map.entries.iter().map(|entry| {
                let text = if entry.value.is_null() {
                    ""
                } else {
                    entry.value.raw()
                };
                (entry.key.clone(), text.to_owned())
            });
            texts.collect()
        })
    };
    let (mut all, own) = (texts(old), texts(new));
    all.retain(|(key, _)| own.iter().all(|(other, _)| other != key));
    all.extend(own);
    all.sort();
    let Some(root) = new.root.as_map_mut() else {
        return;
    };
    root.remove(field);
    if !all.is_empty() {
        let all = all.into_iter().map(|(key, text)| (key, Node::text(text)));
        root.put(field, Node::map(all));
    }
}

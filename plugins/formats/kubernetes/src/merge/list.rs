//! Lists whose items are merged: by the values of their keys, or by themselves if they are single values. Items of the
//! patch come first. Where items lack keys, kustomize has its own ways, and this follows them step by step.

use super::{
    directive::{self, Directive},
    schema::{Field, Schema},
    walk::{Merged, Pair, walk},
};
use crate::yaml::{Body, Node, Scalar, Tag};

pub(crate) fn merge_list(pair: Pair, field: &Field, schema: &Schema) -> Result<Merged, String> {
    let Pair { dest, patch, same } = pair;
    let Some(mut patch) = patch else {
        // Merged with nothing: only doubles go.
        return finish(dest, None, false, field, schema);
    };
    let with_itself = |patch: Node| {
        let merged = finish(Some(patch.clone()), Some(patch), true, field, schema)?;
        Ok(Merged::of(merged.node, true))
    };
    if dest.as_ref().is_none_or(Node::is_null) {
        return with_itself(patch);
    }
    if patch.is_null() {
        return Ok(Merged::nothing());
    }
    match directive::of_list(&mut patch)? {
        Directive::Delete => Ok(Merged::nothing()),
        Directive::Replace => with_itself(patch),
        Directive::Merge if same => with_itself(patch),
        Directive::Merge => finish(dest, Some(patch), false, field, schema),
    }
}

fn finish(
    base: Option<Node>,
    patch: Option<Node>,
    same: bool,
    field: &Field,
    schema: &Schema,
) -> Result<Merged, String> {
    let Some(Node {
        body: Body::List(base),
        place,
    }) = base
    else {
        return Ok(Merged::of(base, false));
    };
    let patch = match patch.map(|patch| patch.body) {
        Some(Body::List(items)) => items,
        _ => Vec::new(),
    };
    let keys = field.merged_by.clone().unwrap_or_default();
    let merged = if keys.is_empty() {
        let mut values: Vec<Vec<String>> = Vec::new();
        for item in patch.iter().chain(&base) {
            let value = vec![item.raw().to_owned()];
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let keys = [String::new()];
        merge_items(Lists { base, patch, same }, values, &keys, field, schema)?
    } else {
        let mut values: Vec<Vec<String>> = Vec::new();
        for item in patch.iter().chain(&base) {
            let value = keys.iter().map(|key| key_value(item, key)).collect();
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if keys.len() > 1 {
            complete(&mut values);
        }
        merge_items(Lists { base, patch, same }, values, &keys, field, schema)?
    };
    let node = Node {
        body: Body::List(merged),
        place,
    };
    Ok(Merged::of(Some(node), false))
}

fn key_value(item: &Node, key: &str) -> String {
    item.get(key)
        .filter(|value| !value.is_null_or_empty())
        .map_or_else(String::new, |value| value.raw().to_owned())
}

/// Items that agree in one key and lack another take the other's from each other.
fn complete(values: &mut [Vec<String>]) {
    for i in 0..values.len() {
        for j in 0..values.len() {
            if let Some(both) = agreed(&values[i], &values[j]) {
                values[i].clone_from(&both);
                values[j] = both;
            }
        }
    }
}

fn agreed(a: &[String], b: &[String]) -> Option<Vec<String>> {
    let mut common = false;
    let mut both = Vec::with_capacity(a.len());
    for (a, b) in a.iter().zip(b) {
        common |= a == b;
        if a != b && !a.is_empty() && !b.is_empty() {
            return None;
        }
        both.push(if a.is_empty() { b.clone() } else { a.clone() });
    }
    common.then_some(both)
}

/// The keys that any of the values has, with the values for them.
fn valid(all: &[Vec<String>], values: &[String], keys: &[String]) -> (Vec<String>, Vec<String>) {
    let used = |at: usize| {
        all.iter()
            .any(|values| values.get(at).is_some_and(|value| !value.is_empty()))
    };
    if !(0..keys.len()).any(used) {
        return (keys.to_vec(), values.to_vec());
    }
    let kept = (0..keys.len()).filter(|at| used(*at));
    let values_kept = (0..values.len()).filter(|at| !values[*at].is_empty() || used(*at));
    (
        kept.map(|at| keys[at].clone()).collect(),
        values_kept.map(|at| values[at].clone()).collect(),
    )
}

struct Lists {
    base: Vec<Node>,
    patch: Vec<Node>,
    /// The patch is merged with itself: both are one list.
    same: bool,
}

fn merge_items(
    lists: Lists,
    all: Vec<Vec<String>>,
    keys: &[String],
    field: &Field,
    schema: &Schema,
) -> Result<Vec<Node>, String> {
    let Lists {
        mut base,
        patch,
        same,
    } = lists;
    let mut items: Vec<Node> = Vec::new();
    let mut last_keys = Vec::new();
    for values in &all {
        let (keys, values) = valid(&all, values, keys);
        let (own_keys, own_values) = valid(std::slice::from_ref(&values), &values, &keys);
        let in_base = find(&base, &own_keys, &own_values);
        let in_patch = find(&patch, &own_keys, &own_values);
        let pair = Pair {
            dest: in_base.map(|at| base[at].clone()),
            patch: in_patch.map(|at| patch[at].clone()),
            same,
        };
        let merged = walk(pair, schema.items(field), schema)
            .map_err(|why| format!("item {}: {why}", own_values.join(" ")))?;
        last_keys.clone_from(&keys);
        let Some(mut node) = merged.node.filter(|node| !node.is_null() && !node.is_empty_map()) else {
            set_item(&mut base, None, &keys, &values)?;
            continue;
        };
        for (key, value) in keys.iter().zip(&values) {
            complete_item(&mut node, key, value);
        }
        if let Some(at) = in_base.filter(|_| same || !merged.from_patch) {
            base[at] = node.clone();
        }
        set_item(&mut items, Some(node), &keys, &values)?;
    }
    if all.is_empty() {
        return Ok(base);
    }
    append(items, base, &last_keys)
}

/// An item has its keys, also if they were only in what it was merged from.
fn complete_item(node: &mut Node, key: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    match &mut node.body {
        Body::Scalar(Scalar { text, tag, .. }) if key.is_empty() => {
            value.clone_into(text);
            *tag = Tag::None;
        }
        Body::Map(map) if map.get(key).is_none() => map.set(key, Node::bare(value)),
        _ => {}
    }
}

fn find(list: &[Node], keys: &[String], values: &[String]) -> Option<usize> {
    let (first_key, first_value) = (keys.first()?, values.first()?);
    if first_key.is_empty() {
        return list.iter().position(|item| item.raw() == first_value);
    }
    if keys.len() != values.len() {
        return None;
    }
    list.iter().position(|item| {
        keys.iter()
            .zip(values)
            .all(|(key, value)| item.get(key).is_some_and(|found| found.raw() == value))
    })
}

/// Replaces the items with these values for the keys, adds the item if there are none, or takes them away.
pub(crate) fn set_item(
    list: &mut Vec<Node>,
    item: Option<Node>,
    keys: &[String],
    values: &[String],
) -> Result<(), String> {
    let by_map = keys.first().is_some_and(|key| !key.is_empty())
        && values.first().is_some_and(|value| !value.is_empty());
    let mut kept = Vec::with_capacity(list.len() + 1);
    let mut found_any = false;
    for old in std::mem::take(list) {
        if old.is_null() || old.is_empty_map() {
            continue;
        }
        if old.as_map().is_none() && by_map {
            kept.push(old);
            continue;
        }
        if !matches(&old, keys, values)? {
            if !values.is_empty() {
                kept.push(old);
            }
            continue;
        }
        found_any = true;
        if let Some(item) = &item {
            kept.push(item.clone());
        }
    }
    if let Some(item) = item.filter(|_| !found_any) {
        kept.push(item);
    }
    *list = kept;
    Ok(())
}

fn matches(item: &Node, keys: &[String], values: &[String]) -> Result<bool, String> {
    let mut found = false;
    for (at, key) in keys.iter().enumerate() {
        if let Some(value) = values.get(at) {
            found = match &item.body {
                Body::Scalar(scalar) if key.is_empty() => scalar.text == *value,
                Body::Map(map) if !key.is_empty() => map
                    .get(key)
                    .is_some_and(|field| value.is_empty() || field.raw() == value),
                _ => {
                    return Err(format!(
                        "{} is no item of a list that is merged by `{key}`",
                        item.kind()
                    ));
                }
            };
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The merged items, then what the list had besides.
fn append(mut items: Vec<Node>, base: Vec<Node>, keys: &[String]) -> Result<Vec<Node>, String> {
    for item in base {
        if keys.first().is_some_and(String::is_empty) {
            let value = item.raw().to_owned();
            set_item(&mut items, Some(item), &[String::new()], &[value])?;
            continue;
        }
        let mut values = Vec::with_capacity(keys.len());
        for key in keys {
            if item.as_map().is_none() {
                return Err(format!(
                    "{} is no item of a list that is merged by `{key}`",
                    item.kind()
                ));
            }
            match item.get(key) {
                Some(value) => values.push(value.raw().to_owned()),
                None => items.push(item.clone()),
            }
        }
        if keys.len() > 1 {
            set_item(&mut items, None, keys, &values)?;
        }
        set_item(&mut items, Some(item), keys, &values)?;
    }
    Ok(items)
}

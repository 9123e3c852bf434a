//! Items of a list that have keys: which of them have the same, where they are, and putting them there. Where items lack
//! keys, kustomize has its own ways, and this follows them step by step.

use crate::yaml::{Body, Node, Scalar, Tag};

pub(super) fn key_value(item: &Node, key: &str) -> String {
    item.get(key)
        .filter(|value| !value.is_null_or_empty())
        .map_or_else(String::new, |value| value.raw().to_owned())
}

/// Items that agree in one key and lack another take the other's from each other.
pub(super) fn complete(values: &mut [Vec<String>]) {
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
pub(super) fn valid(all: &[Vec<String>], values: &[String], keys: &[String]) -> (Vec<String>, Vec<String>) {
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

/// An item has its keys, also if they were only in what it was merged from.
pub(super) fn complete_item(node: &mut Node, key: &str, value: &str) {
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

pub(super) fn find(list: &[Node], keys: &[String], values: &[String]) -> Option<usize> {
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
pub(super) fn set_item(
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
pub(super) fn append(mut items: Vec<Node>, base: Vec<Node>, keys: &[String]) -> Result<Vec<Node>, String> {
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

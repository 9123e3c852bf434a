//! Lists whose items are merged: by the values of their keys, or by themselves if they are single values. Items of the
//! patch come first.

use super::{
    directive::{self, Directive},
    items::{append, complete, complete_item, find, key_value, set_item, valid},
    merged::{Merged, Pair},
    schema::Field,
};
use crate::yaml::{Body, Node};

/// How an item is merged with its patch.
type MergeItem<'a> = &'a dyn Fn(Pair) -> Result<Merged, String>;

pub(crate) fn merge_list(pair: Pair, field: &Field, item: MergeItem<'_>) -> Result<Merged, String> {
    let Pair { dest, patch, same } = pair;
    let Some(mut patch) = patch else {
        // Merged with nothing: only doubles go.
        return finish(dest, None, false, field, item);
    };
    let with_itself = |patch: Node| {
        let merged = finish(Some(patch.clone()), Some(patch), true, field, item)?;
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
        Directive::Merge => finish(dest, Some(patch), false, field, item),
    }
}

fn finish(
    base: Option<Node>,
    patch: Option<Node>,
    same: bool,
    field: &Field,
    item: MergeItem<'_>,
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
        merge_items(Lists { base, patch, same }, values, &keys, item)?
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
        merge_items(Lists { base, patch, same }, values, &keys, item)?
    };
    let node = Node {
        body: Body::List(merged),
        place,
    };
    Ok(Merged::of(Some(node), false))
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
    item: MergeItem<'_>,
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
        let merged = item(pair).map_err(|why| format!("item {}: {why}", own_values.join(" ")))?;
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

//! Maps and single values of a strategic merge, and the choice of what is merged how.

use super::{
    directive::{self, Directive},
    list::merge_list,
    merged::{Merged, Pair},
    schema::{Cursor, Schema},
};
use crate::yaml::{Body, Entry, Map, Node, Style};

/// The patched value; none if the patch takes it away.
pub(crate) fn merge(value: Node, mut patch: Node, schema: &Schema) -> Result<Option<Node>, String> {
    // kustomize forgets what a whole resource is to be replaced with.
    match directive::of_map(&mut patch)? {
        Directive::Replace => return Ok(Some(value)),
        Directive::Delete => return Ok(None),
        Directive::Merge => {}
    }
    walk(
        Pair {
            dest: Some(value),
            patch: Some(patch),
            same: false,
        },
        None,
        schema,
    )
    .map(|merged| merged.node)
}

fn walk(pair: Pair, cursor: Option<Cursor<'_>>, schema: &Schema) -> Result<Merged, String> {
    let Pair { dest, patch, same } = pair;
    let cursor = cursor
        .or_else(|| kind_of(dest.as_ref(), schema))
        .or_else(|| kind_of(patch.as_ref(), schema));
    let present = |node: &Option<Node>| node.as_ref().is_some_and(|node| !node.is_null());
    let leading = if present(&dest) {
        dest.as_ref()
    } else {
        patch.as_ref()
    };
    let leading = leading.filter(|node| !node.is_null());
    if let (Some(leading), Some(other)) = (leading, patch.as_ref())
        && !other.is_null()
        && std::mem::discriminant(&leading.body) != std::mem::discriminant(&other.body)
    {
        return Err(format!(
            "the patch has {} where there is {}",
            other.kind(),
            leading.kind()
        ));
    }
    match leading.map(|node| &node.body) {
        None | Some(Body::Map(_)) => walk_map(Pair { dest, patch, same }, cursor, schema),
        Some(Body::List(_)) => match cursor {
            Some(Cursor::List(field)) => {
                let item = |pair| walk(pair, schema.items(field), schema);
                merge_list(Pair { dest, patch, same }, field, &item)
            }
            _ => Ok(replaced(dest, patch)),
        },
        Some(Body::Scalar(_)) => Ok(replaced(dest, patch)),
    }
}

fn replaced(dest: Option<Node>, patch: Option<Node>) -> Merged {
    let from_patch = patch.is_some();
    Merged::of(patch.or(dest), from_patch)
}

/// The schema of a value that says its own kind.
fn kind_of<'a>(node: Option<&Node>, schema: &'a Schema) -> Option<Cursor<'a>> {
    let node = node?;
    let text = |key: &str| node.get(key).filter(|value| !value.is_null()).map(Node::raw);
    schema.kind(text("apiVersion")?, text("kind")?)
}

fn walk_map(pair: Pair, cursor: Option<Cursor<'_>>, schema: &Schema) -> Result<Merged, String> {
    let same = pair.same;
    let (mut base, mut patch, from_patch) = match (pair.dest, pair.patch) {
        (None, None) => return Ok(Merged::nothing()),
        (Some(dest), None) if dest.is_null() => {
            return Ok(Merged {
                keep_null: true,
                ..Merged::of(Some(dest).filter(|dest| !dest.raw().is_empty()), false)
            });
        }
        (Some(dest), patch) if !dest.is_null() => {
            let mut patch = patch.unwrap_or_else(Node::empty_map);
            if patch.is_null() {
                return Ok(Merged::nothing());
            }
            match directive::of_map(&mut patch)? {
                Directive::Delete => return Ok(Merged::nothing()),
                Directive::Replace => (patch.clone(), patch, true),
                Directive::Merge => (dest, patch, false),
            }
        }
        (_, Some(patch)) if patch.is_null() => return Ok(Merged::of(Some(patch), true)),
        (_, Some(mut patch)) => {
            // What is added is merged with itself: its nulls and directives are gone then.
            if directive::of_map(&mut patch) == Ok(Directive::Delete) {
                return Ok(Merged::nothing());
            }
            (patch.clone(), patch, true)
        }
        (Some(dest), None) => return Ok(Merged::of(Some(dest), false)),
    };
    if let (Some(base), Some(patch)) = (base.as_map_mut(), patch.as_map_mut()) {
        merge_fields(base, std::mem::take(patch), same || from_patch, cursor, schema)?;
    }
    Ok(Merged::of(Some(base), from_patch))
}

fn merge_fields(
    base: &mut Map,
    patch: Map,
    same: bool,
    cursor: Option<Cursor<'_>>,
    schema: &Schema,
) -> Result<(), String> {
    let mut patched = patch.entries;
    patched.sort_by(|a, b| a.key.cmp(&b.key));
    let take = |patched: &mut Vec<Entry>, key: &str| {
        let at = patched
            .binary_search_by(|entry| entry.key.as_str().cmp(key))
            .ok()?;
        let null = Node::bare("");
        Some(std::mem::replace(&mut patched[at].value, null))
    };
    let mut keys: Vec<String> = base.entries.iter().map(|entry| entry.key.clone()).collect();
    let new = patched.iter().map(|entry| entry.key.clone());
    let new: Vec<String> = new.filter(|key| !keys.contains(key)).collect();
    keys.extend(new);
    keys.sort();
    for key in keys {
        let at = base.entries.iter().position(|entry| entry.key == key);
        let old = at.map(|at| std::mem::replace(&mut base.entries[at].value, Node::bare("")));
        let before = old.as_ref().and_then(Node::as_scalar);
        let (style, twin) = before.map_or((Style::Plain, None), |old| (old.style, old.twin));
        let pair = Pair {
            dest: old,
            patch: take(&mut patched, &key),
            same,
        };
        let merged = walk(pair, schema.field(cursor, &key), schema)
            .map_err(|why| format!("{key}: {why}").replace(": : ", ": "))?;
        let value = merged.node.filter(|value| merged.keep_null || !value.is_null());
        match (at, value) {
            (Some(at), Some(mut value)) => {
                if let Some(scalar) = value.as_scalar_mut() {
                    scalar.style = style;
                    scalar.twin = twin.map(|twin| if merged.from_patch { twin.changed() } else { twin });
                }
                base.entries[at].value = value;
            }
            (Some(at), None) => {
                base.entries.remove(at);
            }
            (None, Some(value)) => base.put(&key, value),
            (None, None) => {}
        }
    }
    Ok(())
}

//! Merge patch (RFC 7386) and JSON patch (RFC 6902) on trees that remember who set each leaf.

use serde_json::Value;
use slipway_model::Span;

use crate::{
    Setting,
    node::{Kind, Member, Node, escape},
};

/// Why a patch does not apply, and where in the patch that is written.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) span: Span,
    pub(crate) why: String,
}

/// A leaf that a patch took away, with its pointer at that time.
pub(crate) type Removed = (String, Vec<Setting>);

/// The leaves of `patch` carry their own history; `mark` says who removes.
pub(crate) struct Patching<'a> {
    pub(crate) removed: &'a mut Vec<Removed>,
    pub(crate) mark: &'a dyn Fn(Span) -> Setting,
}

impl Patching<'_> {
    pub(crate) fn merge(&mut self, target: &mut Node, patch: Node) {
        self.merge_at(String::new(), target, patch);
    }

    fn merge_at(&mut self, pointer: String, target: &mut Node, patch: Node) {
        let Kind::Map(changes) = patch.kind else {
            replace(target, patch);
            return;
        };
        if !matches!(target.kind, Kind::Map(_)) {
            target.kind = Kind::Map(indexmap::IndexMap::new());
            target.history.extend(patch.history);
        }
        let mut emptied = None;
        let Kind::Map(members) = &mut target.kind else {
            return;
        };
        for (key, Member { key: place, node }) in changes {
            let pointer = format!("{pointer}/{}", escape(&key));
            if node.kind == Kind::Scalar(Value::Null) {
                if let Some(gone) = members.shift_remove(&key) {
                    self.remember(&pointer, &gone.node, place);
                    emptied = emptied.or(Some(place));
                }
            } else {
                let empty = || Member {
                    key: place,
                    node: Node::new(Kind::Scalar(Value::Null), node.span),
                };
                let member = members.entry(key).or_insert_with(empty);
                self.merge_at(pointer, &mut member.node, node);
            }
        }
        if let Some(place) = emptied {
            self.emptied(target, place);
        }
    }

    /// A list or table that a removal left empty is a leaf now, and the removal made it one.
    fn emptied(&self, container: &mut Node, span: Span) {
        if container.is_leaf() {
            let value = container.value();
            container.history = vec![Setting {
                value,
                removed: false,
                ..(self.mark)(span)
            }];
        }
    }

    fn take(&self, root: &mut Node, pointer: &str, span: Span) -> Result<Node, String> {
        let gone = take(root, pointer)?;
        if let Some((parent, _)) = parent(root, pointer)? {
            self.emptied(parent, span);
        }
        Ok(gone)
    }

    /// All operations or none.
    pub(crate) fn apply(&mut self, target: &mut Node, patch: &Node) -> Result<(), Refused> {
        let Kind::List(operations) = &patch.kind else {
            return Err(refused(patch, "a JSON patch is a list of operations"));
        };
        let mut result = target.clone();
        for operation in operations {
            self.operation(&mut result, operation)?;
        }
        *target = result;
        Ok(())
    }

    fn operation(&mut self, root: &mut Node, operation: &Node) -> Result<(), Refused> {
        let part = |key: &str| {
            let part = operation.member(key).map(|member| &member.node);
            part.ok_or_else(|| refused(operation, format!("the operation has no `{key}`")))
        };
        let text = |key: &str| {
            let node = part(key)?;
            match &node.kind {
                Kind::Scalar(Value::String(text)) => Ok((text.as_str(), node)),
                _ => Err(refused(node, format!("`{key}` has to be a text"))),
            }
        };
        let (path, at) = text("path")?;
        let (verb, verb_at) = text("op")?;
        let fail = |why: String| refused(at, why);
        match verb {
            "add" => add(root, path, part("value")?.clone()).map_err(fail),
            "replace" => {
                let place = find(root, path).map_err(fail)?;
                replace(place, part("value")?.clone());
                Ok(())
            }
            "remove" => {
                let gone = self.take(root, path, at.span).map_err(fail)?;
                self.remember(path, &gone, at.span);
                Ok(())
            }
            "move" => {
                let (from, from_at) = text("from")?;
                if path.starts_with(&format!("{from}/")) {
                    return Err(refused(from_at, "a value cannot move into itself"));
                }
                let moved = self
                    .take(root, from, from_at.span)
                    .map_err(|why| refused(from_at, why))?;
                add(root, path, moved).map_err(fail)
            }
            "copy" => {
                let (from, from_at) = text("from")?;
                let copied = find(root, from).map_err(|why| refused(from_at, why))?.clone();
                add(root, path, copied).map_err(fail)
            }
            "test" => {
                let found = find(root, path).map_err(fail)?.value();
                let wanted = part("value")?;
                if found == wanted.value() {
                    return Ok(());
                }
                Err(refused(wanted, format!("the test failed: `{path}` is {found}")))
            }
            other => Err(refused(verb_at, format!("there is no operation `{other}`"))),
        }
    }

    fn remember(&mut self, pointer: &str, gone: &Node, span: Span) {
        for (below, leaf) in gone.leaves() {
            let mut history = leaf.history.clone();
            history.push((self.mark)(span));
            self.removed.push((format!("{pointer}{below}"), history));
        }
    }
}

/// Puts `new` where `old` is; leaves at the same place keep what they won over.
pub(crate) fn replace(old: &mut Node, mut new: Node) {
    inherit(&mut new, old);
    *old = new;
}

pub(crate) fn inherit(new: &mut Node, old: &Node) {
    if new.is_leaf() && old.is_leaf() {
        new.history.splice(0..0, old.history.iter().cloned());
        return;
    }
    match (&mut new.kind, &old.kind) {
        (Kind::Map(new), Kind::Map(old)) => {
            for (key, member) in new {
                old.get(key)
                    .into_iter()
                    .for_each(|old| inherit(&mut member.node, &old.node));
            }
        }
        (Kind::List(new), Kind::List(old)) => {
            new.iter_mut().zip(old).for_each(|(new, old)| inherit(new, old));
        }
        _ => {}
    }
}

fn refused(node: &Node, why: impl Into<String>) -> Refused {
    Refused {
        span: node.span,
        why: why.into(),
    }
}

fn tokens(pointer: &str) -> Result<Vec<String>, String> {
    match pointer.strip_prefix('/') {
        Some(rest) => Ok(rest
            .split('/')
            .map(|token| token.replace("~1", "/").replace("~0", "~"))
            .collect()),
        None if pointer.is_empty() => Ok(Vec::new()),
        None => Err(format!("`{pointer}` is not a JSON pointer: it begins with `/`")),
    }
}

fn index(token: &str, limit: usize) -> Result<usize, String> {
    let canonical = token == "0" || !token.starts_with(['0', '+']);
    let number = token.parse::<usize>().ok().filter(|_| canonical);
    let number = number.ok_or_else(|| format!("`{token}` is not an index of a list"))?;
    if number < limit {
        Ok(number)
    } else {
        Err(format!("there is no index {number}: the list is shorter"))
    }
}

fn find<'a>(root: &'a mut Node, pointer: &str) -> Result<&'a mut Node, String> {
    tokens(pointer)?
        .iter()
        .try_fold(root, |node, token| step(node, token, pointer))
}

fn step<'a>(node: &'a mut Node, token: &str, pointer: &str) -> Result<&'a mut Node, String> {
    let missing = || format!("there is no `{token}` on the way to `{pointer}`");
    match &mut node.kind {
        Kind::Map(members) => members
            .get_mut(token)
            .map(|member| &mut member.node)
            .ok_or_else(missing),
        Kind::List(items) => {
            let index = index(token, items.len())?;
            items.get_mut(index).ok_or_else(missing)
        }
        Kind::Scalar(_) => Err(missing()),
    }
}

fn parent<'a>(root: &'a mut Node, pointer: &str) -> Result<Option<(&'a mut Node, String)>, String> {
    let mut tokens = tokens(pointer)?;
    let Some(last) = tokens.pop() else { return Ok(None) };
    let parent = tokens
        .iter()
        .try_fold(root, |node, token| step(node, token, pointer))?;
    Ok(Some((parent, last)))
}

fn add(root: &mut Node, pointer: &str, new: Node) -> Result<(), String> {
    let Some((parent, last)) = parent(root, pointer)? else {
        replace(root, new);
        return Ok(());
    };
    match &mut parent.kind {
        Kind::Map(members) => match members.get_mut(&last) {
            Some(member) => replace(&mut member.node, new),
            None => {
                members.insert(
                    last,
                    Member {
                        key: new.span,
                        node: new,
                    },
                );
            }
        },
        Kind::List(items) if last == "-" => items.push(new),
        Kind::List(items) => {
            let index = index(&last, items.len() + 1)?;
            items.insert(index, new);
        }
        Kind::Scalar(_) => return Err(format!("there is nothing to add to at `{pointer}`")),
    }
    Ok(())
}

fn take(root: &mut Node, pointer: &str) -> Result<Node, String> {
    let Some((parent, last)) = parent(root, pointer)? else {
        return Err("the whole file cannot be removed by a patch".to_owned());
    };
    match &mut parent.kind {
        Kind::Map(members) => {
            let found = members.shift_remove(&last).map(|member| member.node);
            found.ok_or_else(|| format!("there is no `{last}` at `{pointer}`"))
        }
        Kind::List(items) => {
            let index = index(&last, items.len())?;
            Ok(items.remove(index))
        }
        Kind::Scalar(_) => Err(format!("there is no `{last}` at `{pointer}`")),
    }
}

#[cfg(test)]
mod tests;

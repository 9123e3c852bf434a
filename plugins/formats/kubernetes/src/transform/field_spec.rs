//! A place in resources of some kinds that a transformer changes, and the walk to it: through every item of a list
//! that lies on the way, making what is missing if the place says so.

use std::cmp::Ordering;

use crate::{
    model::{Gvk, Resource},
    yaml::{Body, Map, Node, Scalar, Style, Tag},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldSpec {
    pub gvk: Gvk,
    pub path: String,
    /// Make it if it is missing.
    pub create: bool,
    parts: Vec<String>,
}

/// What is made at the end of a path.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Make {
    Nothing,
    Map,
    Text,
    Int,
}

impl FieldSpec {
    pub(crate) fn new(gvk: Gvk, path: &str, create: bool) -> Self {
        Self {
            gvk,
            path: path.to_owned(),
            create,
            parts: split(path, '/'),
        }
    }

    /// A line of a table: `[+] KIND[.GROUP][@VERSION] PATH`.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (create, line) = match line.strip_prefix("+ ") {
            Some(line) => (true, line),
            None => (false, line),
        };
        let (who, path) = line.split_once(' ')?;
        Some(Self::new(parse_gvk(who), path, create))
    }

    pub(crate) fn applies_to(&self, resource: &Resource) -> bool {
        resource.selected_by(&self.gvk)
    }

    /// Calls `set` with every node at the path.
    pub(crate) fn visit(
        &self,
        root: &mut Node,
        make: Make,
        set: &mut dyn FnMut(&mut Node) -> Result<(), String>,
    ) -> Result<(), String> {
        let make = if self.create { make } else { Make::Nothing };
        visit(root, &self.parts, make, set).map_err(|why| format!("at `{}`: {why}", self.path))
    }
}

/// `KIND[.GROUP][@VERSION]`, `*` for any kind.
pub(crate) fn parse_gvk(who: &str) -> Gvk {
    let (who, version) = who.split_once('@').unwrap_or((who, ""));
    let (kind, group) = who.split_once('.').unwrap_or((who, ""));
    Gvk {
        group: group.to_owned(),
        version: version.to_owned(),
        kind: if kind == "*" { "" } else { kind }.to_owned(),
    }
}

/// Adds the specs of another list. One that says otherwise about making the same place is an error.
pub(crate) fn merge(into: &mut Vec<FieldSpec>, more: &[FieldSpec]) -> Result<(), String> {
    for spec in more {
        let same = into
            .iter()
            .find(|known| known.path == spec.path && known.gvk.selected_by(&spec.gvk));
        match same {
            Some(known) if known.create != spec.create => {
                return Err(format!(
                    "`{}` of {} is there twice, with `create` and without",
                    spec.path,
                    if spec.gvk.kind.is_empty() {
                        "any kind"
                    } else {
                        &spec.gvk.kind
                    }
                ));
            }
            Some(_) => {}
            None => into.push(spec.clone()),
        }
    }
    Ok(())
}

/// Kinds that others depend on first; otherwise by group, version and kind.
pub(crate) fn compare(a: &Gvk, b: &Gvk) -> Ordering {
    super::sort::rank(&a.kind)
        .cmp(&super::sort::rank(&b.kind))
        .then_with(|| super::sort::gvk_text(a).cmp(&super::sort::gvk_text(b)))
}

/// Splits a path, with `\` before a separator that is part of a name.
pub(crate) fn split(path: &str, separator: char) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let pieces: Vec<&str> = path.split(separator).collect();
    let skip = usize::from(pieces.len() > 1 && pieces[0].is_empty());
    for piece in &pieces[skip..] {
        match parts.last_mut() {
            Some(last) if last.ends_with('\\') => {
                last.pop();
                last.push(separator);
                last.push_str(piece);
            }
            _ => parts.push((*piece).to_owned()),
        }
    }
    parts
}

fn visit(
    node: &mut Node,
    parts: &[String],
    make: Make,
    set: &mut dyn FnMut(&mut Node) -> Result<(), String>,
) -> Result<(), String> {
    let Some((part, rest)) = parts.split_first() else {
        return set(node);
    };
    if node.is_null() {
        return Ok(());
    }
    let kind = node.kind();
    match &mut node.body {
        Body::List(items) => items
            .iter_mut()
            .try_for_each(|item| visit(item, parts, make, set)),
        Body::Map(map) => {
            let (name, listed) = match part.strip_suffix("[]") {
                Some(name) => (name, true),
                None => (part.as_str(), false),
            };
            if name.is_empty() {
                return Err("a part of the path is empty".to_owned());
            }
            let made = match (listed, rest.is_empty()) {
                _ if make == Make::Nothing => None,
                (true, _) => None,
                (false, true) => Some(make),
                (false, false) => Some(Make::Map),
            };
            if let Some(made) = made
                && map.get(name).is_none()
            {
                map.put(name, made.node(Tag::None));
            }
            let Some(field) = map.get_mut(name) else {
                return Ok(());
            };
            if field.is_null() {
                match made {
                    Some(made) => field.body = made.node(made.tag()).body,
                    None if listed => field.body = Body::List(Vec::new()),
                    None => {}
                }
            }
            visit(field, rest, make, set)
        }
        Body::Scalar(_) => Err(format!("`{part}` is looked for in {kind}")),
    }
}

impl Make {
    fn tag(self) -> Tag {
        match self {
            Self::Int => Tag::Int,
            _ => Tag::Text,
        }
    }

    fn node(self, tag: Tag) -> Node {
        match self {
            Self::Map | Self::Nothing => Body::Map(Map::default()).into(),
            Self::Text | Self::Int => Body::Scalar(Scalar::new("", tag, Style::Plain)).into(),
        }
    }
}

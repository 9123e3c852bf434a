//! Paths into resources as replacements write them: `spec.containers.[name=web].image`, `a.0`, `a.*`, `a.[b.c/d]`.

use regex_lite::Regex;

use super::{document, field_spec::split};
use crate::yaml::{Body, Map, Node, Style, Tag};

/// Splits at dots, but not inside of brackets.
pub(crate) fn parts(path: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut pieces = split(path, '.').into_iter();
    while let Some(piece) = pieces.next() {
        if !piece.starts_with('[') || piece.ends_with(']') {
            parts.push(piece);
            continue;
        }
        let mut whole = piece;
        for more in pieces.by_ref() {
            whole = format!("{whole}.{more}");
            if more.ends_with(']') {
                break;
            }
        }
        if whole.contains('=') {
            parts.push(whole);
        } else {
            parts.push(whole.trim_matches(['[', ']']).to_owned());
        }
    }
    parts
}

/// The one node at a path; none if there is none.
pub(crate) fn lookup<'a>(root: &'a Node, path: &[String]) -> Result<Option<&'a Node>, String> {
    let mut node = root;
    for part in path
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
    {
        let found = match part {
            "*" => return Err("`*` stands for several values, and one is looked for".to_owned()),
            "-" => items(node)?.last(),
            part if part.parse::<i64>().is_ok() => {
                let at: i64 = part.parse().unwrap_or_default();
                let at = usize::try_from(at).map_err(|_| format!("index {at} is negative"))?;
                items(node)?.get(at)
            }
            part if is_selector(part) => {
                let (key, value) = selector(part)?;
                items(node)?.iter().find(|item| {
                    let found = if key.is_empty() {
                        Some(*item)
                    } else {
                        item.get(key)
                    };
                    found.is_some_and(|found| found.raw() == value)
                })
            }
            part => field(node, part)?,
        };
        match found {
            Some(found) => node = found,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// A step to a value in a tree.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

/// Where a path leads: to several values, or into a text that is read as a document, where nothing can be changed.
#[derive(Default)]
pub(crate) struct Found {
    pub steps: Vec<Vec<Step>>,
    pub inside_texts: usize,
}

/// What is made where nothing is.
#[derive(Clone, Copy)]
pub(crate) enum Made {
    Scalar,
    List,
    Map,
}

/// All that is at a path; with `made`, what is missing is made.
pub(crate) fn find(root: &mut Node, path: &[String], made: Option<Made>) -> Result<Found, String> {
    let mut found = Found::default();
    find_below(root, path, made, &mut Vec::new(), &mut found)?;
    Ok(found)
}

/// The node that steps lead to.
pub(crate) fn follow<'a>(root: &'a mut Node, steps: &[Step]) -> Option<&'a mut Node> {
    steps
        .iter()
        .try_fold(root, |node, step| match (step, &mut node.body) {
            (Step::Key(key), Body::Map(map)) => map.get_mut(key),
            (Step::Index(at), Body::List(items)) => items.get_mut(*at),
            _ => None,
        })
}

fn find_below(
    node: &mut Node,
    path: &[String],
    made: Option<Made>,
    steps: &mut Vec<Step>,
    found: &mut Found,
) -> Result<(), String> {
    let Some((part, rest)) = path.split_first() else {
        found.steps.push(steps.clone());
        return Ok(());
    };
    if let Ok(at) = part.parse::<usize>() {
        let items = items_mut(node)?;
        if let (Some(made), true) = (made, items.len() == at) {
            items.push(kind_for(rest.first(), made).node());
        }
        let count = items.len();
        let item = items
            .get_mut(at)
            .ok_or_else(|| format!("index {at} is beyond the {count} items of the list"))?;
        return step(item, Step::Index(at), rest, made, steps, found);
    }
    if is_selector(part) {
        return find_selected(node, part, rest, made, steps, found);
    }
    if part == "*" {
        for (at, item) in items_mut(node)?.iter_mut().enumerate() {
            step(item, Step::Index(at), rest, made, steps, found)?;
        }
        return Ok(());
    }
    if field(node, part)?.is_none() {
        let (Some(made), Some(map)) = (made, node.as_map_mut()) else {
            return Ok(());
        };
        map.put(part, kind_for(rest.first(), made).node());
    }
    let Some(value) = node.get_mut(part) else {
        return Ok(());
    };
    if value.as_scalar().is_some() && !rest.is_empty() {
        let mut inner = document::parse(value.raw())?;
        let mut there = Found::default();
        find_below(&mut inner, rest, made, &mut Vec::new(), &mut there)?;
        found.inside_texts += there.steps.len() + there.inside_texts;
        return Ok(());
    }
    step(value, Step::Key(part.clone()), rest, made, steps, found)
}

fn step(
    node: &mut Node,
    taken: Step,
    rest: &[String],
    made: Option<Made>,
    steps: &mut Vec<Step>,
    found: &mut Found,
) -> Result<(), String> {
    steps.push(taken);
    let result = find_below(node, rest, made, steps, found);
    steps.pop();
    result
}

fn find_selected(
    node: &mut Node,
    part: &str,
    rest: &[String],
    made: Option<Made>,
    steps: &mut Vec<Step>,
    found: &mut Found,
) -> Result<(), String> {
    let (key, pattern) = selector(part)?;
    let regex =
        Regex::new(pattern).map_err(|error| format!("`{pattern}` is no regular expression: {error}"))?;
    let before = found.steps.len() + found.inside_texts;
    for (at, item) in items_mut(node)?.iter_mut().enumerate() {
        if key.is_empty() {
            if regex.is_match(&written(item)) {
                steps.push(Step::Index(at));
                found.steps.push(steps.clone());
                steps.pop();
            }
        } else if item.get(key).is_some_and(|value| regex.is_match(&written(value))) {
            step(item, Step::Index(at), rest, made, steps, found)?;
        }
    }
    if made.is_none() || found.steps.len() + found.inside_texts > before {
        return Ok(());
    }
    let value = Node::bare(pattern);
    let item = if key.is_empty() {
        value
    } else {
        Node::map([(key.to_owned(), value)])
    };
    let items = items_mut(node)?;
    items.push(item);
    if !regex.is_match(pattern) {
        return Err(format!(
            "nothing matches `{part}`, and nothing can be made from it"
        ));
    }
    let at = items.len() - 1;
    let rest = if key.is_empty() { &[] } else { rest };
    step(&mut items[at], Step::Index(at), rest, made, steps, found)
}

/// A scalar as it would stand in a file.
fn written(node: &Node) -> String {
    match node.as_scalar() {
        Some(scalar) if scalar.style == Style::Quoted && scalar.tag == Tag::Text => {
            format!("\"{}\"", scalar.text)
        }
        _ => node.raw().trim().to_owned(),
    }
}

fn kind_for(next: Option<&String>, made: Made) -> Made {
    match next.map(String::as_str) {
        None | Some("") => made,
        Some(next) if is_selector(next) || next.parse::<usize>().is_ok() => Made::List,
        Some(_) => Made::Map,
    }
}

impl Made {
    /// What the value that is put there is.
    pub(crate) fn like(node: &Node) -> Self {
        match &node.body {
            Body::Scalar(_) => Self::Scalar,
            Body::List(_) => Self::List,
            Body::Map(_) => Self::Map,
        }
    }

    fn node(self) -> Node {
        match self {
            Self::Scalar => Node::bare(""),
            Self::List => Body::List(Vec::new()).into(),
            Self::Map => Body::Map(Map::default()).into(),
        }
    }
}

fn is_selector(part: &str) -> bool {
    part.starts_with('[') && part.ends_with(']')
}

fn selector(part: &str) -> Result<(&str, &str), String> {
    part.trim_start_matches('[')
        .strip_suffix(']')
        .unwrap_or(part)
        .split_once('=')
        .ok_or_else(|| format!("`{part}` selects no item: write [key=value]"))
}

fn field<'a>(node: &'a Node, key: &str) -> Result<Option<&'a Node>, String> {
    match &node.body {
        Body::Map(map) => Ok(map.get(key)),
        _ if node.is_null() => Ok(None),
        _ => Err(format!("`{key}` is looked for in {}", node.kind())),
    }
}

fn items(node: &Node) -> Result<&[Node], String> {
    match &node.body {
        Body::List(items) => Ok(items),
        _ if node.is_null() => Ok(&[]),
        _ => Err(format!("an item is looked for in {}", node.kind())),
    }
}

fn items_mut(node: &mut Node) -> Result<&mut Vec<Node>, String> {
    let kind = node.kind();
    match &mut node.body {
        Body::List(items) => Ok(items),
        _ => Err(format!("an item is looked for in {kind}")),
    }
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn paths() {
        assert_eq!(parts("a.b.0"), ["a", "b", "0"]);
        assert_eq!(parts("a.[name=x.y].c"), ["a", "[name=x.y]", "c"]);
        assert_eq!(
            parts("metadata.annotations.[x.io/y]"),
            ["metadata", "annotations", "x.io/y"]
        );
        assert_eq!(parts("a.x\\.io/y"), ["a", "x.io/y"]);
    }
}

//! Manifests from the text of a file: every document, and what lists of resources hold.

use std::{collections::VecDeque, rc::Rc};

use super::{resource::Resource, scope::Scopes};
use crate::{
    problem::{Outcome, Problem, Problems, unless_wrong},
    yaml::{Node, documents, read},
};

/// In one file.
const DOCUMENTS: usize = 100_000;

/// The resources in a text. Documents without anything in them are none.
pub(crate) fn load(text: &str, file: &Rc<str>, scopes: &Scopes) -> Outcome<Vec<Resource>> {
    let documents = documents(text).map_err(|malformed| Problem::malformed(file, malformed))?;
    if documents.len() > DOCUMENTS {
        let why = format!("it has more than {DOCUMENTS} documents");
        return Err(Problem::new(&**file, why)
            .hint("split it into several files")
            .into());
    }
    let alone = documents.len() == 1;
    let mut problems = Vec::new();
    let mut roots = Vec::new();
    for (line, text) in &documents {
        match read(text) {
            Ok(None) => {}
            Ok(Some(mut root)) => {
                move_down(&mut root, *line);
                match unwrapped(root, alone) {
                    Unwrapped::One(root) => roots.push(root),
                    Unwrapped::Many(items) => roots.extend(items),
                }
            }
            Err(mut malformed) => {
                malformed.place.line += line;
                problems.push(Problem::malformed(file, malformed));
            }
        }
    }
    let resources = resources(roots, file, scopes, &mut problems);
    unless_wrong(resources, problems)
}

enum Unwrapped {
    One(Node),
    Many(Vec<Node>),
}

/// The items of a `List` that is alone in its file.
fn unwrapped(mut root: Node, alone: bool) -> Unwrapped {
    let kind = root.get("kind").map_or("", Node::raw);
    if !alone || !matches!(kind, "List" | "ResourceList") {
        return Unwrapped::One(root);
    }
    match root.as_map_mut().and_then(|map| map.remove("items")) {
        Some(Node {
            body: crate::yaml::Body::List(items),
            ..
        }) => Unwrapped::Many(items),
        Some(_) => Unwrapped::Many(Vec::new()),
        None => Unwrapped::One(root),
    }
}

fn resources(
    roots: Vec<Node>,
    file: &Rc<str>,
    scopes: &Scopes,
    problems: &mut Vec<Problem>,
) -> Vec<Resource> {
    let mut queue: VecDeque<Node> = roots.into();
    let mut resources = Vec::new();
    while let Some(mut root) = queue.pop_front() {
        if root.is_null_or_empty() {
            continue;
        }
        if let Err(problem) = check(&root, file) {
            problems.push(problem);
            continue;
        }
        let is_list = root.get("kind").is_some_and(|kind| kind.raw().ends_with("List"));
        if is_list && let Some(items) = root.as_map_mut().and_then(|map| map.remove("items")) {
            match items.body {
                crate::yaml::Body::List(items) => queue.extend(items),
                _ if items.is_null() => {}
                _ => problems.push(
                    Problem::new(
                        &**file,
                        format!("it is a list of resources, not {}", items.kind()),
                    )
                    .at(items.place)
                    .key("items"),
                ),
            }
            continue;
        }
        let api_version = root.get("apiVersion").map_or("", Node::raw);
        let kind = root.get("kind").map_or("", Node::raw);
        let cluster_scoped = scopes.is_cluster_scoped(api_version, kind);
        resources.push(Resource::new(root, file.clone(), cluster_scoped));
    }
    resources
}

fn check(root: &Node, file: &Rc<str>) -> Result<(), Problem> {
    let problem = |why: String| Problem::new(&**file, why).at(root.place);
    if root.as_map().is_none() {
        return Err(problem(format!("a resource is a map, not {}", root.kind())));
    }
    let kind = root
        .get("kind")
        .filter(|kind| !kind.is_null())
        .map_or("", Node::raw);
    if kind.is_empty() {
        return Err(problem("the resource has no kind".to_owned())
            .key("kind")
            .hint("every resource has `apiVersion`, `kind` and `metadata.name`"));
    }
    let metadata = root
        .get("metadata")
        .filter(|metadata| !metadata.is_null_or_empty());
    if let Some(metadata) = metadata.filter(|metadata| metadata.as_map().is_none()) {
        return Err(problem(format!("it is a map, not {}", metadata.kind()))
            .at(metadata.place)
            .key("metadata"));
    }
    let name = metadata.and_then(|metadata| metadata.get("name"));
    let named = name.is_some_and(|name| !name.is_null() && !name.raw().is_empty());
    if !named && !kind.ends_with("List") {
        return Err(problem(format!("the {kind} has no name")).key("metadata.name"));
    }
    Ok(())
}

/// Places are in the file, not in the document.
fn move_down(node: &mut Node, lines: u32) {
    if lines == 0 {
        return;
    }
    node.place.line += lines;
    match &mut node.body {
        crate::yaml::Body::Scalar(_) => {}
        crate::yaml::Body::List(items) => items.iter_mut().for_each(|item| move_down(item, lines)),
        crate::yaml::Body::Map(map) => map.entries.iter_mut().for_each(|entry| {
            entry.place.line += lines;
            move_down(&mut entry.value, lines);
        }),
    }
}

/// The text of a file as resources.
pub(crate) fn load_bytes(content: &[u8], file: &str, scopes: &Scopes) -> Result<Vec<Resource>, Problems> {
    let text = std::str::from_utf8(content)
        .map_err(|_| Problem::new(file, "it is not text in UTF-8").hint("save it as UTF-8"))?;
    load(text, &Rc::from(file), scopes)
}

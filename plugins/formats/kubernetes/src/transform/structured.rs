//! Values that are replaced inside of texts that are documents themselves.

use super::{
    document,
    field_path::{Made, find, follow, lookup},
};
use crate::yaml::{Body, Node, Value, json, json_indented};

/// Replaces what a path leads to inside of a text. Is there such a text, and such a value in it?
pub(crate) fn replace(
    root: &mut Node,
    path: &[String],
    value: &Node,
    made: Option<Made>,
) -> Result<bool, String> {
    let Some((outer, inner, mut document)) = text_on_the_way(root, path) else {
        return Ok(false);
    };
    let Ok(found) = find(&mut document, inner, made) else {
        return Ok(false);
    };
    if found.steps.is_empty() && found.inside_texts == 0 {
        return Ok(false);
    }
    for steps in &found.steps {
        let Some(target) = follow(&mut document, steps) else {
            continue;
        };
        match target.as_scalar_mut() {
            Some(scalar) => value.raw().clone_into(&mut scalar.text),
            None => target.body = value.body.clone(),
        }
    }
    let steps = find(root, outer, None)?.steps;
    for steps in &steps {
        if let Some(scalar) = follow(root, steps).and_then(Node::as_scalar_mut) {
            scalar.text = print(&document, &scalar.text)?;
        }
    }
    Ok(true)
}

/// The path to the first text that is a document, the rest of the path, and the document.
fn text_on_the_way<'a>(root: &Node, path: &'a [String]) -> Option<(&'a [String], &'a [String], Node)> {
    (1..path.len()).find_map(|end| {
        let (outer, inner) = path.split_at(end);
        let text = lookup(root, outer).ok()??;
        text.as_scalar()?;
        document::parse(text.raw())
            .ok()
            .map(|document| (outer, inner, document))
    })
}

/// In the form that the text had.
fn print(document: &Node, before: &str) -> Result<String, String> {
    let is_json = before.trim_start().starts_with(['{', '[']);
    if !is_json {
        return Err(
            "the value is inside of a text in YAML, and its comments and quotes would be lost: use JSON there".to_owned(),
        );
    }
    let value = Value::of(document).map_err(|unsettled| unsettled.why)?;
    if matches!(document.body, Body::Scalar(_)) {
        return Err("the text is no document".to_owned());
    }
    if before.contains('\n') && before.contains("  ") {
        Ok(json_indented(&value))
    } else {
        Ok(json(&value))
    }
}

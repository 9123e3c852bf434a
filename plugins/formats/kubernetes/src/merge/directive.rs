//! `$patch`: what a part of a patch does to what is there. It is gone from the patch once it was read.

use super::items::set_item;
use crate::yaml::{Body, Node};

const KEY: &str = "$patch";

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Directive {
    Merge,
    Replace,
    Delete,
}

pub(crate) fn of_map(patch: &mut Node) -> Result<Directive, String> {
    let Some(value) = patch.get(KEY) else {
        return Ok(Directive::Merge);
    };
    let directive = parse(value.raw())?;
    if let Some(map) = patch.as_map_mut() {
        map.remove(KEY);
    }
    Ok(directive)
}

/// An item of a list that has nothing but the directive is for the whole list.
pub(crate) fn of_list(patch: &mut Node) -> Result<Directive, String> {
    let Body::List(items) = &mut patch.body else {
        return Ok(Directive::Merge);
    };
    let Some(value) = items
        .iter()
        .find_map(|item| item.get(KEY).map(|value| (item, value)))
    else {
        return Ok(Directive::Merge);
    };
    let (item, value) = value;
    if item.as_map().is_some_and(|map| map.entries.len() > 1) {
        return Ok(Directive::Merge);
    }
    let text = value.raw().to_owned();
    let directive = parse(&text)?;
    set_item(items, None, &[KEY.to_owned()], &[text])?;
    Ok(directive)
}

fn parse(text: &str) -> Result<Directive, String> {
    match text {
        "merge" => Ok(Directive::Merge),
        "replace" => Ok(Directive::Replace),
        "delete" => Ok(Directive::Delete),
        other => Err(format!("`$patch` is merge, replace or delete, not `{other}`")),
    }
}

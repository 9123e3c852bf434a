//! Paths stay inside the folder of deploy.toml.

use slipway_model::Span;

use super::{Rule, each, shown};
use crate::{
    Registry, Source,
    decode::Context,
    manifest::Dependency,
    written::{self, Document},
};

pub(super) const RULE: Rule = Rule {
    code: "path-escapes",
    about: "Paths are relative and stay inside the folder of deploy.toml; only a dependency may use `..`.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let artifacts = each(&document.artifacts).map(|(_, _, artifact)| &artifact.from);
    for from in artifacts
        .chain(each(&document.plugins).map(|(_, _, plugin)| &plugin.from))
        .flatten()
    {
        if let written::Source::Text(Source::Path { path }) = &from.value {
            relative(path, from.span, false, cx);
        }
    }
    for entry in document
        .dependencies
        .iter()
        .flat_map(|named| named.value.0.values())
    {
        if let Some(at) = &entry.value
            && let Dependency::Path { path } = &at.value.0
        {
            relative(path, at.span, true, cx);
        }
    }
    for entry in document
        .registries
        .iter()
        .flat_map(|named| named.value.0.values())
    {
        // A layout may be anywhere on the machine: several services share one.
        if let Some(at) = &entry.value
            && let Registry::Layout(path) = &at.value
            && path.contains(['\0', '\\'])
        {
            characters(path, at.span, cx);
        }
    }
    if let Some(folder) = document
        .config
        .as_ref()
        .and_then(|config| config.value.folder.as_ref())
    {
        relative(&folder.value, folder.span, false, cx);
    }
}

fn relative(path: &str, place: Span, parent_allowed: bool, cx: &mut Context<'_>) {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.contains(['\0', '\\']) {
        characters(path, place, cx);
    } else if path.is_empty() {
        cx.error(RULE.code, place, "an empty path leads nowhere", "empty");
    } else if path.starts_with(['/', '~']) || drive {
        cx.error(
            RULE.code,
            place,
            format!("`{}` differs from machine to machine", shown(path)),
            "not relative",
        );
        cx.help("write it relative to the folder of deploy.toml");
    } else if !parent_allowed && path.split('/').any(|part| part == "..") {
        cx.error(
            RULE.code,
            place,
            format!("`{}` leaves the folder of deploy.toml", shown(path)),
            "`..` is not allowed here",
        );
        cx.help("have the build put it into this folder, or take it from a registry");
    }
}

fn characters(path: &str, place: Span, cx: &mut Context<'_>) {
    let message = format!(
        "`{}` holds a character that a path has not",
        shown(&path.escape_debug().to_string())
    );
    cx.error(RULE.code, place, message, "not a path");
    cx.help("parts of a path are parted by `/`");
}

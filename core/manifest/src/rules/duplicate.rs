//! The same thing twice.

use std::collections::HashMap;

use slipway_model::Span;

use super::{Rule, each, items, many, shown};
use crate::{decode::Context, manifest::Dependency, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "duplicate",
    about: "Nothing is listed twice.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let entries = document
        .dependencies
        .iter()
        .flat_map(|named| named.value.0.values());
    let places = entries
        .filter_map(|entry| entry.value.as_ref())
        .map(|at| (target(&at.value.0), at.span));
    once("dependency", places, cx);
    let strings = |list: &mut dyn Iterator<Item = &crate::decode::At<String>>| {
        list.map(|at| (at.value.clone(), at.span)).collect::<Vec<_>>()
    };
    for (_, _, environment) in each(&document.environments) {
        once("overlay", strings(&mut items(&environment.overlays)), cx);
        once("environment", strings(&mut many(&environment.after)), cx);
    }
    for (_, _, overlay) in each(&document.overlays) {
        once("overlay", strings(&mut many(&overlay.after)), cx);
    }
    for (_, _, strategy) in each(&document.strategy) {
        once("check", strings(&mut items(&strategy.checks)), cx);
        once("analysis", strings(&mut items(&strategy.analysis)), cx);
        once("hook", strings(&mut items(&strategy.hooks)), cx);
    }
    for (_, _, parameter) in each(&document.parameters) {
        once("value", strings(&mut items(&parameter.values)), cx);
    }
}

fn once(what: &str, places: impl IntoIterator<Item = (String, Span)>, cx: &mut Context<'_>) {
    let mut seen = HashMap::new();
    for (name, place) in places {
        if let Some(first) = seen.get(&name) {
            cx.error(
                RULE.code,
                place,
                format!("the {what} `{}` is listed twice", shown(&name)),
                "again",
            );
            cx.also(*first, "first here");
        } else {
            seen.insert(name, place);
        }
    }
}

/// `../x`, `../x/` and `../x/deploy.toml` are one service.
fn target(dependency: &Dependency) -> String {
    match dependency {
        Dependency::Path { path } => {
            let folder = path
                .strip_suffix("deploy.toml")
                .unwrap_or(path)
                .trim_end_matches('/');
            folder.strip_prefix("./").unwrap_or(folder).to_owned()
        }
        Dependency::Package {
            registry, repository, ..
        } => format!("{registry}:{repository}"),
    }
}

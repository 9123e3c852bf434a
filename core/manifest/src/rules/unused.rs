//! Definitions that nothing uses. A warning: a file may be on its way.

use std::collections::HashSet;

use slipway_model::Span;

use super::{Rule, asked, each, items, many};
use crate::{
    Source,
    decode::{Context, Named, Slot},
    manifest::Dependency,
    written::{self, Document},
};

pub(super) const RULE: Rule = Rule {
    code: "unused",
    about: "What is defined is used somewhere.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let environments = || each(&document.environments).map(|(_, _, environment)| environment);
    let strategies = || each(&document.strategy).map(|(_, _, strategy)| strategy);

    let mut overlays: HashSet<&str> = environments()
        .flat_map(|environment| items(&environment.overlays))
        .map(|at| at.value.as_str())
        .collect();
    overlays.extend(
        each(&document.overlays)
            .flat_map(|(_, _, overlay)| many(&overlay.after))
            .map(|at| at.value.as_str()),
    );
    unused(
        "overlay",
        "an environment's `overlays`",
        &document.overlays,
        &overlays,
        cx,
    );

    let placements = || {
        environments()
            .flat_map(|environment| each(&environment.dependencies).map(|(_, _, placement)| placement))
    };

    let strategy_slots = environments()
        .map(|environment| &environment.strategy)
        .chain(placements().map(|placement| &placement.strategy));
    let used = strategy_slots
        .map(|slot| slot.as_ref().map_or("recreate", |at| at.value.as_str()))
        .collect();
    unused(
        "strategy",
        "an environment's `strategy`",
        &document.strategy,
        &used,
        cx,
    );

    let used = strategies()
        .flat_map(|strategy| items(&strategy.checks))
        .map(|at| at.value.as_str())
        .collect();
    unused("check", "a strategy's `checks`", &document.check, &used, cx);
    let used = strategies()
        .flat_map(|strategy| items(&strategy.analysis))
        .map(|at| at.value.as_str())
        .collect();
    unused(
        "analysis",
        "a strategy's `analysis`",
        &document.analysis,
        &used,
        cx,
    );

    let used = strategies()
        .flat_map(|strategy| items(&strategy.hooks))
        .map(|at| at.value.as_str())
        .collect();
    unused("hook", "a strategy's `hooks`", &document.hook, &used, cx);

    let artifacts = || each(&document.artifacts).map(|(_, _, artifact)| artifact);
    let sources = artifacts().map(|artifact| &artifact.from);
    let sources = sources
        .chain(each(&document.plugins).map(|(_, _, plugin)| &plugin.from))
        .flatten();
    let mut used: HashSet<&str> = HashSet::from(["deploy"]);
    used.extend(sources.filter_map(|from| match &from.value {
        written::Source::Text(Source::Registry { registry, .. }) => Some(registry.as_str()),
        _ => None,
    }));
    used.extend(
        each(&document.dependencies).filter_map(|(_, _, dependency)| match &dependency.0 {
            Dependency::Package { registry, .. } => Some(registry.as_str()),
            Dependency::Path { .. } => None,
        }),
    );
    unused(
        "registry",
        "a `from` or a dependency",
        &document.registries,
        &used,
        cx,
    );

    let bindings = environments()
        .flat_map(|environment| environment.target.iter().chain(&environment.router))
        .chain(placements().flat_map(|placement| placement.target.iter().chain(&placement.router)));
    let plugins = bindings.filter_map(|binding| binding.value.plugin.as_ref());
    let used = plugins.chain(artifacts().filter_map(|artifact| artifact.format.as_ref()));
    let used = used.chain(asked(document));
    let used = used.map(|at| at.value.as_str()).collect();
    unused(
        "plugin",
        "a `format`, `target`, `router`, check or analysis",
        &document.plugins,
        &used,
        cx,
    );
}

fn unused<T>(what: &str, by: &str, slot: &Slot<Named<T>>, used: &HashSet<&str>, cx: &mut Context<'_>) {
    let entries = slot.iter().flat_map(|named| &named.value.0);
    for (name, entry) in entries.filter(|(name, _)| !used.contains(name.as_str())) {
        let place: Span = entry.key;
        cx.warning(
            RULE.code,
            place,
            format!("nothing uses the {what} `{}`", super::shown(name)),
            "unused",
        );
        cx.help(format!("name it in {by}, or take it away"));
    }
}

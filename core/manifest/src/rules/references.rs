//! Names that refer to something in this file.

use slipway_model::Span;

use super::{Rule, each, items, many, shown};
use crate::{
    Source,
    decode::{Context, Named, Slot},
    manifest::Dependency,
    written::{self, Document, StrategyType},
};

pub(super) const RULE: Rule = Rule {
    code: "unknown-reference",
    about: "What is referred to is there.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let overlays = Known::new("overlay", "overlays", &document.overlays);
    let environments = Known::new("environment", "environments", &document.environments);
    let mut strategies = Known::new("strategy", "strategies", &document.strategy);
    strategies.extra = &["recreate", "rolling", "blue-green", "canary"];
    debug_assert!(
        StrategyType::ALL
            .iter()
            .all(|(word, _)| strategies.extra.contains(word))
    );
    let checks = Known::new("check", "checks", &document.check);
    let analyses = Known::new("analysis", "analyses", &document.analysis);
    let hooks = Known::new("hook", "hooks", &document.hook);
    let artifacts = Known::new("artifact", "artifacts", &document.artifacts);
    let dependencies = Known::new("dependency", "dependencies", &document.dependencies);
    let mut registries = Known::new("registry", "registries", &document.registries);
    registries.extra = &["deploy"];

    for (_, _, overlay) in each(&document.overlays) {
        many(&overlay.after).for_each(|name| overlays.must_have(&name.value, name.span, cx));
    }
    for (_, _, environment) in each(&document.environments) {
        many(&environment.after).for_each(|name| environments.must_have(&name.value, name.span, cx));
        items(&environment.overlays).for_each(|name| overlays.must_have(&name.value, name.span, cx));
        environment
            .strategy
            .iter()
            .for_each(|name| strategies.must_have(&name.value, name.span, cx));
        for (name, key, placement) in each(&environment.dependencies) {
            dependencies.must_have(name, key, cx);
            placement
                .strategy
                .iter()
                .for_each(|name| strategies.must_have(&name.value, name.span, cx));
        }
    }
    for (_, _, strategy) in each(&document.strategy) {
        items(&strategy.checks).for_each(|name| checks.must_have(&name.value, name.span, cx));
        items(&strategy.analysis).for_each(|name| analyses.must_have(&name.value, name.span, cx));
        items(&strategy.hooks).for_each(|name| hooks.must_have(&name.value, name.span, cx));
    }
    let sources = each(&document.artifacts).map(|(_, _, artifact)| &artifact.from);
    for (_, _, hook) in each(&document.hook) {
        let artifact = hook.artifact.iter();
        artifact.for_each(|name| artifacts.must_have(&name.value, name.span, cx));
    }
    for from in sources
        .chain(each(&document.plugins).map(|(_, _, plugin)| &plugin.from))
        .flatten()
    {
        if let written::Source::Text(Source::Registry { registry, .. }) = &from.value {
            registries.must_have(registry, from.span, cx);
        }
    }
    together(document, &dependencies, cx);
    let dependencies = document
        .dependencies
        .iter()
        .flat_map(|named| named.value.0.values());
    for at in dependencies.filter_map(|entry| entry.value.as_ref()) {
        if let Dependency::Package { registry, .. } = &at.value.0 {
            registries.must_have(registry, at.span, cx);
        }
    }
}

/// A package has been released by others, and goes by itself.
fn together(document: &Document, dependencies: &Known<'_, written::Dependency>, cx: &mut Context<'_>) {
    let service = document.service.iter().map(|service| &service.value);
    for name in service.flat_map(|service| items(&service.together)) {
        dependencies.must_have(&name.value, name.span, cx);
        let entry = dependencies
            .named
            .and_then(|named| named.0.get(&name.value)?.value.as_ref());
        if let Some(Dependency::Package { .. }) = entry.map(|at| &at.value.0) {
            let message = format!(
                "`{}` is a package, which others have released",
                shown(&name.value)
            );
            cx.error(RULE.code, name.span, message, "not the folder of a service");
            cx.help("only services that are released from here can be released together");
        }
    }
}

struct Known<'d, T> {
    one: &'static str,
    several: &'static str,
    named: Option<&'d Named<T>>,
    extra: &'static [&'static str],
}

impl<'d, T> Known<'d, T> {
    fn new(one: &'static str, several: &'static str, slot: &'d Slot<Named<T>>) -> Self {
        Self {
            one,
            several,
            named: slot.as_ref().map(|at| &at.value),
            extra: &[],
        }
    }

    fn must_have(&self, name: &str, place: Span, cx: &mut Context<'_>) {
        if self.named.is_some_and(|named| named.0.contains_key(name)) || self.extra.contains(&name) {
            return;
        }
        let message = format!("there is no {} `{}`", self.one, shown(name));
        cx.error(RULE.code, place, message, format!("no such {}", self.one));
        let written: Vec<&str> = self
            .named
            .iter()
            .flat_map(|named| named.names())
            .take(1000)
            .collect();
        cx.suggest(
            name,
            written.into_iter().chain(self.extra.iter().copied()),
            self.several,
        );
    }
}

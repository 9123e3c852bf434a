//! Statements that cannot both be meant.

use super::{Rule, each, shown};
use crate::{Dependency, decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "contradiction",
    about: "What is written can all be meant at once.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (name, _, parameter) in each(&document.parameters) {
        if let (Some(required), Some(default)) = (&parameter.required, &parameter.default)
            && required.value
        {
            cx.error(
                RULE.code,
                required.span,
                format!("`{name}` must be decided, and has a default"),
                "must be decided",
            );
            cx.also(default.span, "decided here");
            cx.help("take one of the two away");
        }
    }
    for (_, _, environment) in each(&document.environments) {
        if let Some(keep) = environment.keep.as_ref().filter(|keep| keep.value == 0) {
            cx.error(
                RULE.code,
                keep.span,
                "with nothing kept there is nothing to go back to",
                "at least 1",
            );
        }
        for (name, key, _) in each(&environment.dependencies) {
            let mut dependencies = each(&document.dependencies);
            let Some((_, _, dependency)) = dependencies.find(|(known, _, _)| *known == name) else {
                continue;
            };
            if let Dependency::Path { path } = &dependency.0 {
                let message = format!("`{}` has a deploy.toml that decides for it", shown(name));
                cx.error(RULE.code, key, message, "decided there");
                cx.help(format!(
                    "write it into the environment of the same name in {}",
                    shown(path)
                ));
            }
        }
    }
    for (_, _, analysis) in each(&document.analysis) {
        let Some(metrics) = &analysis.metrics else {
            continue;
        };
        if let (Some(min), Some(max)) = (&metrics.value.min, &metrics.value.max)
            && min.value > max.value
        {
            cx.error(
                RULE.code,
                max.span,
                "no value is at least `min` and at most `max`",
                "less than `min`",
            );
            cx.also(min.span, "the least value that passes");
        }
    }
}

//! Values in log lines.

use slipway_model::Span;

use super::{Rule, each, shown};
use crate::{
    decode::{Context, Slot},
    written::{Document, Logs},
};

pub(super) const RULE: Rule = Rule {
    code: "log-value",
    about: "A value of log lines is one that their pattern finds, and its bounds are those of values.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, analysis) in each(&document.analysis) {
        let Some(logs) = analysis.logs.as_ref().map(|logs| &logs.value) else {
            continue;
        };
        match &logs.value {
            None => {
                for (key, place) in given([("max", span(&logs.max)), ("quantile", span(&logs.quantile))]) {
                    let message = format!("`{key}` is about values, and lines are counted here");
                    cx.error(RULE.code, place, message, "needs `value`");
                }
            }
            Some(value) => of_values(logs, &value.value, value.span, cx),
        }
    }
}

fn of_values(logs: &Logs, value: &str, place: Span, cx: &mut Context<'_>) {
    let groups: Vec<&str> = logs
        .pattern
        .iter()
        .flat_map(|pattern| pattern.value.groups())
        .collect();
    if !groups.contains(&value) {
        let message = format!("`match` has no group `{}`", shown(value));
        cx.error(RULE.code, place, message, "no such group");
        cx.help(format!(
            "a group with a name is written `(?<{}>[0-9.]+)`",
            shown(value)
        ));
    }
    let counts = [
        ("max-count", span(&logs.max_count)),
        ("max-rate", span(&logs.max_rate)),
        ("no-new", span(&logs.no_new)),
    ];
    for (key, place) in given(counts) {
        let message = format!("`{key}` is about lines, and their values are looked at here");
        cx.error(RULE.code, place, message, "not of values");
        cx.help("write an analysis of its own for it");
    }
    if let (Some(quantile), None) = (&logs.quantile, &logs.max) {
        let message = "a quantile needs `max`, which is the bound of it";
        cx.error(RULE.code, quantile.span, message, "no bound");
    }
}

fn given<const N: usize>(
    keys: [(&'static str, Option<Span>); N],
) -> impl Iterator<Item = (&'static str, Span)> {
    keys.into_iter()
        .filter_map(|(key, place)| place.map(|place| (key, place)))
}

fn span<T>(slot: &Slot<T>) -> Option<Span> {
    slot.as_ref().map(|at| at.span)
}

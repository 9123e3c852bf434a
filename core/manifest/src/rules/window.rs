//! Windows and freezes that are a time at all.

use super::{Rule, each};
use crate::{
    TimeOfDay,
    decode::Context,
    written::{Document, Environment},
};

pub(super) const RULE: Rule = Rule {
    code: "window",
    about: "A window lasts, and a freeze ends after it begins.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, environment) in each(&document.environments) {
        windows(environment, cx);
        freezes(environment, cx);
    }
}

fn windows(environment: &Environment, cx: &mut Context<'_>) {
    let windows = environment.window.iter().flat_map(|windows| &windows.value.0);
    for window in windows.map(|window| &window.value) {
        let no_day = window.days.as_ref().filter(|days| days.value.0.is_empty());
        if let Some(days) = no_day.filter(|days| !cx.said_within(days.span)) {
            cx.error(RULE.code, days.span, "a window on no day never opens", "no day");
            cx.help("leave `days` out for every day");
        }
        if let Some(from) = window.from.as_ref().filter(|from| from.value == TimeOfDay::END) {
            cx.error(
                RULE.code,
                from.span,
                "nothing begins at 24:00",
                "the end of a day",
            );
            cx.help("that is `00:00` of the next day");
        }
        let (Some(from), Some(to)) = (&window.from, &window.to) else {
            continue;
        };
        if from.value == to.value {
            let message = format!("this window ends at {} as it begins", to.value);
            cx.error(RULE.code, to.span, message, "no time at all");
            cx.also(from.span, "begins here");
            cx.help("leave both out for the whole day");
        }
    }
}

fn freezes(environment: &Environment, cx: &mut Context<'_>) {
    let freezes = environment.freeze.iter().flat_map(|freezes| &freezes.value.0);
    for freeze in freezes.map(|freeze| &freeze.value) {
        let (Some(from), Some(to)) = (&freeze.from, &freeze.to) else {
            continue;
        };
        if to.value.end() <= from.value.begin() {
            let message = format!(
                "this freeze ends ({}) before it begins ({})",
                to.value, from.value
            );
            cx.error(RULE.code, to.span, message, "too early");
            cx.also(from.span, "begins here");
        }
    }
}

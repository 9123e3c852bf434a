//! Keys of which exactly one is there, or that belong together.

use slipway_model::Span;

use super::{Rule, each};
use crate::{
    decode::{Context, Slot},
    written::Document,
};

pub(super) const RULE: Rule = Rule {
    code: "exactly-one",
    about: "Where keys exclude each other, exactly one of them is there.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (name, place, check) in each(&document.check) {
        let present = [
            ("http", span(&check.http)),
            ("tcp", span(&check.tcp)),
            ("command", span(&check.command)),
            ("plugin", span(&check.plugin)),
        ];
        one(&format!("the check `{name}`"), place, &present, cx);
        let body = check.http.as_ref().and_then(|http| http.value.body.as_ref());
        if let Some(body) = body {
            let present = [
                ("contains", span(&body.value.contains)),
                ("regex", span(&body.value.regex)),
            ];
            one("a body", body.span, &present, cx);
        }
    }
    for (name, place, analysis) in each(&document.analysis) {
        let present = [
            ("traffic", span(&analysis.traffic)),
            ("logs", span(&analysis.logs)),
            ("metrics", span(&analysis.metrics)),
        ];
        one(&format!("the analysis `{name}`"), place, &present, cx);
        if let Some(traffic) = &analysis.traffic
            && !cx.said_within(traffic.span)
        {
            let present = [
                ("errors", span(&traffic.value.errors)),
                ("slower-than", span(&traffic.value.slower_than)),
            ];
            one("traffic", traffic.span, &present, cx);
        }
        let Some(metrics) = &analysis.metrics else {
            continue;
        };
        let (at, metrics) = (metrics.span, &metrics.value);
        one(
            "a metric",
            at,
            &[
                ("prometheus", span(&metrics.prometheus)),
                ("scrape", span(&metrics.scrape)),
                ("http", span(&metrics.http)),
                ("command", span(&metrics.command)),
                ("plugin", span(&metrics.plugin)),
            ],
            cx,
        );
        if let Some(http) = &metrics.http
            && let (Some(port), Some(endpoint)) = (span(&http.value.port), span(&http.value.endpoint))
        {
            let message = "a document is of each instance (`port`) or of an endpoint, not of both";
            cx.error(RULE.code, endpoint, message, "one too many");
            cx.also(port, "the first is here");
        }
        let pairs = [
            (
                "prometheus",
                span(&metrics.prometheus),
                "query",
                span(&metrics.query),
            ),
            ("scrape", span(&metrics.scrape), "metric", span(&metrics.metric)),
            ("http", span(&metrics.http), "json", span(&metrics.json)),
        ];
        for (source, source_place, what, what_place) in pairs {
            match (source_place, what_place) {
                (Some(place), None) => cx.error(
                    RULE.code,
                    place,
                    format!("`{source}` needs `{what}`"),
                    "what is read?",
                ),
                (None, Some(place)) => cx.error(
                    RULE.code,
                    place,
                    format!("`{what}` needs `{source}`"),
                    "read where?",
                ),
                _ => {}
            }
        }
    }
}

fn one(whose: &str, place: Span, present: &[(&str, Option<Span>)], cx: &mut Context<'_>) {
    let keys = present
        .iter()
        .map(|(key, _)| format!("`{key}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let mut found = present.iter().filter_map(|(_, place)| *place);
    let (first, second) = (found.next(), found.next());
    if first.is_none() {
        cx.error(
            RULE.code,
            place,
            format!("{whose} needs exactly one of {keys}, it has none"),
            "none is here",
        );
    }
    if let (Some(first), Some(second)) = (first, second) {
        cx.error(
            RULE.code,
            second,
            format!("{whose} needs exactly one of {keys}, it has several"),
            "one too many",
        );
        cx.also(first, "the first is here");
    }
}

fn span<T>(slot: &Slot<T>) -> Option<Span> {
    slot.as_ref().map(|at| at.span)
}

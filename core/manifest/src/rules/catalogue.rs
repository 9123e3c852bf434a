//! Every rule and every code, in one place.

use super::{
    Rule, baseline, clusters, contradiction, cycle, deadline, default, duplicate, empty, exactly_one, hooks,
    http, log_values, misplaced, paths, platforms, port, references, rolling, secrets, strictness, traffic,
    type_bounds, unbounded, unused, urls, values, weights, window,
};
use crate::{decode::Context, written::Document};

const RULES: [Rule; 28] = [
    exactly_one::RULE,
    references::RULE,
    cycle::RULE,
    clusters::RULE,
    paths::RULE,
    urls::RULE,
    duplicate::RULE,
    empty::RULE,
    type_bounds::RULE,
    default::RULE,
    contradiction::RULE,
    secrets::RULE,
    strictness::RULE,
    log_values::RULE,
    traffic::RULE,
    values::RULE,
    misplaced::RULE,
    weights::RULE,
    rolling::RULE,
    deadline::RULE,
    http::RULE,
    hooks::RULE,
    platforms::RULE,
    port::RULE,
    unbounded::RULE,
    baseline::RULE,
    unused::RULE,
    window::RULE,
];

/// The codes of mistakes that are found while reading, before any rule.
const READING: [(&str, &str); 23] = [
    ("syntax", "The file is TOML."),
    ("too-large", "The file is not larger than 1 MiB."),
    (
        "too-deep",
        "Tables and lists are not nested deeper than a person would.",
    ),
    ("unknown-key", "Every key is one that is read."),
    ("missing-key", "Every required key is there."),
    ("wrong-type", "Every value is of the type of its key."),
    ("unknown-value", "A word out of a few is one of them."),
    ("out-of-range", "A number fits its key."),
    (
        "invalid-name",
        "Names are safe as file names, host names and label values.",
    ),
    ("invalid-duration", "Durations are a number and a unit."),
    ("invalid-digest", "Digests are SHA-256, in full."),
    ("invalid-pattern", "Regular expressions compile."),
    ("invalid-glob", "Patterns of file names are well formed."),
    (
        "invalid-registry",
        "Registries are addresses or folders, without credentials.",
    ),
    ("invalid-rate", "Rates are a number per unit of time."),
    ("invalid-amount", "Amounts are a number or a percentage."),
    ("invalid-days", "Days are `mon` to `sun`, or a span of them."),
    ("invalid-time", "Times of day are hours and minutes."),
    ("invalid-date", "Dates are on the calendar."),
    ("invalid-zone", "Time zones are known by their names."),
    (
        "invalid-source",
        "Sources are a path or a reference into a registry.",
    ),
    ("unverified-url", "What a URL leads to is known by its digest."),
    (
        "invalid-setting",
        "A plugin's settings are as its schema has them.",
    ),
];

/// Every code that a diagnostic about a deploy.toml may have, and what it is for.
pub fn codes() -> Vec<(&'static str, &'static str)> {
    READING
        .into_iter()
        .chain(RULES.iter().map(|rule| (rule.code, rule.about)))
        .collect()
}

pub(crate) fn check(document: &Document, cx: &mut Context<'_>) {
    for rule in RULES {
        (rule.check)(document, cx);
    }
}

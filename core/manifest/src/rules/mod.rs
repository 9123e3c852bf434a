//! What must hold beyond shapes and types. One rule a file, each with its code, what it is for, and how it is found.
//!
//! A rule reports and goes on. It says nothing about what could not be read: that has been reported already.

mod contradiction;
mod cycle;
mod deadline;
mod default;
mod duplicate;
mod empty;
mod exactly_one;
mod http;
mod misplaced;
mod paths;
mod port;
mod references;
mod rolling;
mod secrets;
mod type_bounds;
mod unbounded;
mod unused;
mod urls;
mod values;
mod weights;

use crate::{
    decode::{At, Context, Named, Slot},
    written::Document,
};

/// One thing that is checked, for documentation and tests.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The code of its diagnostics.
    pub code: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    check: fn(&Document, &mut Context<'_>),
}

const RULES: [Rule; 20] = [
    exactly_one::RULE,
    references::RULE,
    cycle::RULE,
    paths::RULE,
    urls::RULE,
    duplicate::RULE,
    empty::RULE,
    type_bounds::RULE,
    default::RULE,
    contradiction::RULE,
    secrets::RULE,
    values::RULE,
    misplaced::RULE,
    weights::RULE,
    rolling::RULE,
    deadline::RULE,
    http::RULE,
    port::RULE,
    unbounded::RULE,
    unused::RULE,
];

/// The codes of mistakes that are found while reading, before any rule.
const READING: [(&str, &str); 19] = [
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

/// The things in a table of names that could be read.
fn each<T>(slot: &Slot<Named<T>>) -> impl Iterator<Item = (&str, slipway_model::Span, &T)> {
    slot.iter().flat_map(|named| named.value.iter())
}

fn items<T>(slot: &Slot<Vec<At<T>>>) -> impl Iterator<Item = &At<T>> {
    slot.iter().flat_map(|list| &list.value)
}

fn many(slot: &Slot<crate::decode::OneOrMany<String>>) -> impl Iterator<Item = &At<String>> {
    slot.iter().flat_map(|list| &list.value.0)
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

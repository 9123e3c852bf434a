//! What a rule is, and how rules look into the document.

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
    pub(super) check: fn(&Document, &mut Context<'_>),
}

/// The things in a table of names that could be read.
pub(super) fn each<T>(slot: &Slot<Named<T>>) -> impl Iterator<Item = (&str, slipway_model::Span, &T)> {
    slot.iter().flat_map(|named| named.value.iter())
}

pub(super) fn items<T>(slot: &Slot<Vec<At<T>>>) -> impl Iterator<Item = &At<T>> {
    slot.iter().flat_map(|list| &list.value)
}

pub(super) fn many(slot: &Slot<crate::decode::OneOrMany<String>>) -> impl Iterator<Item = &At<String>> {
    slot.iter().flat_map(|list| &list.value.0)
}

/// The names of the plugins that checks and analyses ask.
pub(super) fn asked(document: &Document) -> impl Iterator<Item = &At<String>> {
    let checks = each(&document.check).filter_map(|(_, _, check)| check.plugin.as_ref());
    let metrics = each(&document.analysis).filter_map(|(_, _, analysis)| analysis.metrics.as_ref());
    let analyses = metrics.filter_map(|metrics| metrics.value.plugin.as_ref());
    checks
        .chain(analyses)
        .filter_map(|plugin| plugin.value.name.as_ref())
}

pub(super) fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

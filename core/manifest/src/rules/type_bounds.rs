//! Bounds that fit their type.

use super::{Rule, each};
use crate::{decode::Context, normalise, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "invalid-bounds",
    about: "A parameter's bounds are of its type and leave something between them.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (name, _, parameter) in each(&document.parameters) {
        if let Err(wrong) = normalise::kind(parameter) {
            cx.error(
                RULE.code,
                wrong.span,
                format!("parameter `{name}`: {}", wrong.value),
                "here",
            );
        }
    }
}

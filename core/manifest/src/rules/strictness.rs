//! How strict an analysis is.

use super::{Rule, each};
use crate::{decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "strictness",
    about: "How sure a verdict has to be, and what it tolerates, are percentages that make sense.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, analysis) in each(&document.analysis) {
        if let Some(confidence) = &analysis.confidence
            && !(50.0..100.0).contains(&confidence.value)
        {
            let message = format!("a verdict cannot be {} % sure", confidence.value);
            cx.error(RULE.code, confidence.span, message, "from 50 to less than 100");
        }
        if let Some(tolerance) = &analysis.tolerance
            && tolerance.value < 0.0
        {
            let message = format!("{} % cannot be tolerated", tolerance.value);
            cx.error(RULE.code, tolerance.span, message, "at least 0");
        }
    }
}

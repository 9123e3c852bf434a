//! A canary's weights.

use super::{Rule, each, items};
use crate::{
    decode::{At, Context},
    written::Document,
};

pub(super) const RULE: Rule = Rule {
    code: "canary-weights",
    about: "A canary's weights ascend from 1 to 100.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, strategy) in each(&document.strategy) {
        let mut last: Option<&At<u8>> = None;
        for weight in items(&strategy.steps).filter_map(|step| step.value.weight.as_ref()) {
            if !(1..=100).contains(&weight.value) {
                cx.error(
                    RULE.code,
                    weight.span,
                    format!("{} is no weight: 1 to 100", weight.value),
                    "out of range",
                );
            } else if let Some(last) = last.filter(|last| last.value >= weight.value) {
                let message = format!("the weight {} follows {}", weight.value, last.value);
                cx.error(
                    RULE.code,
                    weight.span,
                    message,
                    "must be greater than the one before",
                );
                cx.also(last.span, "the one before");
            }
            last = Some(weight);
        }
    }
}

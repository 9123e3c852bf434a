//! A rolling strategy that can move.

use super::{Rule, each};
use crate::{Amount, decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "stuck-rolling",
    about: "A rolling strategy has room to move.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, strategy) in each(&document.strategy) {
        let batches = strategy.batch.iter().flat_map(|batch| &batch.value.0);
        for batch in batches.filter(|batch| batch.value.is_zero()) {
            cx.error(RULE.code, batch.span, "a batch of none never ends", "at least 1");
        }
        let unavailable = strategy
            .max_unavailable
            .as_ref()
            .map_or(Amount::Count(0), |amount| amount.value);
        if let Some(surge) = strategy
            .max_surge
            .as_ref()
            .filter(|surge| surge.value.is_zero() && unavailable.is_zero())
        {
            cx.error(
                RULE.code,
                surge.span,
                "no instance may be missing and none may be extra: nothing can move",
                "no room",
            );
            cx.help("allow `max-surge = 1`, or `max-unavailable = 1` where two cannot run side by side");
        }
    }
}

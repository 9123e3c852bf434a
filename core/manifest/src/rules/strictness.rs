//! How strict an analysis is.

use super::{Rule, each};
use crate::{decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "strictness",
    about: "How sure a verdict has to be, and what it tolerates, are shares that make sense.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, strategy) in each(&document.strategy) {
        if let Some(score) = &strategy.score
            && !(score.value > 0.0 && score.value <= 100.0)
        {
            let message = format!("{} % of the weight is no score", score.value);
            cx.error(RULE.code, score.span, message, "more than 0 and at most 100");
        }
    }
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
        if let Some(traffic) = &analysis.traffic
            && let Some(percent) = &traffic.value.max_percent
            && !(0.0..100.0).contains(&percent.value)
        {
            let message = format!("{} % of all requests is no bound", percent.value);
            cx.error(RULE.code, percent.span, message, "from 0 to less than 100");
        }
        if let Some(logs) = &analysis.logs
            && let Some(quantile) = &logs.value.quantile
            && !(quantile.value > 0.0 && quantile.value < 1.0)
        {
            let message = format!(
                "{} is no quantile: 0.99 is what 99 % do not exceed",
                quantile.value
            );
            cx.error(RULE.code, quantile.span, message, "between 0 and 1");
        }
    }
}

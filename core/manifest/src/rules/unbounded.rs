//! Analyses that can fail.

use super::{Rule, each};
use crate::{decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "unbounded",
    about: "An analysis says what it counts and how much is too much.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, analysis) in each(&document.analysis) {
        if let Some(traffic) = &analysis.traffic {
            let (place, traffic) = (traffic.span, &traffic.value);
            if traffic.max_percent.is_none() && traffic.no_worse_than.is_none() {
                cx.error(RULE.code, place, "this analysis can never fail", "needs a bound");
                cx.help("bounds are `max-percent` and `no-worse-than`");
            }
        }
        if let Some(logs) = &analysis.logs {
            let (place, logs) = (logs.span, &logs.value);
            if logs.pattern.is_none() && logs.level.is_none() {
                cx.error(
                    RULE.code,
                    place,
                    "no line is told from another",
                    "needs `match` or `level`",
                );
            }
            let compared = logs.no_worse_than.is_some() || logs.no_new.is_some();
            let bounded = logs.max_count.is_some() || logs.max_rate.is_some() || logs.max.is_some();
            if !bounded && !compared {
                cx.error(RULE.code, place, "this analysis can never fail", "needs a bound");
                cx.help(match logs.value {
                    None => "bounds are `max-count`, `max-rate`, `no-worse-than` and `no-new`",
                    Some(_) => "bounds of values are `max` and `no-worse-than`",
                });
            }
        }
        if let Some(metrics) = &analysis.metrics {
            let (place, metrics) = (metrics.span, &metrics.value);
            if metrics.min.is_none() && metrics.max.is_none() && metrics.no_worse_than.is_none() {
                cx.error(RULE.code, place, "this analysis can never fail", "needs a bound");
                cx.help("bounds are `min`, `max` and `no-worse-than`");
            }
        }
    }
}

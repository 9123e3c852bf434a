//! Deadlines that can be met.

use super::{Rule, each};
use crate::{
    decode::Context,
    written::{Document, Strategy},
};

pub(super) const RULE: Rule = Rule {
    code: "deadline",
    about: "A change has more time than an instance needs to count as healthy.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, strategy) in each(&document.strategy) {
        let healthy = strategy.min_healthy_time.as_ref();
        let deadline = strategy.progress_deadline.as_ref();
        let needed = healthy.map_or(Strategy::MIN_HEALTHY_TIME, |at| at.value);
        let given = deadline.map_or(Strategy::PROGRESS_DEADLINE, |at| at.value);
        let Some(place) = deadline.or(healthy).filter(|_| given <= needed) else {
            continue;
        };
        let message = format!("a change has {given}, and an instance counts as healthy only after {needed}");
        cx.error(RULE.code, place.span, message, "cannot be met");
        cx.help("make `progress-deadline` longer than `min-healthy-time`, by the time that starting takes");
    }
}

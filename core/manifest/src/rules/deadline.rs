//! Deadlines that can be met.

use slipway_model::Duration;

use super::{Rule, each};
use crate::{
    decode::Context,
    written::{Document, Strategy},
};

pub(super) const RULE: Rule = Rule {
    code: "deadline",
    about: "A change has more time than an instance needs to count as healthy, and a run time to be heard from.",
    check,
};

/// A run is heard from every quarter of the time, also on a machine that is busy.
const SHORTEST: Duration = Duration::from_secs(5);

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, strategy) in each(&document.strategy) {
        if let Some(dead_man) = strategy.dead_man.as_ref().filter(|at| at.value < SHORTEST) {
            let message = format!("a run cannot be heard from every {}", dead_man.value);
            cx.error(RULE.code, dead_man.span, message, "too short");
            cx.help(format!(
                "at least {SHORTEST}, and rather minutes: what runs goes back when it is over"
            ));
        }
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

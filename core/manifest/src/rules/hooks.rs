//! Hooks that can do what they say.

use super::{Rule, each};
use crate::{HookFailure, decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "hook",
    about: "A hook has time to run, and a point of no return lies on the way to the new revision.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (_, _, hook) in each(&document.hook) {
        for timeout in hook
            .timeout
            .iter()
            .filter(|timeout| timeout.value.std().is_zero())
        {
            cx.error(
                RULE.code,
                timeout.span,
                "a hook that has no time always fails",
                "more than nothing is needed",
            );
        }
        let Some(point) = hook.point_of_no_return.as_ref().filter(|point| point.value) else {
            continue;
        };
        let backwards = hook.at.as_ref().filter(|at| !at.value.is_forth());
        if let Some(at) = backwards {
            let message = format!("at `{}` nothing is gone back from any more", at.value.as_str());
            cx.error(RULE.code, point.span, message, "no point of no return");
            cx.also(at.span, "it runs here");
        }
        let ignored = hook
            .on_failure
            .as_ref()
            .filter(|failure| failure.value == HookFailure::GoOn);
        if let Some(failure) = ignored {
            let message = "how a point of no return has ended is no matter of indifference";
            cx.error(RULE.code, failure.span, message, "must be `fail`");
            cx.also(point.span, "because of this");
        }
    }
}

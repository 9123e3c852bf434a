//! Hooks that can do what they say.

use super::{Rule, each};
use crate::{
    HookFailure, HookPlace,
    decode::Context,
    written::{Document, Hook},
};

pub(super) const RULE: Rule = Rule {
    code: "hook",
    about: "A hook has time to run and says only what means something where it runs, and a point of no return lies on the way to the new revision.",
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
        at_place(hook, cx);
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

/// What means something in one place only.
fn at_place(hook: &Hook, cx: &mut Context<'_>) {
    let place = hook
        .place
        .as_ref()
        .filter(|place| place.value == HookPlace::Place);
    if let (Some(place), Some(repeatable)) = (place, &hook.repeatable) {
        let message =
            "at the place nothing runs twice, and nobody is asked: the place knows what it has begun";
        cx.error(RULE.code, repeatable.span, message, "means nothing here");
        cx.also(place.span, "it runs here");
        cx.help("take `repeatable` away");
    }
    let own = [("artifact", &hook.artifact), ("part", &hook.part)];
    for (key, at) in own {
        if let (None, Some(at)) = (place, at) {
            let message = format!("`{key}` says what a hook at the place runs with");
            cx.error(
                RULE.code,
                at.span,
                message,
                "this one runs on the machine of Slipway",
            );
            cx.help("add `where = \"place\"`, or take it away");
        }
    }
}

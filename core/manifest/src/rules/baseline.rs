//! What is compared with a baseline can be told by instance.

use super::{Rule, each};
use crate::{
    Comparison,
    decode::{Context, Slot},
    written::Document,
};

pub(super) const RULE: Rule = Rule {
    code: "baseline",
    about: "What is compared with a baseline is known of each instance.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let is_baseline = |slot: &Slot<Comparison>| {
        let slot = slot.as_ref().filter(|slot| slot.value == Comparison::Baseline);
        slot.map(|slot| slot.span)
    };
    for (_, _, analysis) in each(&document.analysis) {
        if let Some(logs) = analysis.logs.as_ref().map(|logs| &logs.value) {
            if let Some(place) = is_baseline(&logs.no_new) {
                let message = "kinds of messages are held against all of the old revision";
                cx.error(RULE.code, place, message, "must be `stable`");
            }
            if let (Some(place), Some(new)) = (is_baseline(&logs.no_worse_than), &logs.no_new) {
                let message = "one analysis looks at a baseline or at all of the old revision";
                cx.error(RULE.code, place, message, "a part of it");
                cx.also(new.span, "all of it");
                cx.help("make two analyses");
            }
        }
        let Some(metrics) = analysis.metrics.as_ref().map(|metrics| &metrics.value) else {
            continue;
        };
        let Some(place) = is_baseline(&metrics.no_worse_than) else {
            continue;
        };
        let elsewhere = (metrics.prometheus.as_ref().map(|slot| slot.span))
            .or(metrics.plugin.as_ref().map(|slot| slot.span))
            .or(metrics.http.as_ref().and_then(|http| {
                let endpoint = http.value.endpoint.as_ref();
                endpoint.map(|slot| slot.span)
            }));
        if let Some(source) = elsewhere {
            let message = "this source is asked for a whole revision";
            cx.error(RULE.code, place, message, "must be `stable`");
            cx.also(source, "it does not tell instances apart");
            cx.help("`scrape`, `http` with a `port` and `command` do");
        }
    }
}

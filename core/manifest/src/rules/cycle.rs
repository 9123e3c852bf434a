//! Circles of `after`.

use super::{Rule, many};
use crate::{
    decode::{Context, Named, OneOrMany, Slot},
    normalise::{Cycle, in_order},
    written::Document,
};

pub(super) const RULE: Rule = Rule {
    code: "cycle",
    about: "Nothing comes after itself.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    circle("overlay", &document.overlays, |overlay| &overlay.after, cx);
    circle(
        "environment",
        &document.environments,
        |environment| &environment.after,
        cx,
    );
}

fn circle<T>(
    what: &str,
    slot: &Slot<Named<T>>,
    after: impl Fn(&T) -> &Slot<OneOrMany<String>>,
    cx: &mut Context<'_>,
) {
    let Some(named) = slot else { return };
    let written = |name: &str| Some(after(&named.value.0.get(name)?.value.as_ref()?.value));
    let names = |name: &str| Some(many(written(name)?).map(|name| name.value.as_str()).collect());
    let Err(Cycle(path)) = in_order(named.value.names(), names) else {
        return;
    };
    let [.., last, first] = path.as_slice() else {
        return;
    };
    let place = written(last).and_then(|after| many(after).find(|name| name.value == *first));
    if let Some(place) = place {
        // A circle may be as long as the file; its ends are what a person needs.
        let shown = match path.as_slice() {
            [head @ .., _, _] if head.len() > 8 => {
                format!("{} -> ... -> {last} -> {first}", head[..6].join(" -> "))
            }
            all => all.join(" -> "),
        };
        cx.error(
            RULE.code,
            place.span,
            format!("the {what} `{first}` comes after itself: {shown}"),
            "closes the circle",
        );
        cx.help("take one `after` of the circle away");
    }
}

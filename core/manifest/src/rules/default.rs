//! Defaults that the parameter itself allows.

use super::{Rule, each};
use crate::{decode::Context, normalise, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "invalid-default",
    about: "A default is a value that is allowed.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (name, _, parameter) in each(&document.parameters) {
        let Ok(Some(kind)) = normalise::kind(parameter) else {
            continue;
        };
        if kind == crate::Kind::Secret {
            continue;
        }
        if let Some(Err(wrong)) = normalise::default(parameter, &kind) {
            cx.error(
                RULE.code,
                wrong.span,
                format!("the default of `{name}`: {}", wrong.value),
                "not allowed",
            );
            if kind.holds_secrets() {
                cx.secret();
            }
        }
    }
}

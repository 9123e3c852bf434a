//! Secrets are never written down.

use super::{Rule, each};
use crate::{Type, decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "secret-in-file",
    about: "No secret stands in a file.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (name, _, parameter) in each(&document.parameters) {
        let secret = parameter.of.as_ref().is_some_and(|of| of.value == Type::Secret);
        if let Some(default) = parameter.default.as_ref().filter(|_| secret) {
            cx.error(
                RULE.code,
                default.span,
                format!("the secret `{name}` has a default"),
                "readable by everybody",
            );
            cx.secret();
            cx.help("take the default away: the operator's own file says where the secret comes from");
        }
    }
}

//! An environment's values.

use indexmap::IndexMap;

use super::{Rule, each, shown};
use crate::{decode::Context, normalise, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "invalid-value",
    about: "An environment's values are for parameters that there are, and are allowed.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let kinds: IndexMap<_, _> = each(&document.parameters)
        .map(|(name, _, parameter)| (name, normalise::kind(parameter).ok().flatten()))
        .collect();
    let declared = document.parameters.as_ref().map(|parameters| &parameters.value.0);
    for (_, _, environment) in each(&document.environments) {
        let clusters = environment
            .clusters
            .iter()
            .flat_map(|clusters| clusters.value.iter());
        let of_clusters = clusters.filter_map(|(_, _, cluster)| cluster.values.as_ref());
        let all = environment
            .values
            .iter()
            .chain(of_clusters)
            .map(|values| &values.value);
        for (values, name, value) in
            all.flat_map(|all| all.values.iter().map(move |(name, value)| (all, name, value)))
        {
            let pointer = crate::manifest::pointer("", name);
            let place = values.place(&pointer).unwrap_or_default();
            if declared.is_none_or(|declared| !declared.contains_key(name)) {
                cx.error(
                    RULE.code,
                    place.key,
                    format!("there is no parameter `{}`", shown(name)),
                    "no such parameter",
                );
                cx.suggest(name, kinds.keys().copied(), "parameters");
            } else if let Some(Some(kind)) = kinds.get(name.as_str())
                && let Err(cause) = kind.check(value)
            {
                cx.error(
                    RULE.code,
                    place.value,
                    format!("the value of `{name}`: {cause}"),
                    "not allowed",
                );
                if kind.holds_secrets() {
                    cx.secret();
                }
            }
        }
    }
}

//! Requests are counted by routers.

use std::collections::HashSet;

use slipway_model::Span;

use super::{Rule, each, items, shown};
use crate::{
    decode::{At, Context, Slot},
    written::{Binding, Document},
};

pub(super) const RULE: Rule = Rule {
    code: "traffic",
    about: "Where requests are judged there is a router that counts them.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    let counting: HashSet<&str> = each(&document.analysis)
        .filter(|(_, _, analysis)| analysis.traffic.is_some())
        .map(|(name, _, _)| name)
        .collect();
    let strategies: HashSet<&str> = each(&document.strategy)
        .filter(|(_, _, strategy)| {
            items(&strategy.analysis).any(|name| counting.contains(name.value.as_str()))
        })
        .map(|(name, _, _)| name)
        .collect();
    let mut places = Vec::new();
    for (_, _, environment) in each(&document.environments) {
        places.extend(without(&environment.strategy, &environment.router));
        for (_, _, placement) in each(&environment.dependencies) {
            places.extend(without(&placement.strategy, &placement.router));
        }
    }
    for (strategy, place) in places
        .into_iter()
        .filter(|(strategy, _)| strategies.contains(strategy))
    {
        let message = format!(
            "`{}` judges requests, and there is no router that counts them",
            shown(strategy)
        );
        cx.error(RULE.code, place, message, "needs `router`");
    }
}

/// The strategy of what has no router.
fn without<'d>(strategy: &'d Slot<String>, router: &Option<At<Binding>>) -> Option<(&'d str, Span)> {
    let strategy = strategy.as_ref().filter(|_| router.is_none())?;
    Some((strategy.value.as_str(), strategy.span))
}

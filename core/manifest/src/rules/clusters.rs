//! The clusters that an environment is made of.

use slipway_model::EnvironmentName;

use super::{Rule, each, shown};
use crate::{decode::Context, written::Document};

pub(super) const RULE: Rule = Rule {
    code: "cluster",
    about: "Clusters are environments with names of their own, and go in batches that move.",
    check,
};

fn check(document: &Document, cx: &mut Context<'_>) {
    for (name, _, environment) in each(&document.environments) {
        let Some(clusters) = &environment.clusters else {
            let batch = environment.batch.as_ref().map(|batch| ("batch", batch.span));
            let failures = environment
                .max_failures
                .as_ref()
                .map(|most| ("max-failures", most.span));
            for (key, place) in batch.into_iter().chain(failures) {
                let message = format!("`{key}` is about clusters, and `{}` has none", shown(name));
                cx.error(RULE.code, place, message, "not read here");
                cx.help("instances are replaced in batches by a strategy of the type `rolling`");
            }
            continue;
        };
        if clusters.value.0.is_empty() {
            cx.error(
                RULE.code,
                clusters.span,
                "an environment of no clusters is nowhere",
                "no cluster",
            );
        }
        for (cluster, place, written) in clusters.value.iter() {
            let full = format!("{name}-{cluster}");
            let taken = document
                .environments
                .iter()
                .any(|all| all.value.0.contains_key(&full));
            let wrong = match full.parse::<EnvironmentName>() {
                Err(error) => Some(error.to_string()),
                Ok(_) if taken => Some("there is such an environment already".to_owned()),
                Ok(_) => None,
            };
            if let Some(why) = wrong {
                let message = format!(
                    "cluster `{}` is the environment `{}`: {why}",
                    shown(cluster),
                    shown(&full)
                );
                cx.error(RULE.code, place, message, "another name");
            }
            if let (Some(router), None) = (&written.router, &environment.router) {
                let message = format!("`{}` has no router whose settings could differ", shown(name));
                cx.error(RULE.code, router.span, message, "no router");
            }
        }
        let batches = environment.batch.iter().flat_map(|batch| &batch.value.0);
        for batch in batches.filter(|batch| batch.value.is_zero()) {
            cx.error(RULE.code, batch.span, "a batch of none never ends", "at least 1");
        }
    }
}

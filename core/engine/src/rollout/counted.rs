//! Whether the router tells what a plan's analyses of requests are judged by. Asked before anything is changed.

use serde_json::json;
use slipway_manifest::{Analysis, Evidence, Strategy, TrafficEvents};
use slipway_model::{Action, Plan};

use super::Site;
use crate::{
    Failed, RunError,
    judge::{Counted, requests},
    run::Caller,
};

/// A router that serves nobody yet has nothing to tell of: what it counts is seen where it has users.
pub(crate) async fn can_be_counted(
    site: &Site,
    plan: &Plan,
    strategy: &Strategy,
    (caller, key): (Caller<'_>, &str),
) -> Result<(), RunError> {
    let mut wanted = counting(plan, strategy).peekable();
    let Some((first, _)) = wanted.peek() else {
        return Ok(());
    };
    let Some(at) = &site.router else {
        let text = format!("analysis {}: there is no router that counts requests", first.name);
        return Err(other_evidence(text).into());
    };
    let page: Result<String, RunError> = caller
        .call(&format!("{key}/requests"), json!("metrics"), |call| {
            at.router.metrics(site.router_grants(call), at.place.clone())
        })
        .await;
    let page = match page {
        Err(RunError::Failed(_)) if plan.old.is_none() => return Ok(()),
        page => page?,
    };
    // Of what runs there are counts already, where the router keeps any.
    let revision = plan.old.as_ref().map_or(plan.new.revision, |old| old.revision);
    for (analysis, events) in wanted {
        requests(&page, (revision, Counted::All), events)
            .map_err(|trouble| other_evidence(format!("analysis {}: {trouble}", analysis.name)))?;
    }
    Ok(())
}

/// The analyses of requests that some soak is judged by.
fn counting<'a>(
    plan: &'a Plan,
    strategy: &'a Strategy,
) -> impl Iterator<Item = (&'a Analysis, &'a TrafficEvents)> {
    let judged = |name: &String| {
        let mut actions = plan.deploy.iter().chain(&plan.cutover);
        actions.any(|action| matches!(action, Action::Soak { analysis, .. } if analysis.contains(name)))
    };
    let analyses = strategy
        .analyses
        .iter()
        .filter(move |analysis| judged(&analysis.name));
    analyses.filter_map(|analysis| match &analysis.evidence {
        Evidence::Traffic { events, .. } => Some((analysis, events)),
        _ => None,
    })
}

fn other_evidence(text: String) -> Failed {
    Failed::new(text).hint("judge by `logs` or `metrics` there, or by what this router counts")
}

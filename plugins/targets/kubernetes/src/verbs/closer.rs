//! Why objects that are waited for do not come about: their pods and what is warned of are watched beside them, for all
//! of them together.

use serde_json::Value;
use slipway_kubernetes_api::{Id, Watching};
use slipway_sdk::{Failure, Place};

use super::{
    crowd::name,
    lists,
    look::{JOB, last_lines},
};
use crate::{
    chosen::runs,
    diagnosis::{Finding, causes, examine},
    inventory::Item,
    kinds::{is_job, is_workload, pod_labels},
    labels,
    settings::Settings,
};

/// From the next turn on. Only for what runs pods there is anything to look at.
pub(super) fn want(
    place: &Place<Settings>,
    (id, item): (&Id, &Item),
    watching: &mut Watching,
) -> Result<(), Failure> {
    if let Some(pods) = pods(place, id, item, watching)? {
        watching.want(&pods, false);
        watching.want(
            &lists::warnings(lists::namespace(item, &place.settings.namespace))?,
            false,
        );
    }
    Ok(())
}

/// What is wrong, as far as it has been listed.
pub(super) fn findings(
    place: &Place<Settings>,
    (id, item): (&Id, &Item),
    watching: &Watching,
) -> Result<Vec<Finding>, Failure> {
    let Some(path) = pods(place, id, item, watching)? else {
        return Ok(Vec::new());
    };
    let live = live(item, watching);
    let marked = is_marked(id, live);
    let ours = |pod: &&Value| match live {
        _ if is_job(id) || id.is("", "Pod") => true,
        // A pod is called after what runs it.
        _ if marked => name(pod).starts_with(&item.name),
        Some(live) => runs(id, live, pod),
        None => false,
    };
    let pods: Vec<_> = watching.objects(&path).filter(ours).cloned().collect();
    let told = lists::warnings(lists::namespace(item, &place.settings.namespace))?;
    let warnings: Vec<_> = watching.objects(&told).cloned().collect();
    let borne = if is_job(id) { JOB } else { place.settings.restarts };
    Ok(examine(&pods, &warnings, std::slice::from_ref(&item.name), borne))
}

/// In lines; empty if nobody says.
pub(super) fn words(findings: &[Finding]) -> Result<String, Failure> {
    let mut lines = causes(findings);
    lines.extend(last_lines(findings)?);
    Ok(lines.join("\n"))
}

/// Where its pods are listed, if it has any.
fn pods(
    place: &Place<Settings>,
    id: &Id,
    item: &Item,
    watching: &Watching,
) -> Result<Option<String>, Failure> {
    let namespace = lists::namespace(item, &place.settings.namespace);
    let live = live(item, watching);
    if let Some(pods) = lists::of_task(id, item, namespace)? {
        Ok(Some(pods))
    } else if !is_workload(id) {
        Ok(None)
    } else if is_marked(id, live) {
        let revision = live.map(labels::revision_of).unwrap_or_default();
        lists::of_revision(place, revision, namespace).map(Some)
    } else {
        lists::unmarked(namespace).map(Some)
    }
}

fn is_marked(id: &Id, live: Option<&Value>) -> bool {
    let labels = live.and_then(|live| pod_labels(id, live));
    labels.is_some_and(|labels| labels.contains_key(labels::REVISION))
}

fn live<'a>(item: &Item, watching: &'a Watching) -> Option<&'a Value> {
    watching.objects(&lists::alone(&item.path())).next()
}

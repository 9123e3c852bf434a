//! Where what belongs to an instance is listed: its objects one by one, its pods, and what is told of both.

use slipway_kubernetes_api::{Id, LABEL_LIMIT, Resource, fitting, short};
use slipway_sdk::{Failure, Place, http::escape};

use super::workloads::workloads;
use crate::{
    inventory::{Entry, Item},
    kinds::is_job,
    labels,
    settings::Settings,
};

/// The list of one object alone, from its own path.
pub(super) fn alone(path: &str) -> String {
    let (list, name) = path.rsplit_once('/').unwrap_or((path, ""));
    format!("{list}?fieldSelector=metadata.name%3D{name}")
}

pub(super) fn pods(namespace: &str) -> Result<String, Failure> {
    Ok(known("", "Pod")?.list(Some(namespace)))
}

/// Those of an artifact, of all of its revisions.
pub(super) fn of_artifact(
    place: &Place<Settings>,
    entry: &Entry,
    namespace: &str,
) -> Result<String, Failure> {
    chosen(namespace, &artifact(place, entry))
}

pub(super) fn of_entry(place: &Place<Settings>, entry: &Entry, namespace: &str) -> Result<String, Failure> {
    let revision = short(&entry.revision);
    chosen(
        namespace,
        &format!("{},{}={revision}", artifact(place, entry), labels::REVISION),
    )
}

pub(super) fn of_revision(
    place: &Place<Settings>,
    revision: &str,
    namespace: &str,
) -> Result<String, Failure> {
    chosen(
        namespace,
        &format!("{},{}={revision}", labels::selector(place), labels::REVISION),
    )
}

/// Those that no start has marked.
pub(super) fn unmarked(namespace: &str) -> Result<String, Failure> {
    chosen(namespace, &format!("!{}", labels::REVISION))
}

/// The pods of Jobs bear no revision.
pub(super) fn of_job(namespace: &str, name: &str) -> Result<String, Failure> {
    chosen(namespace, &format!("batch.kubernetes.io/job-name={name}"))
}

/// Of what comes to an end: a Job's, or a Pod itself.
pub(super) fn of_task(id: &Id, item: &Item, namespace: &str) -> Result<Option<String>, Failure> {
    if is_job(id) {
        of_job(namespace, &item.name).map(Some)
    } else {
        Ok(id.is("", "Pod").then(|| alone(&item.path())))
    }
}

/// Of an entry's Jobs.
pub(super) fn of_jobs(place: &Place<Settings>, entry: &Entry) -> Result<Vec<String>, Failure> {
    let own = place.settings.namespace.as_str();
    let jobs = entry
        .objects
        .iter()
        .filter(|item| item.id(own).is("batch", "Job"));
    jobs.map(|item| of_job(namespace(item, own), &item.name))
        .collect()
}

pub(super) fn warnings(namespace: &str) -> Result<String, Failure> {
    let events = known("", "Event")?.list(Some(namespace));
    Ok(format!(
        "{events}?fieldSelector={}&limit=500",
        escape("type=Warning")
    ))
}

/// Who answers for a Service.
pub(super) fn endpoints(namespace: &str, service: &str) -> Result<String, Failure> {
    let slices = known("discovery.k8s.io", "EndpointSlice")?.list(Some(namespace));
    let selector = format!("kubernetes.io/service-name={service}");
    Ok(format!("{slices}?labelSelector={}", escape(&selector)))
}

/// Those namespaces in which an instance runs pods.
pub(super) fn namespaces<'a>(place: &'a Place<Settings>, entry: &'a Entry) -> Vec<&'a str> {
    let own = place.settings.namespace.as_str();
    let mut found: Vec<_> = workloads(entry, own)
        .into_iter()
        .map(|(_, item)| namespace(item, own))
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

pub(super) fn namespace<'a>(item: &'a Item, own: &'a str) -> &'a str {
    item.namespace.as_deref().unwrap_or(own)
}

fn artifact(place: &Place<Settings>, entry: &Entry) -> String {
    let artifact = fitting(&entry.artifact, LABEL_LIMIT);
    format!("{},{}={artifact}", labels::selector(place), labels::ARTIFACT)
}

fn chosen(namespace: &str, selector: &str) -> Result<String, Failure> {
    Ok(format!("{}?labelSelector={}", pods(namespace)?, escape(selector)))
}

fn known(group: &str, kind: &str) -> Result<Resource, Failure> {
    Resource::known(group, kind).ok_or_else(|| Failure::failed(format!("nothing is known of {kind}")))
}

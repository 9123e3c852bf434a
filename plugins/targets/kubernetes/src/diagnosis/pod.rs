//! A pod by its containers, its conditions and what is warned about it.

use serde_json::Value;
use slipway_kubernetes_api::{items, number, text};

use super::{
    container, events,
    finding::{Finding, Rank},
};

/// What is wrong with these pods, and with what makes them (by name). `borne`: so many restarts of a container are.
pub(crate) fn examine(pods: &[Value], warnings: &[Value], owners: &[String], borne: i64) -> Vec<Finding> {
    let mut found: Vec<_> = pods.iter().flat_map(|pod| one(pod, warnings, borne)).collect();
    found.extend(events::refused(warnings, owners));
    found
}

pub(crate) fn restarts(pods: &[Value]) -> u32 {
    let counted = pods
        .iter()
        .flat_map(statuses)
        .filter_map(|status| number(status, "/restartCount"));
    u32::try_from(counted.sum::<i64>()).unwrap_or(u32::MAX)
}

fn statuses(pod: &Value) -> impl Iterator<Item = &Value> {
    items(pod, "/status/initContainerStatuses").chain(items(pod, "/status/containerStatuses"))
}

fn one(pod: &Value, warnings: &[Value], borne: i64) -> Vec<Finding> {
    // What is on its way out is not what is wrong.
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        return Vec::new();
    }
    let mut found: Vec<_> = statuses(pod)
        .filter_map(|status| container::examine(pod, status, borne))
        .collect();
    let add = |found: &mut Vec<Finding>, rank, words: String| {
        let pod = text(pod, "/metadata/name").to_owned();
        found.push(Finding {
            rank,
            words,
            pod,
            hopeless: false,
            log: None,
        });
    };
    let unschedulable = items(pod, "/status/conditions").find(|condition| {
        text(condition, "/type") == "PodScheduled" && text(condition, "/status") == "False"
    });
    if let Some(condition) = unschedulable {
        let words = container::one_line(text(condition, "/message"));
        add(
            &mut found,
            Rank::Unschedulable,
            format!("no node can take the pod: {words}"),
        );
    }
    let (uid, phase) = (text(pod, "/metadata/uid"), text(pod, "/status/phase"));
    if phase == "Failed" && found.is_empty() {
        let words = container::one_line(text(pod, "/status/message"));
        add(&mut found, Rank::Other, format!("the pod has failed: {words}"));
    }
    let ready = items(pod, "/status/conditions")
        .any(|condition| text(condition, "/type") == "Ready" && text(condition, "/status") == "True");
    if ready || phase == "Succeeded" {
        return found;
    }
    let volumes = ["FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"];
    if let Some(event) = events::last(warnings, uid, &volumes).filter(|_| phase == "Pending") {
        add(&mut found, Rank::Volume, events::message(event));
    }
    if let Some(event) = events::last(warnings, uid, &["Unhealthy"]) {
        let words = events::message(event);
        add(&mut found, Rank::Probe, lower(&words));
    }
    found
}

/// `Readiness probe failed: ...` in the middle of a sentence.
fn lower(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests;

//! The rules by kind.

use serde_json::Value;
use slipway_kubernetes_api::{Id, number};

use super::{Standing, custom, other, paused, workload};
use crate::kinds::is_workload;

/// Whether an object's status says anything; others are well as soon as they are there.
pub(super) fn watched(id: &Id) -> bool {
    let known = [
        ("", "PersistentVolumeClaim"),
        ("batch", "Job"),
        ("policy", "PodDisruptionBudget"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ];
    is_workload(id) || known.iter().any(|(group, kind)| id.is(group, kind)) || is_custom(id)
}

pub(super) fn standing(id: &Id, live: &Value) -> Standing {
    if let Some(told) = common(live) {
        return told;
    }
    match (id.group.as_str(), id.kind.as_str()) {
        ("apps", "Deployment") => paused::said(live, workload::deployment(live)),
        ("apps", "StatefulSet") => workload::stateful_set(live),
        ("apps", "DaemonSet") => workload::daemon_set(live),
        ("apps", "ReplicaSet") => workload::replica_set(live),
        ("", "Pod") => workload::pod(live),
        ("batch", "Job") => other::job(live),
        ("", "PersistentVolumeClaim") => other::claim(live),
        ("policy", "PodDisruptionBudget") => other::budget(live),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => other::definition(live),
        _ => custom::standing(live),
    }
}

/// What is the same for all kinds.
pub(super) fn common(live: &Value) -> Option<Standing> {
    if live.pointer("/metadata/deletionTimestamp").is_some() {
        return Some(Standing::Leaving);
    }
    let observed = number(live, "/status/observedGeneration");
    let behind = observed.is_some_and(|observed| Some(observed) < number(live, "/metadata/generation"));
    behind.then(|| Standing::waits("its controller has not seen the change yet"))
}

/// A kind that came with a definition: the cluster's own groups have no dot, or end with its own domain.
pub(super) fn is_custom(id: &Id) -> bool {
    let own = id.group.ends_with(".k8s.io") && id.group != "gateway.networking.k8s.io";
    id.group.contains('.') && !own
}

#[cfg(test)]
mod tests;

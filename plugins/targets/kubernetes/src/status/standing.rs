//! The rules by kind.

use serde_json::Value;
use slipway_kubernetes_api::{Id, items, number, text};

use super::{custom, other, workload};
use crate::kinds::is_workload;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    Current,
    /// And what it waits for.
    InProgress(String),
    /// It will not come about by itself.
    Failed(String),
    /// It is being removed.
    Leaving,
}

impl Standing {
    pub(crate) fn waits(why: impl Into<String>) -> Self {
        Self::InProgress(why.into())
    }
}

/// Whether an object's status says anything; others are well as soon as they are there.
pub(crate) fn watched(id: &Id) -> bool {
    let known = [
        ("", "PersistentVolumeClaim"),
        ("batch", "Job"),
        ("policy", "PodDisruptionBudget"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ];
    is_workload(id) || known.iter().any(|(group, kind)| id.is(group, kind)) || is_custom(id)
}

pub(crate) fn standing(id: &Id, live: &Value) -> Standing {
    if live.pointer("/metadata/deletionTimestamp").is_some() {
        return Standing::Leaving;
    }
    let observed = number(live, "/status/observedGeneration");
    if observed.is_some_and(|observed| Some(observed) < number(live, "/metadata/generation")) {
        return Standing::waits("its controller has not seen the change yet");
    }
    match (id.group.as_str(), id.kind.as_str()) {
        ("apps", "Deployment") => workload::deployment(live),
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

/// A kind that came with a definition: the cluster's own groups have no dot, or end with its own domain.
fn is_custom(id: &Id) -> bool {
    let own = id.group.ends_with(".k8s.io") && id.group != "gateway.networking.k8s.io";
    id.group.contains('.') && !own
}

/// The status of a condition, and why.
pub(super) fn condition<'a>(live: &'a Value, kind: &str) -> Option<(&'a str, String)> {
    let found = items(live, "/status/conditions").find(|condition| text(condition, "/type") == kind)?;
    Some((text(found, "/status"), reason(found)))
}

pub(super) fn reason(condition: &Value) -> String {
    match (text(condition, "/reason"), text(condition, "/message")) {
        ("", "") => "no reason is given".to_owned(),
        (reason, "") => reason.to_owned(),
        ("", message) => message.to_owned(),
        (reason, message) => format!("{reason}: {message}"),
    }
}

#[cfg(test)]
mod tests;

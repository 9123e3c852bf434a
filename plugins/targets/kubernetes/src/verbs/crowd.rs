//! The pods of an instance, as they are now.

use serde_json::Value;
use slipway_kubernetes_api::{Ask, Id, ask_all, list, text};
use slipway_sdk::{Failure, Place};

use super::{lists, workloads::workloads};
use crate::{chosen::runs, inventory::Entry, settings::Settings};

pub(super) fn pods_of(place: &Place<Settings>, entry: &Entry) -> Result<Vec<Value>, Failure> {
    let (own, namespaces) = (&place.settings.namespace, lists::namespaces(place, entry));
    if entry.unmarked() {
        let workloads = workloads(entry, own);
        let asks = workloads.iter().map(|(_, item)| Ask::get(item.path()));
        let mut live = Vec::new();
        for ((id, _), answer) in workloads.iter().zip(ask_all(asks.collect())?) {
            let found = answer.found(&format!("reading {id}"))?;
            live.extend(found.map(|found| (id.clone(), found)));
        }
        let live: Vec<_> = live.iter().map(|(id, live)| (id.clone(), live)).collect();
        return unmarked_of(&namespaces, &live);
    }
    let mut found = Vec::new();
    for namespace in namespaces {
        found.extend(list(&lists::of_entry(place, entry, namespace)?)?);
    }
    Ok(found)
}

/// The pods that no start has marked, of these live objects.
pub(super) fn unmarked_of(namespaces: &[&str], objects: &[(Id, &Value)]) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    for namespace in namespaces {
        found.extend(list(&lists::unmarked(namespace)?)?);
    }
    found.retain(|pod| objects.iter().any(|(id, live)| runs(id, live, pod)));
    Ok(found)
}

pub(super) fn jobs(place: &Place<Settings>, entry: &Entry) -> Result<Vec<Value>, Failure> {
    let mut found = Vec::new();
    for path in lists::of_jobs(place, entry)? {
        found.extend(list(&path)?);
    }
    Ok(found)
}

/// Of a pod.
pub(super) fn name(pod: &Value) -> &str {
    text(pod, "/metadata/name")
}

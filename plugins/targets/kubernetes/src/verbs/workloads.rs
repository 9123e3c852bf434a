//! Those of an instance's objects that run its pods.

use serde_json::Value;
use slipway_kubernetes_api::{Id, short, text};

use crate::{
    inventory::{Entry, Item},
    kinds::is_workload,
    labels,
};

/// Whether a live object carries the revision of an entry.
pub(super) fn carries(live: &Value, entry: &Entry) -> bool {
    labels::revision_of(live) == short(&entry.revision) && !text(live, "/metadata/name").is_empty()
}

/// The ids and paths of those of an entry's objects that run pods.
pub(super) fn workloads<'a>(entry: &'a Entry, namespace: &str) -> Vec<(Id, &'a Item)> {
    let all = entry.objects.iter().map(|item| (item.id(namespace), item));
    all.filter(|(id, _)| is_workload(id)).collect()
}

//! The order of what is printed: kinds that others depend on first, or as they came.

use std::{cmp::Ordering, collections::HashMap};

use crate::{
    kustomization::{Order, SortOptions},
    model::{Gvk, Resource},
};

const FIRST: [&str; 22] = [
    "Namespace",
    "ResourceQuota",
    "StorageClass",
    "CustomResourceDefinition",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PriorityClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Deployment",
    "StatefulSet",
    "CronJob",
    "PodDisruptionBudget",
];
const LAST: [&str; 2] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/// Where a kind stands: before the others (below 0), among them, or behind.
pub(crate) fn rank(kind: &str) -> isize {
    ranked(&FIRST, &LAST).get(kind).copied().unwrap_or(0)
}

/// What kinds of one rank are ordered by.
pub(crate) fn gvk_text(gvk: &Gvk) -> String {
    let or = |text: &str, otherwise: &str| {
        if text.is_empty() {
            otherwise.to_owned()
        } else {
            text.to_owned()
        }
    };
    format!(
        "{}_{}_{}",
        or(&gvk.group, "~G"),
        or(&gvk.version, "~V"),
        or(&gvk.kind, "~K")
    )
}

pub(crate) fn sort(resources: &mut [Resource], options: &SortOptions) {
    let ranks = match &options.order {
        Order::AsTheyCame => return,
        Order::ByKind { first, last } => match (first, last) {
            (None, None) => ranked(&FIRST, &LAST),
            (first, last) => ranked(
                &first.iter().flatten().map(String::as_str).collect::<Vec<_>>(),
                &last.iter().flatten().map(String::as_str).collect::<Vec<_>>(),
            ),
        },
    };
    resources.sort_by_cached_key(|resource| Key::of(resource, &ranks));
}

fn ranked<'a>(first: &[&'a str], last: &[&'a str]) -> HashMap<&'a str, isize> {
    let before = -isize::try_from(first.len()).unwrap_or(isize::MAX);
    let first = first.iter().copied().zip(before..);
    first.chain(last.iter().copied().zip(1..)).collect()
}

#[derive(PartialEq, Eq)]
struct Key {
    rank: isize,
    /// A core Namespace comes behind those of other groups.
    backwards: bool,
    gvk: String,
    id: String,
}

impl Key {
    fn of(resource: &Resource, ranks: &HashMap<&str, isize>) -> Self {
        let gvk = resource.gvk();
        let text = |text: &str, otherwise: &str| {
            if text.is_empty() {
                otherwise.to_owned()
            } else {
                text.to_owned()
            }
        };
        Self {
            rank: ranks.get(gvk.kind.as_str()).copied().unwrap_or(0),
            backwards: gvk.kind == "Namespace",
            gvk: gvk_text(&gvk),
            id: format!(
                "{}|{}",
                text(resource.namespace(), "~X"),
                text(resource.name(), "~N")
            ),
        }
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        let core = |key: &Self| key.gvk.starts_with("~G_");
        let by_gvk = if self.backwards && other.backwards && (core(self) || core(other)) {
            other.gvk.cmp(&self.gvk)
        } else {
            self.gvk.cmp(&other.gvk)
        };
        self.rank
            .cmp(&other.rank)
            .then(by_gvk)
            .then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

//! The order in which objects are made: what others need comes first. Within a group, waves.

use slipway_kubernetes_api::{Id, at};

use crate::document::Object;

/// An annotation with a whole number: lower ones go first, and are waited for.
const WAVE: &str = "slipway.dev/wave";

/// From the first to the last; custom resources and whatever nobody needs come at the end.
const GROUPS: [&[(&str, &str)]; 9] = [
    &[("", "Namespace")],
    &[("apiextensions.k8s.io", "CustomResourceDefinition")],
    &[
        ("rbac.authorization.k8s.io", "ClusterRole"),
        ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
    ],
    &[
        ("", "ServiceAccount"),
        ("", "ResourceQuota"),
        ("", "LimitRange"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("node.k8s.io", "RuntimeClass"),
    ],
    &[("", "ConfigMap"), ("", "Secret")],
    &[
        ("storage.k8s.io", "StorageClass"),
        ("storage.k8s.io", "CSIDriver"),
        ("", "PersistentVolume"),
        ("", "PersistentVolumeClaim"),
    ],
    &[
        ("", "Service"),
        ("", "Endpoints"),
        ("discovery.k8s.io", "EndpointSlice"),
    ],
    &[
        ("apps", "StatefulSet"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "ReplicaSet"),
        ("", "ReplicationController"),
        ("", "Pod"),
        ("batch", "Job"),
        ("batch", "CronJob"),
    ],
    &[
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("policy", "PodDisruptionBudget"),
    ],
];

pub(crate) const NAMESPACES: usize = 0;
pub(crate) const DEFINITIONS: usize = 1;

/// Which group a kind is in.
pub(crate) fn group(id: &Id) -> usize {
    let known = |group: &&[(&str, &str)]| group.iter().any(|(api, kind)| id.is(api, kind));
    GROUPS.iter().position(known).unwrap_or(GROUPS.len())
}

/// Objects that are made at the same time.
#[derive(Debug, PartialEq)]
pub(crate) struct Batch {
    pub(crate) group: usize,
    pub(crate) objects: Vec<Object>,
    /// A later wave of the same group waits until these are well.
    pub(crate) awaited: bool,
}

pub(crate) fn batches(objects: Vec<Object>) -> Vec<Batch> {
    let mut ranked: Vec<_> = objects
        .into_iter()
        .map(|object| ((group(&object.id), wave(&object)), object))
        .collect();
    ranked.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.id.cmp(&b.id)));
    let mut batches: Vec<((usize, i64), Batch)> = Vec::new();
    for (rank, object) in ranked {
        match batches.last_mut() {
            Some((last, batch)) if *last == rank => batch.objects.push(object),
            last => {
                if let Some((_, batch)) = last.filter(|(last, _)| last.0 == rank.0) {
                    batch.awaited = true;
                }
                batches.push((
                    rank,
                    Batch {
                        group: rank.0,
                        objects: vec![object],
                        awaited: false,
                    },
                ));
            }
        }
    }
    batches.into_iter().map(|(_, batch)| batch).collect()
}

fn wave(object: &Object) -> i64 {
    let said = at(&object.body, &["metadata", "annotations", WAVE]).and_then(|wave| wave.as_str());
    said.and_then(|wave| wave.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_others_need_comes_first() {
        let object = |key: &str, wave: Option<&str>| {
            let body = wave.map_or(
                json!({}),
                |wave| json!({ "metadata": { "annotations": { WAVE: wave } } }),
            );
            Object {
                id: key.parse().unwrap(),
                body,
                own: false,
            }
        };
        let found = batches(vec![
            object("Widget.example.com/w", None),
            object("Deployment.apps/late", Some("5")),
            object("Deployment.apps/web", None),
            object("Service/web", None),
            object("HorizontalPodAutoscaler.autoscaling/web", None),
            object(
                "CustomResourceDefinition.apiextensions.k8s.io/widgets.example.com",
                None,
            ),
            object("Deployment.apps/early", Some("-1")),
            object("Secret/a", None),
            object("ConfigMap/b", None),
            object("Namespace/shop", None),
        ]);
        let names: Vec<_> = found
            .iter()
            .map(|batch| {
                let names: Vec<_> = batch
                    .objects
                    .iter()
                    .map(|object| object.id.name.as_str())
                    .collect();
                (names.join(" "), batch.awaited)
            })
            .collect();
        let expected = [
            ("shop", false),
            ("widgets.example.com", false),
            ("b a", false),
            ("web", false),
            ("early", true),
            ("web", true),
            ("late", false),
            ("web", false),
            ("w", false),
        ];
        assert_eq!(
            names,
            expected.map(|(names, awaited)| (names.to_owned(), awaited))
        );
    }
}

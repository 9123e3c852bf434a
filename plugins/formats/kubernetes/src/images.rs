//! Every image that a manifest refers to, with the JSON pointer to it: in pods, in everything that makes pods, and
//! wherever the caller says that images are.

use crate::{
    build::Manifest,
    yaml::{Body, Node},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// A JSON pointer (RFC 6901) into the manifest.
    pub pointer: String,
    pub image: String,
}

/// Where the specification of a pod is, by group and kind; an empty group is the core's.
const PODS: [(&str, &str, &str); 22] = [
    ("", "Pod", "/spec"),
    ("", "PodTemplate", "/template/spec"),
    ("", "ReplicationController", "/spec/template/spec"),
    ("apps", "Deployment", "/spec/template/spec"),
    ("apps", "StatefulSet", "/spec/template/spec"),
    ("apps", "DaemonSet", "/spec/template/spec"),
    ("apps", "ReplicaSet", "/spec/template/spec"),
    ("extensions", "Deployment", "/spec/template/spec"),
    ("extensions", "DaemonSet", "/spec/template/spec"),
    ("extensions", "ReplicaSet", "/spec/template/spec"),
    ("batch", "Job", "/spec/template/spec"),
    ("batch", "CronJob", "/spec/jobTemplate/spec/template/spec"),
    ("argoproj.io", "Rollout", "/spec/template/spec"),
    ("serving.knative.dev", "Service", "/spec/template/spec"),
    ("serving.knative.dev", "Configuration", "/spec/template/spec"),
    ("serving.knative.dev", "Revision", "/spec"),
    ("apps.kruise.io", "CloneSet", "/spec/template/spec"),
    ("apps.kruise.io", "StatefulSet", "/spec/template/spec"),
    ("apps.kruise.io", "DaemonSet", "/spec/template/spec"),
    ("apps.kruise.io", "BroadcastJob", "/spec/template/spec"),
    ("apps.kruise.io", "AdvancedCronJob", "/spec/template/jobTemplate/spec/template/spec"),
    ("apps.kruise.io", "SidecarSet", "/spec"),
];

/// The references in a manifest. `extra` are paths as `spec/sidecars/image`: through every item of lists on the way.
pub fn images(manifest: &Manifest, extra: &[&str]) -> Vec<ImageReference> {
    let mut found = Vec::new();
    let (group, _) = manifest.api_version().split_once('/').unwrap_or(("", ""));
    for (_, _, pointer) in PODS
        .iter()
        .filter(|(pod_group, kind, _)| *pod_group == group && *kind == manifest.kind())
    {
        if let Some(spec) = at(manifest.root(), pointer) {
            in_pod(spec, pointer, &mut found);
        }
    }
    for path in extra {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        along(manifest.root(), &parts, String::new(), &mut found);
    }
    found.dedup();
    found
}

/// Replaces the image at a pointer that `images` gave. Is there one?
pub fn set_image(manifest: &mut Manifest, pointer: &str, image: &str) -> bool {
    let target = pointer.split('/').skip(1).try_fold(manifest.root_mut(), |node, part| {
        let part = part.replace("~1", "/").replace("~0", "~");
        match &mut node.body {
            Body::Map(map) => map.get_mut(&part),
            Body::List(items) => items.get_mut(part.parse::<usize>().ok()?),
            Body::Scalar(_) => None,
        }
    });
    match target {
        Some(target) if target.as_scalar().is_some() => {
            *target = Node::text(image);
            true
        }
        _ => false,
    }
}

fn in_pod(spec: &Node, pointer: &str, found: &mut Vec<ImageReference>) {
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        along(spec, &[list, "image"], pointer.to_owned(), found);
    }
    along(spec, &["volumes", "image", "reference"], pointer.to_owned(), found);
}

fn along(node: &Node, parts: &[&str], pointer: String, found: &mut Vec<ImageReference>) {
    match (&node.body, parts) {
        (Body::List(items), _) => {
            for (index, item) in items.iter().enumerate() {
                along(item, parts, format!("{pointer}/{index}"), found);
            }
        }
        (Body::Map(map), [part, rest @ ..]) => {
            if let Some(field) = map.get(part) {
                let part = part.replace('~', "~0").replace('/', "~1");
                along(field, rest, format!("{pointer}/{part}"), found);
            }
        }
        (Body::Scalar(scalar), []) if !node.is_null() && !scalar.text.is_empty() => found.push(ImageReference {
            pointer,
            image: scalar.text.clone(),
        }),
        _ => {}
    }
}

fn at<'a>(root: &'a Node, pointer: &str) -> Option<&'a Node> {
    pointer.split('/').skip(1).try_fold(root, |node, key| node.get(key))
}

//! Every image that a manifest refers to, with the JSON pointer to it: in pods, in everything that makes pods, and
//! wherever the caller says that images are. Definitions, ConfigMaps and Secrets hold texts of others: nothing is
//! looked for in them.

use crate::{
    build::Manifest,
    reference::{canonical, is_explicit},
    yaml::{Body, Node},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageReference {
    /// A JSON pointer (RFC 6901) into the manifest.
    pub pointer: String,
    pub image: String,
}

/// Kinds of which it is known where pods are, by group, so that whatever stands there for an image is one.
const PODS: [(&str, &str, &str); 13] = [
    ("", "Pod", "/spec"),
    ("", "PodTemplate", "/template/spec"),
    ("", "ReplicationController", "/spec/template/spec"),
    ("apps", "Deployment", "/spec/template/spec"),
    ("apps", "StatefulSet", "/spec/template/spec"),
    ("apps", "DaemonSet", "/spec/template/spec"),
    ("apps", "ReplicaSet", "/spec/template/spec"),
    ("batch", "Job", "/spec/template/spec"),
    ("batch", "CronJob", "/spec/jobTemplate/spec/template/spec"),
    ("argoproj.io", "Rollout", "/spec/template/spec"),
    ("serving.knative.dev", "Service", "/spec/template/spec"),
    ("apps.kruise.io", "CloneSet", "/spec/template/spec"),
    ("apps.kruise.io", "StatefulSet", "/spec/template/spec"),
];

/// The references in a manifest. `extra` are paths such as `spec/sidecars/image`: through every item of lists on the way.
pub fn images(manifest: &Manifest, extra: &[String]) -> Vec<ImageReference> {
    let mut found = Vec::new();
    let (group, _) = manifest.api_version().split_once('/').unwrap_or(("", ""));
    let pod = PODS
        .iter()
        .find(|(pod_group, kind, _)| *pod_group == group && *kind == manifest.kind());
    if !matches!(
        manifest.kind(),
        "CustomResourceDefinition" | "ConfigMap" | "Secret"
    ) {
        let certain = pod.map(|(_, _, pointer)| *pointer);
        anywhere(manifest.root(), "", certain, &mut found);
    }
    for path in extra {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let mut more = Vec::new();
        along(manifest.root(), &parts, String::new(), &mut more);
        more.retain(|reference| !found.contains(reference));
        found.extend(more);
    }
    found
}

/// Replaces the image at a pointer that `images` gave. Is there one?
pub fn set_image(manifest: &mut Manifest, pointer: &str, image: &str) -> bool {
    let target = pointer
        .split('/')
        .skip(1)
        .try_fold(manifest.root_mut(), |node, part| {
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

/// Pods are known by what is in them, so that those of custom resources are found too.
fn anywhere(node: &Node, pointer: &str, certain: Option<&str>, found: &mut Vec<ImageReference>) {
    match &node.body {
        Body::Scalar(_) => {}
        Body::List(items) => {
            for (index, item) in items.iter().enumerate() {
                anywhere(item, &format!("{pointer}/{index}"), certain, found);
            }
        }
        Body::Map(map) => {
            for entry in &map.entries {
                let here = format!("{pointer}/{}", escaped(&entry.key));
                let inner: &[&str] = match entry.key.as_str() {
                    "containers" | "initContainers" | "ephemeralContainers" => &["image"],
                    "volumes" => &["image", "reference"],
                    "image" if is_explicit(entry.value.raw()) => &[],
                    _ => {
                        anywhere(&entry.value, &here, certain, found);
                        continue;
                    }
                };
                let mut references = Vec::new();
                along(&entry.value, inner, here, &mut references);
                let sure = certain.is_some_and(|certain| certain == pointer);
                references.retain(|reference| sure || canonical(&reference.image).is_some());
                found.extend(references);
            }
        }
    }
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
                along(field, rest, format!("{pointer}/{}", escaped(part)), found);
            }
        }
        (Body::Scalar(scalar), []) if !node.is_null() && !scalar.text.is_empty() => {
            found.push(ImageReference {
                pointer,
                image: scalar.text.clone(),
            })
        }
        _ => {}
    }
}

/// A key as a step of a JSON pointer.
fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Files, build};

    fn manifest(text: &str) -> Manifest {
        let files: Files = [("a.yaml", text)].into_iter().collect();
        build(&files, "a.yaml").unwrap().remove(0)
    }

    fn found(text: &str, extra: &[&str]) -> Vec<(String, String)> {
        let extra: Vec<String> = extra.iter().map(|path| (*path).to_owned()).collect();
        let references = images(&manifest(text), &extra).into_iter();
        references
            .map(|reference| (reference.pointer, reference.image))
            .collect()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        owned.collect()
    }

    #[test]
    fn everything_in_a_pod() {
        let text = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          initContainers: [{image: a}]\n          containers: [{name: x}, {image: '$(odd)'}]\n          ephemeralContainers: [{image: c}]\n          volumes: [{image: {reference: d}}, {name: x}]\n";
        let spec = "/spec/jobTemplate/spec/template/spec";
        let at = |rest: &str| format!("{spec}{rest}");
        assert_eq!(
            found(text, &[]),
            [
                (at("/initContainers/0/image"), "a".to_owned()),
                (at("/containers/1/image"), "$(odd)".to_owned()),
                (at("/ephemeralContainers/0/image"), "c".to_owned()),
                (at("/volumes/0/image/reference"), "d".to_owned()),
            ]
        );
    }

    #[test]
    fn pods_of_every_kind() {
        for (group, kind, pointer) in PODS {
            let version = if group.is_empty() {
                "v1".to_owned()
            } else {
                format!("{group}/v1")
            };
            // No reference of an image, and still one where it is certain that pods are.
            let pod = "{containers: [{image: $(ODD)}], initContainers: [{image: $(ODD)}]}";
            let inside = pointer.split('/').skip(1).collect::<Vec<_>>();
            let body = inside
                .iter()
                .rev()
                .fold(pod.to_owned(), |inner, key| format!("{{{key}: {inner}}}"));
            let body = body.trim_start_matches('{').strip_suffix('}').unwrap();
            let manifest =
                |kind: &str| format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\n{body}\n");
            let expected = ["containers", "initContainers"].map(|list| format!("{pointer}/{list}/0/image"));
            let places: Vec<_> = found(&manifest(kind), &[])
                .into_iter()
                .map(|(at, _)| at)
                .collect();
            assert_eq!(places, expected, "{group} {kind}");
            assert_eq!(found(&manifest("Other"), &[]), pairs(&[]), "{group}");
        }
    }

    #[test]
    fn paths_that_are_listed() {
        let text = "apiVersion: x.example/v1\nkind: X\nmetadata: {name: a}\nspec:\n  agent: {from: a}\n  lists:\n  - [{from: b}, {from: ''}]\n  - [{from: null}, {other: c}]\n  image: quay.io/a/b:1\n";
        assert_eq!(
            found(
                text,
                &[
                    "spec/agent/from",
                    "/spec/lists/from/",
                    "spec/none",
                    "spec/image",
                    "spec/agent"
                ]
            ),
            pairs(&[
                ("/spec/image", "quay.io/a/b:1"),
                ("/spec/agent/from", "a"),
                ("/spec/lists/0/0/from", "b"),
            ])
        );
        // Where somebody says that one is, there is one, whatever else the kind holds.
        let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {image: quay.io/a/b:1}\n";
        assert_eq!(
            found(text, &["data/image"]),
            pairs(&[("/data/image", "quay.io/a/b:1")])
        );
    }

    #[test]
    fn custom_resources() {
        let text = "apiVersion: x.example/v1\nkind: X\nmetadata: {name: a}\nspec:\n  image: quay.io/a/b:1\n  other: {image: not one}\n  a/b:\n  - containers: [{image: c}, {image: '{{ no }}'}]\n  sidecars: [{from: d}]\n";
        assert_eq!(
            found(text, &["spec/sidecars/from"]),
            pairs(&[
                ("/spec/image", "quay.io/a/b:1"),
                ("/spec/a~1b/0/containers/0/image", "c"),
                ("/spec/sidecars/0/from", "d")
            ])
        );
        assert_eq!(
            found(&text.replace("kind: X", "kind: ConfigMap"), &[]),
            pairs(&[])
        );
    }

    #[test]
    fn an_image_is_replaced() {
        let mut pod =
            manifest("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{image: b}]}\n");
        assert!(set_image(&mut pod, "/spec/containers/0/image", "c@sha256:0"));
        assert!(!set_image(&mut pod, "/spec/containers/1/image", "c"));
        assert_eq!(images(&pod, &[])[0].image, "c@sha256:0");
    }
}

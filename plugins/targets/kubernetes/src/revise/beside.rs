//! Names per revision: what runs pods, and what only these pods use, is called after its revision; whatever is shared
//! keeps its name. Users come to Services that are shared; each has a copy that leads to this revision alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use slipway_kubernetes_api::{Id, LABEL_LIMIT, NAME_LIMIT, suffixed, text};

use super::{
    mentions::{says, visit},
    ports::chosen,
    twin::twin,
};
use crate::{
    document::Object,
    kinds::{is_workload, put, template},
    labels::REVISION,
};

/// Its pods' labels hold its name and a few digits more.
const STATEFUL_LIMIT: usize = 52;

/// The objects of one revision, and what the Services that users come to would choose if it were the only one.
#[derive(Debug, PartialEq)]
pub(crate) struct Revised {
    pub(crate) objects: Vec<Object>,
    pub(crate) selectors: BTreeMap<Id, Value>,
}

pub(crate) fn beside(objects: Vec<Object>, revision: &str) -> Revised {
    let plan = Plan::of(&objects, revision);
    let mut revised = Revised {
        objects: Vec::new(),
        selectors: BTreeMap::new(),
    };
    for object in objects {
        if let Some(name) = plan.twins.get(&object.id) {
            let twin = twin(&object, name, revision);
            revised
                .selectors
                .insert(object.id.clone(), twin.body["spec"]["selector"].clone());
            revised.objects.push(twin);
            revised.objects.push(shared_service(object));
            continue;
        }
        if let Some(name) = plan.moved.get(&object.id) {
            if plan.both.contains(&object.id) {
                revised.objects.push(object.clone());
            }
            revised.objects.push(plan.rename(object, name, revision));
        } else {
            revised.objects.push(object);
        }
    }
    revised
}

/// What it chooses belongs to the router.
fn shared_service(mut service: Object) -> Object {
    if let Some(spec) = service.body["spec"].as_object_mut() {
        spec.remove("selector");
    }
    service
}

/// Who is called what.
struct Plan {
    moved: BTreeMap<Id, String>,
    /// Those that are also mentioned by what keeps its name, so they are there under both names.
    both: BTreeSet<Id>,
    twins: BTreeMap<Id, String>,
}

impl Plan {
    fn of(objects: &[Object], revision: &str) -> Self {
        let workloads: Vec<_> = objects.iter().filter(|object| is_workload(&object.id)).collect();
        let mut moved: BTreeMap<Id, String> = BTreeMap::new();
        for workload in &workloads {
            let limit = if workload.id.kind == "StatefulSet" {
                STATEFUL_LIMIT
            } else {
                LABEL_LIMIT
            };
            moved.insert(workload.id.clone(), suffixed(&workload.id.name, revision, limit));
        }
        let there: BTreeSet<_> = objects.iter().map(|object| &object.id).collect();
        for workload in &workloads {
            let mut spec = pod_spec(workload).cloned().unwrap_or_default();
            visit(&mut spec, &mut |(kind, name)| {
                let id = mentioned(kind, name, &workload.id);
                if there.contains(&id) {
                    moved.insert(id.clone(), suffixed(&id.name, revision, NAME_LIMIT));
                }
            });
        }
        let follows = |object: &&Object| follows(object, objects, &moved);
        let followers: Vec<_> = objects
            .iter()
            .filter(follows)
            .map(|object| object.id.clone())
            .collect();
        moved.extend(
            followers
                .into_iter()
                .map(|id| (id.clone(), suffixed(&id.name, revision, NAME_LIMIT))),
        );
        let stays = |object: &&Object| !moved.contains_key(&object.id);
        let both = moved.keys().filter(|id| {
            let configuration = id.is("", "ConfigMap") || id.is("", "Secret");
            let mut others = objects
                .iter()
                .filter(stays)
                .filter(|object| object.id.namespace == id.namespace);
            configuration
                && others.any(|object| {
                    object.body.get("spec").is_some_and(|spec| says(spec, &id.name))
                        || lists(object, &id.name)
                })
        });
        let both = both.cloned().collect();
        let services = objects.iter().filter(|object| object.id.is("", "Service"));
        let twins = services.filter(|service| {
            chosen(
                service.body.pointer("/spec/selector"),
                &service.id.namespace,
                objects,
            )
            .next()
            .is_some()
        });
        let twins = twins.map(|service| {
            (
                service.id.clone(),
                suffixed(&service.id.name, revision, LABEL_LIMIT),
            )
        });
        Self {
            both,
            twins: twins.collect(),
            moved,
        }
    }

    fn rename(&self, mut object: Object, name: &str, revision: &str) -> Object {
        put(&mut object.body, &["metadata", "name"], json!(name));
        let id = object.id.clone();
        if is_workload(&id) {
            self.rename_workload(&mut object, revision);
        } else if id.kind == "HorizontalPodAutoscaler" {
            let new = self.moved.get(&scaled(&object)).cloned();
            if let (Some(new), Some(name)) = (new, object.body.pointer_mut("/spec/scaleTargetRef/name")) {
                *name = json!(new);
            }
        } else if id.kind == "PodDisruptionBudget" {
            put(
                &mut object.body,
                &["spec", "selector", "matchLabels", REVISION],
                json!(revision),
            );
        }
        Object {
            id: id.named(name),
            body: object.body,
            own: true,
        }
    }

    fn rename_workload(&self, object: &mut Object, revision: &str) {
        let id = object.id.clone();
        if let Some(spec) = pod_spec_mut(object) {
            visit(spec, &mut |(kind, name)| {
                if let Some(new) = self.moved.get(&mentioned(kind, name, &id)) {
                    *name = json!(new);
                }
            });
        }
        if id.kind != "Pod" {
            put(
                &mut object.body,
                &["spec", "selector", "matchLabels", REVISION],
                json!(revision),
            );
            put(
                &mut object.body,
                &["spec", "template", "metadata", "labels", REVISION],
                json!(revision),
            );
        }
        if id.kind == "StatefulSet" {
            let governing = Id {
                kind: "Service".to_owned(),
                group: String::new(),
                ..id
            }
            .named(text(&object.body, "/spec/serviceName"));
            if let Some(twin) = self.twins.get(&governing) {
                put(&mut object.body, &["spec", "serviceName"], json!(twin));
            }
        }
    }
}

/// An autoscaler of something that is called anew, or a budget of its pods.
fn follows(object: &Object, objects: &[Object], moved: &BTreeMap<Id, String>) -> bool {
    if object.id.is("autoscaling", "HorizontalPodAutoscaler") {
        return moved.contains_key(&scaled(object));
    }
    let selector = object.body.pointer("/spec/selector/matchLabels");
    object.id.is("policy", "PodDisruptionBudget")
        && chosen(selector, &object.id.namespace, objects).next().is_some()
}

/// A ServiceAccount names its Secrets outside of any spec.
fn lists(object: &Object, name: &str) -> bool {
    let of = |key: &str| object.body.get(key).is_some_and(|list| says(list, name));
    of("secrets") || of("imagePullSecrets")
}

/// What an autoscaler scales.
pub(crate) fn scaled(object: &Object) -> Id {
    let reference = |key: &str| text(&object.body, &format!("/spec/scaleTargetRef/{key}")).to_owned();
    let version = reference("apiVersion");
    Id {
        kind: reference("kind"),
        group: version.rsplit_once('/').map_or("", |(group, _)| group).to_owned(),
        namespace: object.id.namespace.clone(),
        name: reference("name"),
    }
}

fn mentioned(kind: &str, name: &Value, by: &Id) -> Id {
    Id {
        kind: kind.to_owned(),
        group: String::new(),
        namespace: by.namespace.clone(),
        name: name.as_str().unwrap_or_default().to_owned(),
    }
}

fn pod_spec(object: &Object) -> Option<&Value> {
    object.body.pointer(&format!("{}/spec", template(&object.id)?))
}

fn pod_spec_mut(object: &mut Object) -> Option<&mut Value> {
    object
        .body
        .pointer_mut(&format!("{}/spec", template(&object.id)?))
}

#[cfg(test)]
mod tests;

//! The addresses of an instance: its Services, reached through the API server.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_kubernetes_api::{Address, items, number, text};

use super::stands_for;
use crate::{
    document::Object,
    kinds::{is_workload, pod_labels, selects},
};

/// A port of a Service that leads to this instance's pods.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Port {
    /// `web` for the first of a Service, `web:metrics` for further ones.
    pub(crate) name: String,
    pub(crate) namespace: String,
    pub(crate) service: String,
    pub(crate) port: u16,
}

impl Port {
    /// By way of the API server, with whose credentials the host is let in.
    pub(crate) fn address(&self) -> String {
        let Self {
            namespace,
            service,
            port,
            ..
        } = self.clone();
        Address {
            namespace,
            service,
            port,
        }
        .to_string()
    }
}

/// In place these are all Services that choose pods of these objects; beside each other, those of the revision alone.
pub(crate) fn ports(objects: &[Object], namespace: &str) -> Vec<Port> {
    let beside = objects.iter().any(|object| stands_for(&object.body).is_some());
    let mut ports = Vec::new();
    for service in objects.iter().filter(|object| object.id.is("", "Service")) {
        let stable = stands_for(&service.body);
        if (beside && stable.is_none()) || !leads_to_pods(service, objects) {
            continue;
        }
        let name = stable.unwrap_or(&service.id.name);
        for (position, port) in items(&service.body, "/spec/ports").enumerate() {
            let Some(number) = number(port, "/port").and_then(|number| u16::try_from(number).ok()) else {
                continue;
            };
            ports.push(Port {
                name: if position == 0 {
                    name.to_owned()
                } else {
                    format!("{name}:{}", text(port, "/name"))
                },
                namespace: service.id.namespace.as_deref().unwrap_or(namespace).to_owned(),
                service: service.id.name.clone(),
                port: number,
            });
        }
    }
    ports
}

fn leads_to_pods(service: &Object, objects: &[Object]) -> bool {
    let selector = service.body.pointer("/spec/selector");
    chosen(selector, &service.id.namespace, objects).next().is_some()
}

/// The workloads whose pods a selector chooses.
pub(super) fn chosen<'a>(
    selector: Option<&Value>,
    namespace: &Option<String>,
    objects: &'a [Object],
) -> impl Iterator<Item = &'a Object> {
    let (selector, namespace) = (selector.cloned(), namespace.clone());
    objects.iter().filter(move |object| {
        let there = is_workload(&object.id) && object.id.namespace == namespace;
        there && pod_labels(&object.id, &object.body).is_some_and(|labels| selects(selector.as_ref(), labels))
    })
}

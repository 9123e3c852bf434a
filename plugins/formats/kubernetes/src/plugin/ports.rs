//! The ways into what is deployed: Services that select pods of these objects, by their names.

use serde_json::{Map, Value};

/// A Service stands for its first port, `service:port` for each further one that has a name. Objects that name no
/// namespace are in the one that is given.
pub(super) fn ports(objects: &[(String, Value)], namespace: &str) -> Vec<String> {
    let pods: Vec<Pod<'_>> = objects
        .iter()
        .filter_map(|(_, object)| Pod::of(object, namespace))
        .collect();
    let mut ports = Vec::new();
    for (_, service) in objects {
        if service["kind"] != "Service" || service["apiVersion"] != "v1" {
            continue;
        }
        let selector = service.pointer("/spec/selector").and_then(Value::as_object);
        let Some(selector) = selector.filter(|selector| !selector.is_empty()) else {
            continue;
        };
        let here = namespace_of(service, namespace);
        if !pods.iter().any(|pod| pod.is_selected(here, selector)) {
            continue;
        }
        let name = service
            .pointer("/metadata/name")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let listed = service.pointer("/spec/ports").and_then(Value::as_array);
        for (at, port) in listed.into_iter().flatten().enumerate() {
            match port["name"].as_str() {
                _ if at == 0 => ports.push(name.to_owned()),
                Some(port) => ports.push(format!("{name}:{port}")),
                None => {}
            }
        }
    }
    ports
}

/// What is known of pods before there are any.
struct Pod<'a> {
    namespace: &'a str,
    labels: Option<&'a Map<String, Value>>,
}

impl<'a> Pod<'a> {
    fn of(object: &'a Value, namespace: &'a str) -> Option<Self> {
        let labels = match object["kind"].as_str()? {
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" => {
                "/spec/template/metadata/labels"
            }
            "Pod" => "/metadata/labels",
            _ => return None,
        };
        Some(Self {
            namespace: namespace_of(object, namespace),
            labels: object.pointer(labels).and_then(Value::as_object),
        })
    }

    fn is_selected(&self, namespace: &str, selector: &Map<String, Value>) -> bool {
        let has =
            |(key, value): (&String, &Value)| self.labels.and_then(|labels| labels.get(key)) == Some(value);
        self.namespace == namespace && selector.iter().all(has)
    }
}

fn namespace_of<'a>(object: &'a Value, otherwise: &'a str) -> &'a str {
    let own = object.pointer("/metadata/namespace").and_then(Value::as_str);
    own.filter(|own| !own.is_empty()).unwrap_or(otherwise)
}

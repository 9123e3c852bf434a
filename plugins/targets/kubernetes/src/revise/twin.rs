//! A Service's copy for one revision: an address inside the cluster, and nothing of how users come in.

use serde_json::{Value, json};
use slipway_kubernetes_api::at;

use crate::{
    document::Object,
    kinds::put,
    labels::{REVISION, STANDS_FOR},
};

/// What leads users in from outside, or can be had only once.
const ENTRANCE: [&str; 12] = [
    "type",
    "clusterIPs",
    "externalIPs",
    "externalName",
    "externalTrafficPolicy",
    "healthCheckNodePort",
    "loadBalancerIP",
    "loadBalancerClass",
    "loadBalancerSourceRanges",
    "allocateLoadBalancerNodePorts",
    "trafficDistribution",
    "trafficPolicy",
];

pub(super) fn twin(service: &Object, name: &str, revision: &str) -> Object {
    let mut body = service.body.clone();
    put(&mut body, &["metadata", "name"], json!(name));
    // Annotations tell load balancers and name servers about the Service that users come to.
    put(
        &mut body,
        &["metadata", "annotations"],
        json!({ STANDS_FOR: service.id.name }),
    );
    put(&mut body, &["spec", "selector", REVISION], json!(revision));
    if let Some(spec) = body["spec"].as_object_mut() {
        ENTRANCE.iter().for_each(|key| drop(spec.remove(*key)));
        if spec.get("clusterIP").is_some_and(|address| address != "None") {
            spec.remove("clusterIP");
        }
        for port in spec
            .get_mut("ports")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            port.as_object_mut().map(|port| port.remove("nodePort"));
        }
    }
    Object {
        id: service.id.named(name),
        body,
        own: true,
    }
}

/// The Service that a revision's own one stands for.
pub(crate) fn stands_for(body: &Value) -> Option<&str> {
    at(body, &["metadata", "annotations", STANDS_FOR])?.as_str()
}

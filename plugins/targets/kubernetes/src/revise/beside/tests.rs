//! Names per revision.

use serde_json::{Value, json};

use super::*;
use crate::revise::ports;

fn objects(bodies: Value) -> Vec<Object> {
    let bodies = bodies.as_object().unwrap();
    let one = |(key, body): (&String, &Value)| Object {
        id: key.parse().unwrap(),
        body: body.clone(),
        own: false,
    };
    bodies.iter().map(one).collect()
}

fn web() -> Value {
    json!({
        "Deployment.apps/web": { "metadata": { "name": "web" }, "spec": {
            "selector": { "matchLabels": { "app": "web" } },
            "template": { "metadata": { "labels": { "app": "web", "tier": "front" } }, "spec": {
                "containers": [{ "name": "web", "envFrom": [{ "configMapRef": { "name": "settings" } }, { "secretRef": { "name": "not-ours" } }] }],
                "volumes": [{ "name": "tls", "secret": { "secretName": "tls" } }]
            } }
        } },
        "Service/web": { "metadata": { "name": "web", "annotations": { "external-dns": "x" } }, "spec": {
            "type": "LoadBalancer", "selector": { "app": "web" },
            "ports": [{ "port": 80, "nodePort": 30080, "name": "http" }, { "port": 9090, "name": "metrics" }]
        } },
        "Service/elsewhere": { "metadata": { "name": "elsewhere" }, "spec": { "selector": { "app": "other" }, "ports": [{ "port": 1 }] } },
        "ConfigMap/settings": { "metadata": { "name": "settings" } },
        "ConfigMap/alone": { "metadata": { "name": "alone" } },
        "Secret/tls": { "metadata": { "name": "tls" } },
        "Ingress.networking.k8s.io/web": { "metadata": { "name": "web" }, "spec": { "tls": [{ "secretName": "tls" }] } },
        "HorizontalPodAutoscaler.autoscaling/web": { "metadata": { "name": "web" }, "spec": { "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" } } },
        "PodDisruptionBudget.policy/web": { "metadata": { "name": "web" }, "spec": { "selector": { "matchLabels": { "tier": "front" } } } },
        "PersistentVolumeClaim/data": { "metadata": { "name": "data" } }
    })
}

fn find<'a>(revised: &'a Revised, key: &str) -> &'a Value {
    let found = revised.objects.iter().find(|object| object.id.to_string() == key);
    &found.unwrap_or_else(|| panic!("{key} is not there")).body
}

#[test]
fn what_is_of_a_revision_is_called_after_it() {
    let revised = beside(objects(web()), "1a2b3c4d");
    let mut names: Vec<_> = revised
        .objects
        .iter()
        .map(|object| (object.id.to_string(), object.own))
        .collect();
    names.sort();
    let expected = [
        ("ConfigMap/alone", false),
        ("ConfigMap/settings-1a2b3c4d", true),
        ("Deployment.apps/web-1a2b3c4d", true),
        ("HorizontalPodAutoscaler.autoscaling/web-1a2b3c4d", true),
        ("Ingress.networking.k8s.io/web", false),
        ("PersistentVolumeClaim/data", false),
        ("PodDisruptionBudget.policy/web-1a2b3c4d", true),
        // An Ingress uses it as well.
        ("Secret/tls", false),
        ("Secret/tls-1a2b3c4d", true),
        ("Service/elsewhere", false),
        ("Service/web", false),
        ("Service/web-1a2b3c4d", true),
    ];
    assert_eq!(names, expected.map(|(name, own)| (name.to_owned(), own)));
    for object in &revised.objects {
        assert_eq!(object.body["metadata"]["name"], object.id.name, "{}", object.id);
    }
}

#[test]
fn mentions_and_selectors_follow() {
    let revised = beside(objects(web()), "1a2b3c4d");
    let deployment = find(&revised, "Deployment.apps/web-1a2b3c4d");
    let pods = &deployment["spec"]["template"];
    assert_eq!(
        deployment["spec"]["selector"]["matchLabels"],
        json!({ "app": "web", REVISION: "1a2b3c4d" })
    );
    assert_eq!(
        pods["metadata"]["labels"],
        json!({ "app": "web", "tier": "front", REVISION: "1a2b3c4d" })
    );
    assert_eq!(
        pods["spec"]["containers"][0]["envFrom"][0]["configMapRef"]["name"],
        "settings-1a2b3c4d"
    );
    assert_eq!(
        pods["spec"]["containers"][0]["envFrom"][1]["secretRef"]["name"],
        "not-ours"
    );
    assert_eq!(pods["spec"]["volumes"][0]["secret"]["secretName"], "tls-1a2b3c4d");
    let scaler = find(&revised, "HorizontalPodAutoscaler.autoscaling/web-1a2b3c4d");
    assert_eq!(scaler["spec"]["scaleTargetRef"]["name"], "web-1a2b3c4d");
    let budget = find(&revised, "PodDisruptionBudget.policy/web-1a2b3c4d");
    assert_eq!(
        budget["spec"]["selector"]["matchLabels"],
        json!({ "tier": "front", REVISION: "1a2b3c4d" })
    );
}

#[test]
fn users_come_to_the_service_that_is_shared() {
    let revised = beside(objects(web()), "1a2b3c4d");
    let shared = find(&revised, "Service/web");
    assert_eq!(
        (shared["spec"].get("selector"), &shared["spec"]["type"]),
        (None, &json!("LoadBalancer"))
    );
    let twin = find(&revised, "Service/web-1a2b3c4d");
    let selector = json!({ "app": "web", REVISION: "1a2b3c4d" });
    assert_eq!(
        twin["spec"],
        json!({ "selector": selector, "ports": [{ "port": 80, "name": "http" }, { "port": 9090, "name": "metrics" }] })
    );
    assert_eq!(super::super::stands_for(twin), Some("web"));
    assert_eq!(revised.selectors[&"Service/web".parse().unwrap()], selector);
    let found = ports(&revised.objects, "shop");
    let found: Vec<_> = found
        .iter()
        .map(|port| (port.name.as_str(), port.address()))
        .collect();
    let address = |port| format!("cluster:/api/v1/namespaces/shop/services/web-1a2b3c4d:{port}/proxy");
    assert_eq!(found, [("web", address(80)), ("web:metrics", address(9090))]);
}

#[test]
fn in_place_the_service_itself_is_the_address() {
    let found = ports(&objects(web()), "shop");
    assert_eq!(found.len(), 2);
    assert_eq!(
        found[0].address(),
        "cluster:/api/v1/namespaces/shop/services/web:80/proxy"
    );
}

#[test]
fn a_stateful_set_is_governed_by_its_own_service() {
    let bodies = json!({
        "StatefulSet.apps/db": { "metadata": { "name": "db" }, "spec": { "serviceName": "db", "selector": { "matchLabels": { "app": "db" } },
            "template": { "metadata": { "labels": { "app": "db" } }, "spec": { "containers": [] } } } },
        "Service/db": { "metadata": { "name": "db" }, "spec": { "clusterIP": "None", "selector": { "app": "db" }, "ports": [{ "port": 1 }] } }
    });
    let revised = beside(objects(bodies), "1a2b3c4d");
    assert_eq!(
        find(&revised, "StatefulSet.apps/db-1a2b3c4d")["spec"]["serviceName"],
        "db-1a2b3c4d"
    );
    assert_eq!(find(&revised, "Service/db-1a2b3c4d")["spec"]["clusterIP"], "None");
}

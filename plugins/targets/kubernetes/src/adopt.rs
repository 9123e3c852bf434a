//! What is taken over from the objects that are there, because it is decided elsewhere: replicas by an autoscaler, the
//! weights of a route by the router, what a shared Service chooses by the router. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use slipway_kubernetes_api::{Id, is_revision_of, items, managers, text};

use crate::{
    ROUTER_MANAGER,
    document::Object,
    kinds::{put, template},
    labels::REVISION,
    revise::scaled,
};

/// Kinds of the Gateway API whose rules name Services with weights.
const ROUTES: [&str; 4] = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute"];

pub(crate) fn is_route(id: &Id) -> bool {
    id.group == "gateway.networking.k8s.io" && ROUTES.contains(&id.kind.as_str())
}

/// Whether the object as it is matters for what is wanted, so that it has to be read as a whole.
pub(crate) fn matters(id: &Id) -> bool {
    template(id).is_some() || is_route(id) || id.is("", "Service")
}

/// The workloads that autoscalers among the objects decide about.
pub(crate) fn autoscaled(objects: &[Object]) -> BTreeSet<Id> {
    let scalers = objects
        .iter()
        .filter(|object| object.id.is("autoscaling", "HorizontalPodAutoscaler"));
    scalers.map(scaled).collect()
}

/// Leaves the number of pods to the autoscaler or the router, once they have been there.
pub(crate) fn replicas(object: &mut Object, live: &Value, autoscaled: &BTreeSet<Id>) {
    let path = ["spec", "replicas"].map(str::to_owned);
    let by_router = managers(live)
        .iter()
        .any(|manager| manager.name == ROUTER_MANAGER && manager.owns(&path));
    if let Some(replicas) = live
        .pointer("/spec/replicas")
        .filter(|_| by_router || autoscaled.contains(&object.id))
    {
        put(&mut object.body, &["spec", "replicas"], replicas.clone());
    }
}

/// Keeps where a route sends users, for the Services that the router decides about.
pub(crate) fn backends(object: &mut Object, live: &Value, shared: &BTreeMap<Id, Value>) {
    let names: Vec<_> = shared.keys().map(|id| id.name.as_str()).collect();
    let rules = object
        .body
        .pointer_mut("/spec/rules")
        .and_then(Value::as_array_mut);
    for (index, rule) in rules.into_iter().flatten().enumerate() {
        let Some(wanted) = rule.get_mut("backendRefs").and_then(Value::as_array_mut) else {
            continue;
        };
        for stable in &names {
            let mentions = |reference: &Value| text(reference, "/name") == *stable;
            let Some(position) = wanted.iter().position(mentions) else {
                continue;
            };
            let now = |rule: &Value| -> Vec<Value> {
                items(rule, "/backendRefs")
                    .filter(|one| is_revision_of(text(one, "/name"), stable))
                    .cloned()
                    .collect()
            };
            let same_place = live
                .pointer(&format!("/spec/rules/{index}"))
                .map(now)
                .unwrap_or_default();
            let kept = if same_place.is_empty() {
                items(live, "/spec/rules")
                    .map(now)
                    .find(|found| !found.is_empty())
                    .unwrap_or_default()
            } else {
                same_place
            };
            if !kept.is_empty() {
                wanted.splice(position..=position, kept);
            }
        }
    }
}

/// What the router's name has to be put under before this target lets go of a shared Service's selector: what it is, or
/// what a new Service begins with. None where the router has it already. `before` is the revision that ran in place.
pub(crate) fn selector(live: Option<&Value>, first: &Value, before: Option<&str>) -> Option<Value> {
    let Some(live) = live else {
        return Some(first.clone());
    };
    let routed = managers(live).iter().any(|manager| {
        manager.name == ROUTER_MANAGER && manager.owns(&["spec".to_owned(), "selector".to_owned()])
    });
    if routed {
        return None;
    }
    let now = live
        .pointer("/spec/selector")
        .filter(|now| now.as_object().is_some_and(|now| !now.is_empty()));
    let Some(now) = now else {
        return Some(first.clone());
    };
    let mut kept = now.clone();
    // It chooses by name alone: without more it would choose the new revision's pods too.
    if let Some(before) = before.filter(|_| now.get(REVISION).is_none()) {
        kept[REVISION] = json!(before);
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, body: Value) -> Object {
        Object {
            id: key.parse().unwrap(),
            body,
            own: false,
        }
    }

    #[test]
    fn an_autoscaler_decides_about_replicas() {
        let reference = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" });
        let scaler = object(
            "HorizontalPodAutoscaler.autoscaling/web",
            json!({ "spec": { "scaleTargetRef": reference } }),
        );
        let autoscaled = autoscaled(&[scaler]);
        for (name, expected) in [("web", 7), ("other", 2)] {
            let mut web = object(
                &format!("Deployment.apps/{name}"),
                json!({ "spec": { "replicas": 2 } }),
            );
            replicas(&mut web, &json!({ "spec": { "replicas": 7 } }), &autoscaled);
            assert_eq!(web.body["spec"]["replicas"], expected);
        }
    }

    #[test]
    fn weights_are_kept_and_other_rules_are_new() {
        let shared = BTreeMap::from([("Service/web".parse().unwrap(), json!({}))]);
        let reference = |name: &str, weight: u32| json!({ "name": name, "port": 80, "weight": weight });
        let live = json!({ "spec": { "rules": [{ "backendRefs": [reference("web-11111111", 90), reference("web-22222222", 10)] }] } });
        let mut route = object(
            "HTTPRoute.gateway.networking.k8s.io/shop",
            json!({ "spec": { "rules": [{ "backendRefs": [{ "name": "web", "port": 80 }] }, { "backendRefs": [{ "name": "api", "port": 1 }] }] } }),
        );
        backends(&mut route, &live, &shared);
        assert_eq!(route.body["spec"]["rules"][0], live["spec"]["rules"][0]);
        assert_eq!(route.body["spec"]["rules"][1]["backendRefs"][0]["name"], "api");
    }

    #[test]
    fn a_selector_is_handed_to_the_router_once() {
        let first = json!({ "app": "web", REVISION: "22222222" });
        assert_eq!(selector(None, &first, None), Some(first.clone()));
        let live = json!({ "spec": { "selector": { "app": "web" } } });
        let narrowed = json!({ "app": "web", REVISION: "11111111" });
        assert_eq!(selector(Some(&live), &first, Some("11111111")), Some(narrowed));
        let mut routed = live.clone();
        routed["metadata"] = json!({ "managedFields": [{ "manager": ROUTER_MANAGER, "fieldsV1": { "f:spec": { "f:selector": {} } } }] });
        assert_eq!(selector(Some(&routed), &first, None), None);
    }
}

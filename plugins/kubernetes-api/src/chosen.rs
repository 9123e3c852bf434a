//! What the Services that revisions share choose: the pods of one revision, of several, or of none. Users come to one of
//! them; the others lead from one part of the software to another, and go along with the users.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use slipway_sdk::Failure;

use crate::{
    Ask, Resource, ask, at,
    labels::{DIGEST, REVISION, ROUTER_MANAGER, STANDS_FOR},
    revisions::services_of,
    text,
};

/// No pod has it.
const NOBODY: &str = "none";

/// Sets what a shared Service chooses.
pub fn choose(namespace: &str, service: &str, selector: &Value) -> Result<(), Failure> {
    let change = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": service }, "spec": { "selector": selector }
    });
    let path = Resource::services()?.one(Some(namespace), service);
    let answer = ask(Ask::apply(&path, ROUTER_MANAGER, true, &change).metadata_only())?;
    answer
        .success(&format!("setting what Service/{service} chooses"))
        .map(drop)
}

/// Sets what every shared Service of a service in an environment chooses, but the one that users come to: the pods of the
/// revisions that have users.
pub fn choose_along(
    whose: (&str, &str),
    namespace: &str,
    users: Option<&str>,
    revisions: &[&str],
) -> Result<(), Failure> {
    let live = services_of(whose, namespace)?;
    for (name, selector) in along(&live, users, revisions)? {
        choose(namespace, &name, &selector)?;
    }
    Ok(())
}

/// One revision: what its own Service chooses. Several: what their Services' choices have in common.
pub fn selector(chosen: &[&Value]) -> Result<Value, Failure> {
    let mut maps = chosen
        .iter()
        .map(|selector| selector.as_object().cloned().unwrap_or_default());
    let Some(first) = maps.next() else {
        return Ok(json!({ REVISION: NOBODY }));
    };
    let common = maps.fold(first, |common: Map<String, Value>, other| {
        common
            .into_iter()
            .filter(|(key, value)| other.get(key) == Some(value))
            .collect()
    });
    if common.is_empty() {
        return Err(Failure::unsupported("the revisions' pods have no label in common by which the Service could choose all of them")
            .hint("keep at least one label of the Service's selector from revision to revision, or use a strategy that moves all users at once"));
    }
    Ok(Value::Object(common))
}

/// Does a Service that chooses so send users to what another chooses?
pub fn leads_to(selector: &Value, revision: &Value) -> bool {
    let labels = selector.as_object().filter(|labels| !labels.is_empty());
    labels.is_some_and(|labels| labels.iter().all(|(key, value)| revision.get(key) == Some(value)))
}

/// By the name of the Service. What is as it shall be, or has no pods in any of the revisions, stays as it is.
fn along(
    live: &[Value],
    users: Option<&str>,
    revisions: &[&str],
) -> Result<BTreeMap<String, Value>, Failure> {
    let annotation = |service: &Value, key: &str| {
        at(service, &["metadata", "annotations", key])
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let mut own: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for service in live {
        let digest = annotation(service, DIGEST).unwrap_or_default();
        if let (Some(stable), true) = (
            annotation(service, STANDS_FOR),
            revisions.contains(&digest.as_str()),
        ) {
            own.entry(stable).or_default().push(&service["spec"]["selector"]);
        }
    }
    own.retain(|name, _| Some(name.as_str()) != users);
    let mut along = BTreeMap::new();
    for service in live {
        let name = text(service, "/metadata/name");
        if let Some(chosen) = own.get(name) {
            let wanted = selector(chosen)?;
            if service["spec"]["selector"] != wanted {
                along.insert(name.to_owned(), wanted);
            }
        }
    }
    Ok(along)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_several_or_none() {
        let (old, new) = (
            json!({ "app": "web", REVISION: "1" }),
            json!({ "app": "web", REVISION: "2" }),
        );
        assert_eq!(selector(&[&old]).unwrap(), old);
        assert_eq!(selector(&[&old, &new]).unwrap(), json!({ "app": "web" }));
        assert_eq!(selector(&[]).unwrap(), json!({ REVISION: "none" }));
        assert!(selector(&[&json!({ "a": "1" }), &json!({ "b": "1" })]).is_err());
    }

    #[test]
    fn by_labels() {
        let (old, new) = (
            json!({ "app": "web", "r": "1" }),
            json!({ "app": "web", "r": "2" }),
        );
        assert!(leads_to(&json!({ "app": "web" }), &old) && leads_to(&old, &old) && !leads_to(&old, &new));
        assert!(!leads_to(&json!({}), &old));
    }

    #[test]
    fn the_others_go_along_with_the_users() {
        let service = |name: &str, revision: &str, of: Option<&str>| {
            let mut annotations = json!({ DIGEST: format!("sha256:{revision}") });
            if let Some(of) = of {
                annotations[STANDS_FOR] = json!(of);
            }
            json!({ "metadata": { "name": name, "annotations": annotations }, "spec": { "selector": { "app": of.unwrap_or(name), REVISION: revision } } })
        };
        let live = [
            service("front", "1", None),
            service("cart", "1", None),
            service("gone", "1", None),
            service("front-1", "1", Some("front")),
            service("front-2", "2", Some("front")),
            service("cart-1", "1", Some("cart")),
            service("cart-2", "2", Some("cart")),
            service("gone-1", "1", Some("gone")),
        ];
        let along = |revisions: &[&str]| along(&live, Some("front"), revisions).unwrap();
        assert_eq!(along(&["sha256:1"]), BTreeMap::new());
        let cart = |selector: Value| BTreeMap::from([("cart".to_owned(), selector)]);
        assert_eq!(along(&["sha256:1", "sha256:2"]), cart(json!({ "app": "cart" })));
        assert_eq!(
            along(&["sha256:2"]),
            cart(json!({ "app": "cart", REVISION: "2" }))
        );
    }
}

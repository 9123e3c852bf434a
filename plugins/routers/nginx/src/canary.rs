//! The Ingress of the canary: what it is like, made of the one that users come by; and what one says. Pure.

use serde_json::{Map, Value, json};
use slipway_kubernetes_api::{NAME_LIMIT, at, items, labels, list_of, suffixed, text};
use slipway_sdk::Place;

use crate::{
    division::Canary,
    settings::{Preview, Settings},
};

const PREFIX: &str = "nginx.ingress.kubernetes.io/";
/// How the class was said before there was a field for it.
const CLASS: &str = "kubernetes.io/ingress.class";
/// Of a canary the controller heeds these; everything else it takes from the Ingress that users come by.
const HEEDED: [&str; 4] = ["load-balance", "upstream-hash-by", "affinity", "session-cookie-"];

/// What it is called.
pub(crate) fn name(settings: &Settings) -> String {
    suffixed(&settings.ingress, "canary", NAME_LIMIT)
}

/// None if no path of the main one names the Service.
pub(crate) fn object(place: &Place<Settings>, main: &Value, canary: &Canary<'_>) -> Option<Value> {
    let settings = &place.settings;
    let mut spec = json!({ "rules": rules(main, &settings.service, canary.service)? });
    for kept in ["ingressClassName", "tls"] {
        if let Some(value) = main["spec"].get(kept) {
            spec[kept] = value.clone();
        }
    }
    Some(json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {
            "name": name(settings),
            "labels": labels::owner(&place.service, &place.environment),
            "annotations": annotations(main, canary, settings.preview.as_ref()),
        },
        "spec": spec
    }))
}

/// Nobody else has made it.
pub(crate) fn is_ours(place: &Place<Settings>, live: &Value) -> bool {
    labels::is_of(live, &place.service, &place.environment)
}

/// Where it sends users: the Service, its weight and what that is a part of.
pub(crate) fn read(live: &Value) -> (&str, u32, u32) {
    let annotation = |name: &str| {
        at(live, &["metadata", "annotations", &format!("{PREFIX}{name}")]).and_then(Value::as_str)
    };
    let number = |name, default| {
        let text = annotation(name);
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let backend = text(live, "/spec/rules/0/http/paths/0/backend/service/name");
    (
        backend,
        number("canary-weight", 0),
        number("canary-weight-total", 100),
    )
}

/// The paths that name the Service, with the other one in its place.
fn rules(main: &Value, stable: &str, canary: &str) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    for rule in items(main, "/spec/rules") {
        let paths = items(rule, "/http/paths").filter(|path| text(path, "/backend/service/name") == stable);
        let paths: Vec<_> = paths
            .cloned()
            .map(|mut path| {
                path["backend"]["service"]["name"] = json!(canary);
                path
            })
            .collect();
        if !paths.is_empty() {
            let mut rule = rule.clone();
            rule["http"]["paths"] = Value::Array(paths);
            found.push(rule);
        }
    }
    (!found.is_empty()).then_some(found)
}

fn annotations(main: &Value, canary: &Canary<'_>, preview: Option<&Preview>) -> Value {
    let written = at(main, &["metadata", "annotations"]).and_then(Value::as_object);
    let kept = |key: &str| {
        let own = key.strip_prefix(PREFIX);
        key == CLASS || own.is_some_and(|own| HEEDED.iter().any(|heeded| own.starts_with(heeded)))
    };
    let mut annotations: Map<String, Value> = written
        .into_iter()
        .flatten()
        .filter(|(key, _)| kept(key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let mut set = |name: &str, value: String| annotations.insert(format!("{PREFIX}{name}"), json!(value));
    set("canary", "true".to_owned());
    set("canary-weight", canary.weight.to_string());
    if canary.total != 100 {
        set("canary-weight-total", canary.total.to_string());
    }
    if let Some(preview) = preview.filter(|_| canary.shown) {
        set("canary-by-header", preview.header.clone());
        if let Some(value) = &preview.value {
            set("canary-by-header-value", value.clone());
        }
    }
    Value::Object(annotations)
}

/// Where users come in, as far as the Ingress says, and whether that is by TLS.
pub(crate) fn entrance(main: &Value) -> Option<String> {
    let port = if list_of(main["spec"].get("tls")).is_empty() {
        80
    } else {
        443
    };
    let given = items(main, "/status/loadBalancer/ingress").next();
    let names = [
        text(main, "/spec/rules/0/host"),
        given.map_or("", |given| text(given, "/hostname")),
        given.map_or("", |given| text(given, "/ip")),
    ];
    let name = names.into_iter().find(|name| !name.is_empty())?;
    Some(format!("{name}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(preview: Value) -> Place<Settings> {
        let mut settings = json!({ "ingress": "shop", "service": "web" });
        if !preview.is_null() {
            settings["preview"] = preview;
        }
        Place {
            service: "shop".to_owned(),
            environment: "prod".to_owned(),
            settings: serde_json::from_value(settings).unwrap(),
        }
    }

    fn main() -> Value {
        let path = |path: &str, service: &str| json!({ "path": path, "pathType": "Prefix", "backend": { "service": { "name": service, "port": { "name": "http" } } } });
        json!({
            "metadata": { "name": "shop", "labels": { "team": "a" }, "annotations": {
                "nginx.ingress.kubernetes.io/rewrite-target": "/$1",
                "nginx.ingress.kubernetes.io/session-cookie-name": "s",
                "nginx.ingress.kubernetes.io/affinity": "cookie",
                "kubernetes.io/ingress.class": "nginx"
            } },
            "spec": { "ingressClassName": "nginx", "tls": [{ "secretName": "tls" }], "rules": [
                { "host": "shop.example", "http": { "paths": [path("/", "web"), path("/api", "api")] } },
                { "host": "api.example", "http": { "paths": [path("/", "api")] } }
            ] },
            "status": { "loadBalancer": { "ingress": [{ "ip": "192.0.2.7" }] } }
        })
    }

    fn canary(weight: u32, total: u32, shown: bool) -> Canary<'static> {
        Canary {
            service: "web-1a2b3c4d",
            weight,
            total,
            shown,
        }
    }

    #[test]
    fn only_what_leads_to_the_service_and_what_the_controller_heeds() {
        let made = object(&place(Value::Null), &main(), &canary(10, 100, false)).unwrap();
        assert_eq!(
            made["metadata"]["annotations"],
            json!({
                "nginx.ingress.kubernetes.io/session-cookie-name": "s",
                "nginx.ingress.kubernetes.io/affinity": "cookie",
                "kubernetes.io/ingress.class": "nginx",
                "nginx.ingress.kubernetes.io/canary": "true",
                "nginx.ingress.kubernetes.io/canary-weight": "10"
            })
        );
        assert_eq!(
            made["spec"],
            json!({ "ingressClassName": "nginx", "tls": [{ "secretName": "tls" }], "rules": [
                { "host": "shop.example", "http": { "paths": [
                    { "path": "/", "pathType": "Prefix", "backend": { "service": { "name": "web-1a2b3c4d", "port": { "name": "http" } } } }
                ] } }
            ] })
        );
        assert_eq!(made["metadata"]["name"], "shop-canary");
        assert!(is_ours(&place(Value::Null), &made) && !is_ours(&place(Value::Null), &main()));
        assert_eq!(read(&made), ("web-1a2b3c4d", 10, 100));
        let mut other = main();
        other["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["name"] = json!("web-admin");
        assert_eq!(object(&place(Value::Null), &other, &canary(10, 100, false)), None);
    }

    #[test]
    fn shown_to_requests_with_a_header() {
        let header = |preview: Value, shown| {
            let made = object(&place(preview), &main(), &canary(1, 3, shown)).unwrap();
            assert_eq!(read(&made), ("web-1a2b3c4d", 1, 3));
            let said = |name: &str| made["metadata"]["annotations"][format!("{PREFIX}{name}")].clone();
            (said("canary-by-header"), said("canary-by-header-value"))
        };
        let both = json!({ "header": "x-next", "value": "yes" });
        assert_eq!(header(both.clone(), true), (json!("x-next"), json!("yes")));
        assert_eq!(
            header(json!({ "header": "x-next" }), true),
            (json!("x-next"), Value::Null)
        );
        assert_eq!(header(both, false), (Value::Null, Value::Null));
    }

    #[test]
    fn where_users_come_in() {
        let mut main = main();
        assert_eq!(entrance(&main).unwrap(), "shop.example:443");
        main["spec"] = json!({ "rules": [{ "http": {} }] });
        assert_eq!(entrance(&main).unwrap(), "192.0.2.7:80");
        main["status"] = json!({});
        assert_eq!(entrance(&main), None);
    }
}

//! The rules of a route: which of them are about the Service, and where they send users. Pure.

use serde_json::{Map, Value, json};
use slipway_kubernetes_api::{is_revision_of, items, list_of, number, text};

/// Where users are sent, with a weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Backend {
    pub(crate) service: String,
    pub(crate) port: u16,
    pub(crate) weight: u32,
}

/// The rules with these backends wherever they name the Service or one of its revisions; none if none does.
pub(crate) fn sent(rules: &Value, stable: &str, backends: &[Backend]) -> Option<Value> {
    let mut rules = list_of(Some(rules)).to_vec();
    let mut found = false;
    for rule in &mut rules {
        let references = list_of(rule.get("backendRefs"));
        let Some(position) = references.iter().position(|reference| is_ours(reference, stable)) else {
            continue;
        };
        found = true;
        // What else a reference says, such as filters, holds for all of them.
        let pattern = references[position].as_object().cloned().unwrap_or_default();
        let others = references
            .iter()
            .filter(|reference| !is_ours(reference, stable))
            .cloned();
        let mut new: Vec<Value> = backends
            .iter()
            .map(|backend| reference(&pattern, backend))
            .collect();
        new.extend(others);
        rule["backendRefs"] = Value::Array(new);
    }
    found.then_some(Value::Array(rules))
}

/// Where the rules send users now.
pub(crate) fn now(rules: &Value, stable: &str) -> Vec<Backend> {
    let about = list_of(Some(rules)).iter().map(|rule| {
        let ours = items(rule, "/backendRefs").filter(|reference| is_ours(reference, stable));
        ours.map(backend).collect::<Vec<_>>()
    });
    about
        .into_iter()
        .find(|backends| !backends.is_empty())
        .unwrap_or_default()
}

fn is_ours(reference: &Value, stable: &str) -> bool {
    let kind = text(reference, "/kind");
    (kind.is_empty() || kind == "Service") && is_revision_of(text(reference, "/name"), stable)
}

fn reference(pattern: &Map<String, Value>, backend: &Backend) -> Value {
    let mut reference = pattern.clone();
    reference.insert("name".to_owned(), json!(backend.service));
    reference.insert("port".to_owned(), json!(backend.port));
    reference.insert("weight".to_owned(), json!(backend.weight));
    Value::Object(reference)
}

fn backend(reference: &Value) -> Backend {
    let positive = |field: &str, default: u32| {
        number(reference, field)
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(default)
    };
    Backend {
        service: text(reference, "/name").to_owned(),
        port: u16::try_from(positive("/port", 80)).unwrap_or(80),
        weight: positive("/weight", 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(service: &str, weight: u32) -> Backend {
        Backend {
            service: service.to_owned(),
            port: 80,
            weight,
        }
    }

    #[test]
    fn only_rules_about_the_service_change() {
        let rules = json!([
            { "matches": [{ "path": { "value": "/" } }], "backendRefs": [{ "name": "web", "port": 80, "filters": [1] }] },
            { "backendRefs": [{ "name": "api", "port": 1 }] },
            { "filters": [{ "type": "RequestRedirect" }] }
        ]);
        let backends = [to("web-11111111", 90), to("web-22222222", 10)];
        let new = sent(&rules, "web", &backends).unwrap();
        assert_eq!(
            new[0],
            json!({ "matches": [{ "path": { "value": "/" } }], "backendRefs": [
                { "name": "web-11111111", "port": 80, "weight": 90, "filters": [1] },
                { "name": "web-22222222", "port": 80, "weight": 10, "filters": [1] }
            ] })
        );
        assert_eq!((&new[1], &new[2]), (&rules[1], &rules[2]));
        assert_eq!(now(&new, "web"), backends);
        assert_eq!(
            now(&sent(&new, "web", &[to("web", 0)]).unwrap(), "web"),
            [to("web", 0)]
        );
        assert_eq!(sent(&rules, "other", &backends), None);
    }
}

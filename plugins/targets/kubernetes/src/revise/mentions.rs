//! The ConfigMaps and Secrets that pods mention by name.

use serde_json::Value;

/// Kind and name of a ConfigMap or Secret.
pub(crate) type Mention<'a> = (&'static str, &'a mut Value);

/// Tells of every mention in a pod's spec.
pub(crate) fn visit(value: &mut Value, found: &mut impl FnMut(Mention<'_>)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, found)),
        Value::Object(map) => {
            for (key, below) in map.iter_mut() {
                match key.as_str() {
                    "configMap" | "configMapRef" | "configMapKeyRef" => {
                        name(below, "name", "ConfigMap", found)
                    }
                    "secretRef" | "secretKeyRef" => name(below, "name", "Secret", found),
                    "secret" => {
                        name(below, "secretName", "Secret", found);
                        name(below, "name", "Secret", found);
                    }
                    "imagePullSecrets" => {
                        for item in below.as_array_mut().into_iter().flatten() {
                            name(item, "name", "Secret", found);
                        }
                        continue;
                    }
                    _ => {}
                }
                visit(below, found);
            }
        }
        _ => {}
    }
}

fn name(value: &mut Value, key: &str, kind: &'static str, found: &mut impl FnMut(Mention<'_>)) {
    if let Some(name) = value.get_mut(key).filter(|name| name.is_string()) {
        found((kind, name));
    }
}

/// Does a text stand anywhere in a document, as a whole value?
pub(super) fn says(value: &Value, text: &str) -> bool {
    match value {
        Value::String(own) => own == text,
        Value::Array(items) => items.iter().any(|item| says(item, text)),
        Value::Object(map) => map.values().any(|value| says(value, text)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wherever_a_pod_mentions_them() {
        let mut spec = json!({
            "imagePullSecrets": [{ "name": "pull" }],
            "volumes": [
                { "name": "a", "configMap": { "name": "files" } },
                { "name": "b", "secret": { "secretName": "tls" } },
                { "name": "c", "projected": { "sources": [{ "configMap": { "name": "p1" } }, { "secret": { "name": "p2" } }] } },
                { "name": "d", "emptyDir": {} }
            ],
            "initContainers": [{ "envFrom": [{ "configMapRef": { "name": "env" } }, { "secretRef": { "name": "senv" } }] }],
            "containers": [{ "name": "web", "env": [
                { "name": "A", "valueFrom": { "configMapKeyRef": { "name": "k1", "key": "x" } } },
                { "name": "B", "valueFrom": { "secretKeyRef": { "name": "k2", "key": "x" } } },
                { "name": "C", "value": "files" }
            ] }]
        });
        let mut found = Vec::new();
        visit(&mut spec, &mut |(kind, name)| {
            found.push(format!("{kind}/{}", name.as_str().unwrap()))
        });
        found.sort();
        let expected = [
            "ConfigMap/env",
            "ConfigMap/files",
            "ConfigMap/k1",
            "ConfigMap/p1",
            "Secret/k2",
            "Secret/p2",
            "Secret/pull",
            "Secret/senv",
            "Secret/tls",
        ];
        assert_eq!(found, expected);
    }
}

//! What one document says of an object and another does not. Pure.

use serde_json::Value;

/// The fields as people write them, `spec.containers[web].image`. Where both say something, it does not matter what.
pub(crate) fn unsaid(said: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(said, Some(other), String::new(), &mut found);
    // Where it is everybody knows.
    found.retain(|path| path != "metadata.namespace");
    found
}

fn walk(said: &Value, other: Option<&Value>, path: String, found: &mut Vec<String>) {
    match (said, other) {
        (Value::Object(said), _) => {
            for (key, value) in said {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                walk(value, other.and_then(|other| other.get(key)), path, found);
            }
        }
        (Value::Array(said), _) => {
            for (index, item) in said.iter().enumerate() {
                let name = item.get("name").and_then(Value::as_str);
                let same = other.and_then(Value::as_array).and_then(|other| match name {
                    Some(_) => other.iter().find(|one| one.get("name") == item.get("name")),
                    None => other.get(index),
                });
                let path = match name {
                    Some(name) => format!("{path}[{name}]"),
                    None => format!("{path}[{index}]"),
                };
                walk(item, same, path, found);
            }
        }
        (_, None) => found.push(path),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_other_does_not_mention() {
        let said = json!({
            "metadata": { "name": "web", "namespace": "shop", "annotations": {}, "labels": { "old": "x" } },
            "spec": { "containers": [{ "name": "log", "image": "l" }, { "name": "web", "image": "a", "args": ["-v"] }] }
        });
        let other = json!({ "metadata": { "name": "web" }, "spec": { "containers": [{ "name": "web", "image": "b" }] } });
        let expected = [
            "metadata.labels.old",
            "spec.containers[log].image",
            "spec.containers[log].name",
            "spec.containers[web].args[0]",
        ];
        assert_eq!(unsaid(&said, &other), expected);
        assert_eq!(unsaid(&said, &said), [""; 0]);
    }
}

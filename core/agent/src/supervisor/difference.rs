//! Names the first thing in which two specs differ, without its value: it may be a secret.

use serde::Serialize;
use serde_json::Value;

pub(super) fn first<T: PartialEq + Serialize>(one: &T, other: &T) -> Option<String> {
    if one == other {
        return None;
    }
    let value = |spec: &T| serde_json::to_value(spec).unwrap_or_default();
    Some(between(&value(one), &value(other)).unwrap_or_else(|| "spec".to_owned()))
}

fn between(one: &Value, other: &Value) -> Option<String> {
    match (one, other) {
        (Value::Object(left), Value::Object(right)) => {
            let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
            keys.sort();
            keys.into_iter()
                .find_map(|key| {
                    let (left, right) = (left.get(key)?, right.get(key));
                    let Some(right) = right else {
                        return Some(key.clone());
                    };
                    between(left, right).map(|rest| join(key, &rest))
                })
                .or_else(|| right.keys().find(|key| !left.contains_key(*key)).cloned())
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => left
            .iter()
            .zip(right)
            .enumerate()
            .find_map(|(at, (left, right))| between(left, right).map(|rest| join(&format!("[{at}]"), &rest))),
        _ => (one != other).then(String::new),
    }
}

fn join(key: &str, rest: &str) -> String {
    if rest.is_empty() || rest.starts_with('[') {
        format!("{key}{rest}")
    } else {
        format!("{key}.{rest}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(one: Value, other: Value, expected: Option<&str>) {
        assert_eq!(between(&one, &other).as_deref(), expected);
    }

    #[test]
    fn the_place_and_not_the_value() {
        check(json!({"a": 1}), json!({"a": 1}), None);
        check(
            json!({"env": {"A": "x"}}),
            json!({"env": {"A": "y"}}),
            Some("env.A"),
        );
        check(
            json!({"command": ["a", "b"]}),
            json!({"command": ["a", "c"]}),
            Some("command[1]"),
        );
        check(
            json!({"command": ["a"]}),
            json!({"command": ["a", "c"]}),
            Some("command"),
        );
        check(json!({"a": 1}), json!({"a": 1, "b": 2}), Some("b"));
        check(json!({"a": 1, "b": 2}), json!({"a": 1}), Some("b"));
    }
}

//! What would change about an object, in lines that a person can read. Both sides come from the cluster, one of them
//! from a trial, so that nothing that the cluster fills in is a difference. Pure.

use serde_json::{Map, Value};
use slipway_kubernetes_api::{Manager, owner_of};

use crate::{MANAGER, ROUTER_MANAGER, labels};

/// More are only counted.
const LINES: usize = 20;
const LONGEST: usize = 60;

/// Written by the cluster on every change.
const OF_THE_CLUSTER: [&str; 7] = [
    "managedFields",
    "resourceVersion",
    "generation",
    "uid",
    "creationTimestamp",
    "selfLink",
    "deletionTimestamp",
];
/// They say which revision made the object, which is told anyway.
const OF_EVERY_REVISION: [&str; 4] = [
    labels::DIGEST,
    labels::INSTANCE,
    labels::REVISION,
    "kubectl.kubernetes.io/last-applied-configuration",
];

/// One line for each value that differs, `path: old -> new`; with the name of whoever else has set it.
pub(crate) fn lines(live: &Value, wanted: &Value, managers: &[Manager]) -> Vec<String> {
    let mut walk = Walk {
        managers,
        lines: Vec::new(),
    };
    let (live, wanted) = (spoken(live), spoken(wanted));
    walk.compare(&live, &wanted, &mut Vec::new(), "");
    let more = walk.lines.len().saturating_sub(LINES);
    walk.lines.truncate(LINES);
    if more > 0 {
        walk.lines.push(format!("and {more} more"));
    }
    walk.lines
}

/// An object without what only the cluster says.
fn spoken(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
        if let Some(metadata) = map.get_mut("metadata").and_then(Value::as_object_mut) {
            OF_THE_CLUSTER.iter().for_each(|key| drop(metadata.remove(*key)));
            for field in ["labels", "annotations"] {
                if let Some(map) = metadata.get_mut(field).and_then(Value::as_object_mut) {
                    OF_EVERY_REVISION.iter().for_each(|key| drop(map.remove(*key)));
                    if map.is_empty() {
                        metadata.remove(field);
                    }
                }
            }
        }
    }
    object
}

struct Walk<'a> {
    managers: &'a [Manager],
    lines: Vec<String>,
}

impl Walk<'_> {
    fn compare(&mut self, live: &Value, wanted: &Value, keys: &mut Vec<String>, path: &str) {
        match (live, wanted) {
            _ if live == wanted => {}
            (Value::Object(one), Value::Object(other)) => self.maps(one, other, keys, path),
            (Value::Array(one), Value::Array(other)) if named(one) && named(other) => {
                let (one, other) = (by_name(one), by_name(other));
                self.each(&one, &other, |name| format!("{path}[{name}]"), keys);
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                for (index, (one, other)) in one.iter().zip(other).enumerate() {
                    self.compare(one, other, keys, &format!("{path}[{index}]"));
                }
            }
            _ => self.line(live, wanted, keys, path),
        }
    }

    fn maps(
        &mut self,
        one: &Map<String, Value>,
        other: &Map<String, Value>,
        keys: &mut Vec<String>,
        path: &str,
    ) {
        let below = |key: &str| {
            if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            }
        };
        let mut all: Vec<_> = one
            .keys()
            .chain(other.keys().filter(|key| !one.contains_key(*key)))
            .collect();
        all.sort();
        for key in all {
            keys.push(key.clone());
            let (live, wanted) = (
                one.get(key).unwrap_or(&Value::Null),
                other.get(key).unwrap_or(&Value::Null),
            );
            self.compare(live, wanted, keys, &below(key));
            keys.pop();
        }
    }

    fn each(
        &mut self,
        one: &Map<String, Value>,
        other: &Map<String, Value>,
        path: impl Fn(&str) -> String,
        keys: &mut Vec<String>,
    ) {
        for key in one
            .keys()
            .chain(other.keys().filter(|key| !one.contains_key(*key)))
        {
            let (live, wanted) = (
                one.get(key).unwrap_or(&Value::Null),
                other.get(key).unwrap_or(&Value::Null),
            );
            self.compare(live, wanted, keys, &path(key));
        }
    }

    fn line(&mut self, live: &Value, wanted: &Value, keys: &[String], path: &str) {
        let others: Vec<_> = self
            .managers
            .iter()
            .filter(|manager| manager.name != ROUTER_MANAGER)
            .cloned()
            .collect();
        // What is not there yet nobody has set.
        let by = (!live.is_null())
            .then(|| owner_of(&others, MANAGER, keys))
            .flatten();
        let by = by.map_or_else(String::new, |name| format!(" (set by {name})"));
        self.lines.push(match (live, wanted) {
            (Value::Null, _) => format!("{path}: set to {}", short(wanted)),
            (_, Value::Null) => format!("{path}: {} removed{by}", short(live)),
            _ => format!("{path}: {} -> {}{by}", short(live), short(wanted)),
        });
    }
}

/// Lists of things with names are compared by them: the first of two containers that went is no change of both.
fn named(items: &[Value]) -> bool {
    let names: Vec<_> = items
        .iter()
        .map(|item| item.get("name").and_then(Value::as_str))
        .collect();
    let mut known: Vec<_> = names.iter().flatten().collect();
    known.sort();
    known.dedup();
    known.len() == items.len()
}

fn by_name(items: &[Value]) -> Map<String, Value> {
    let name = |item: &Value| {
        item.get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    items.iter().map(|item| (name(item), item.clone())).collect()
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let begin: String = text.chars().take(LONGEST - 3).collect();
    format!("{begin}...")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(live: Value, wanted: Value, expected: &[&str]) {
        let managers = slipway_kubernetes_api::managers(&live);
        assert_eq!(lines(&live, &wanted, &managers), expected);
    }

    #[test]
    fn only_what_differs_and_who_set_it() {
        let live = json!({
            "metadata": { "name": "web", "resourceVersion": "1", "labels": { "slipway.dev/revision": "a" }, "managedFields": [
                { "manager": "kubectl-edit", "fieldsV1": { "f:spec": { "f:replicas": {} } } }
            ] },
            "spec": { "replicas": 2, "containers": [{ "name": "log", "image": "l" }, { "name": "web", "image": "a" }], "gone": true },
            "status": { "x": 1 }
        });
        let wanted = json!({
            "metadata": { "name": "web", "resourceVersion": "2", "labels": { "slipway.dev/revision": "b", "new": "x" } },
            "spec": { "replicas": 3, "containers": [{ "name": "web", "image": "b" }, { "name": "log", "image": "l" }] }
        });
        let expected = [
            "metadata.labels: set to {\"new\":\"x\"}",
            "spec.containers[web].image: \"a\" -> \"b\"",
            "spec.gone: true removed",
            "spec.replicas: 2 -> 3 (set by kubectl-edit)",
        ];
        check(live.clone(), wanted, &expected);
        check(live.clone(), live, &[]);
    }

    #[test]
    fn much_is_counted() {
        let many = |value: u8| json!({ "data": (0..30).map(|n| (format!("k{n:02}"), json!(value))).collect::<Map<_, _>>() });
        let managers = [];
        let found = lines(&many(1), &many(2), &managers);
        assert_eq!((found.len(), found[20].as_str()), (21, "and 10 more"));
    }
}

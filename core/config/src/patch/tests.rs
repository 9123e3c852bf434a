//! Both kinds of patch against their standards, and against a library that others use.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Origin;

fn patching<T>(work: impl FnOnce(&mut Patching<'_>) -> T) -> T {
    let mark = |_| Setting::new(Value::Null, Origin::layer("patch"));
    work(&mut Patching {
        removed: &mut Vec::new(),
        mark: &mark,
    })
}

fn merged(target: &Value, patch: &Value) -> Value {
    let mut node = Node::from_value(target);
    patching(|patching| patching.merge(&mut node, Node::from_value(patch)));
    node.value()
}

fn applied(target: &Value, patch: &Value) -> Result<Value, String> {
    let mut node = Node::from_value(target);
    patching(|patching| patching.apply(&mut node, &Node::from_value(patch)))
        .map_err(|refused| refused.why)?;
    Ok(node.value())
}

#[test]
fn merge_patches_of_the_standard() {
    for (target, patch, expected) in [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (
            json!({"a": {"b": "c"}}),
            json!({"a": {"b": "d", "c": null}}),
            json!({"a": {"b": "d"}}),
        ),
        (json!(["a"]), json!({"a": 1}), json!({"a": 1})),
        (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
        (
            json!({}),
            json!({"a": {"bb": {"ccc": null}}}),
            json!({"a": {"bb": {}}}),
        ),
        (json!({"a": 1}), json!([1]), json!([1])),
    ] {
        assert_eq!(merged(&target, &patch), expected, "{patch}");
    }
}

#[test]
fn a_refused_patch_changes_nothing() {
    let mut node = Node::from_value(&json!({"a": 1}));
    let patch = json!([{"op": "remove", "path": "/a"}, {"op": "remove", "path": "/b"}]);
    assert!(patching(|patching| patching.apply(&mut node, &Node::from_value(&patch))).is_err());
    assert_eq!(node.value(), json!({"a": 1}));
    for bad in [
        json!({}),
        json!([{"op": "add", "path": "/l/01", "value": 1}]),
        json!([{"op": "move", "from": "/a", "path": "/a/b"}]),
        json!([{"op": "frob", "path": "/a"}]),
        json!([{"op": "add", "path": "a", "value": 1}]),
        json!([{"op": "remove", "path": ""}]),
    ] {
        assert!(
            applied(&json!({"a": {"b": 1}, "l": [1, 2]}), &bad).is_err(),
            "{bad}"
        );
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        (0..3).prop_map(Value::from),
        "[ab]".prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(("[a-c]", inner), 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let verb = prop::sample::select(vec!["add", "remove", "replace", "move", "copy", "test"]);
    let pointer = || "(/[a-c0-2-]){1,3}";
    (verb, pointer(), pointer(), json())
        .prop_map(|(op, path, from, value)| json!({"op": op, "path": path, "from": from, "value": value}))
}

proptest! {
    #[test]
    fn merging_twice_is_merging_once(target in json(), patch in json()) {
        let once = merged(&target, &patch);
        prop_assert_eq!(merged(&once, &patch), once);
    }

    #[test]
    fn merging_is_what_others_do(target in json(), patch in json()) {
        let mut expected = target.clone();
        json_patch::merge(&mut expected, &patch);
        prop_assert_eq!(merged(&target, &patch), expected);
    }

    #[test]
    fn json_patches_are_what_others_do(target in json(), patch in prop::collection::vec(operation(), 1..4)) {
        let patch = Value::from(patch);
        let mut expected = target.clone();
        let theirs: json_patch::Patch = serde_json::from_value(patch.clone()).unwrap();
        let theirs = json_patch::patch(&mut expected, &theirs).map(|()| expected);
        prop_assert_eq!(applied(&target, &patch).ok(), theirs.ok());
    }
}

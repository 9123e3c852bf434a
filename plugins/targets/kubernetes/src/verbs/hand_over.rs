//! Hand over: fields that tools have set in people's names become this target's alone, so that a later start finds no
//! conflict with a tool that nobody uses for these objects any more.

use serde_json::{Value, json};
use slipway_kubernetes_api::{Ask, Id, ask_all, at, is_hand_tool, items, text};
use slipway_sdk::Failure;

use crate::MANAGER;

/// By which kubectl finds out what it has set. What is stale would let it take away what it has not.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";
const TURNS: u32 = 5;

/// Objects by where they are. What a tool has set and this target does not is nobody's from then on, and stays.
pub(super) fn hand_over(objects: &[(Id, String)]) -> Result<(), Failure> {
    let mut open = objects.to_vec();
    for _ in 0..TURNS {
        let reads = open.iter().map(|(_, path)| Ask::get(path).metadata_only());
        let (mut meant, mut asks) = (Vec::new(), Vec::new());
        for (object, answer) in open.iter().zip(ask_all(reads.collect())?) {
            let live = answer.found(&format!("reading {}", object.0))?;
            if let Some(operations) = live.as_ref().and_then(operations) {
                asks.push(Ask::patch(&object.1, MANAGER, &operations).metadata_only());
                meant.push(object.clone());
            }
        }
        open.clear();
        for (object, answer) in meant.into_iter().zip(ask_all(asks)?) {
            // Somebody has changed it meanwhile: it is looked at again.
            if answer.status == 409 {
                open.push(object);
                continue;
            }
            answer.success(&format!("taking over the fields of {}", object.0))?;
        }
        if open.is_empty() {
            return Ok(());
        }
    }
    let (id, _) = &open[0];
    Err(Failure::unavailable(format!(
        "taking over the fields of {id}: it is changed by others all the time"
    )))
}

/// What makes it so; none where no tool has a field.
fn operations(live: &Value) -> Option<Value> {
    let by_tool = |entry: &&Value| is_hand_tool(text(entry, "/manager"));
    let own = || items(live, "/metadata/managedFields");
    let stale = at(live, &["metadata", "annotations", LAST_APPLIED]).is_some();
    if !own().any(|entry| by_tool(&entry)) && !stale {
        return None;
    }
    let kept: Vec<_> = own().filter(|entry| !by_tool(entry)).collect();
    let mut operations = vec![
        json!({ "op": "replace", "path": "/metadata/managedFields", "value": kept }),
        json!({ "op": "replace", "path": "/metadata/resourceVersion", "value": text(live, "/metadata/resourceVersion") }),
    ];
    if stale {
        let path = format!("/metadata/annotations/{}", LAST_APPLIED.replace('/', "~1"));
        operations.push(json!({ "op": "remove", "path": path }));
    }
    Some(Value::Array(operations))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tools_let_go() {
        let live = json!({ "metadata": { "resourceVersion": "7", "annotations": { LAST_APPLIED: "{}" }, "managedFields": [
            { "manager": "kubectl-client-side-apply", "operation": "Update", "fieldsV1": { "f:spec": { "f:a": {}, "f:b": {} }, "f:metadata": { "f:annotations": { format!("f:{LAST_APPLIED}"): {} } } } },
            { "manager": "slipway", "operation": "Apply", "fieldsV1": { "f:spec": { "f:a": {} } } },
            { "manager": "kube-controller-manager", "operation": "Update", "subresource": "status", "fieldsV1": {} }
        ] } });
        let operations = operations(&live).unwrap();
        assert_eq!(operations[0]["value"].as_array().map(Vec::len), Some(2));
        assert_eq!(operations[1]["value"], "7");
        assert_eq!(
            operations[2]["path"],
            "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration"
        );
        assert_eq!(
            super::operations(&json!({ "metadata": { "managedFields": [] } })),
            None
        );
    }
}

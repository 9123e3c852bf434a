//! StatefulSets that take the place of what runs step by step: the controller replaces only the pods from a partition on,
//! and each step lowers it. Pure.

use serde_json::{Value, json};
use slipway_kubernetes_api::{at, number, text};

use crate::{kinds::put, labels::REVISION};

const STRATEGY: &str = "/spec/updateStrategy";

/// The partition of the next step; none if there is none, because all of it is replaced. Until the step that was begun
/// stands well it stays the same one.
pub(crate) fn next(wanted: &Value, live: &Value, revision: &str) -> Option<i64> {
    let replicas = number(wanted, "/spec/replicas")
        .or_else(|| number(live, "/spec/replicas"))
        .unwrap_or(1);
    if is_decided(wanted) {
        return None;
    }
    let of = at(live, &["spec", "template", "metadata", "labels", REVISION]).and_then(Value::as_str);
    let now = if of == Some(revision) {
        let now = number(live, &format!("{STRATEGY}/rollingUpdate/partition")).unwrap_or(0);
        let now = now.min(replicas);
        if now > 0 && !stands(live, now) {
            return Some(now);
        }
        now
    } else {
        replicas
    };
    Some(now - width(wanted, replicas)).filter(|next| *next > 0)
}

pub(crate) fn set(body: &mut Value, partition: i64) {
    put(body, &["spec", "updateStrategy", "type"], json!("RollingUpdate"));
    put(
        body,
        &["spec", "updateStrategy", "rollingUpdate", "partition"],
        json!(partition),
    );
}

/// Says a live object that not all of its pods are to be replaced?
pub(crate) fn leaves_others(live: &Value) -> bool {
    let partition = number(live, &format!("{STRATEGY}/rollingUpdate/partition"));
    text(live, &format!("{STRATEGY}/type")) == "OnDelete" || partition.is_some_and(|from| from > 0)
}

/// The manifest says itself how far it is to go.
fn is_decided(wanted: &Value) -> bool {
    let kind = text(wanted, &format!("{STRATEGY}/type"));
    let partition = wanted.pointer(&format!("{STRATEGY}/rollingUpdate/partition"));
    !matches!(kind, "" | "RollingUpdate") || partition.is_some_and(|partition| !partition.is_null())
}

fn stands(live: &Value, partition: i64) -> bool {
    let status = |field: &str| number(live, &format!("/status/{field}")).unwrap_or(0);
    let replicas = number(live, "/spec/replicas").unwrap_or(1);
    let seen = status("observedGeneration") >= number(live, "/metadata/generation").unwrap_or(0);
    seen && status("updatedReplicas") >= replicas - partition && status("readyReplicas") >= replicas
}

/// So many pods at a time: as many as the manifest says may be missing.
fn width(wanted: &Value, replicas: i64) -> i64 {
    let said = wanted.pointer(&format!("{STRATEGY}/rollingUpdate/maxUnavailable"));
    let percent = |text: &str| Some(text.strip_suffix('%')?.parse::<i64>().ok()? * replicas / 100);
    let said = said.and_then(|said| said.as_i64().or_else(|| percent(said.as_str()?)));
    said.unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(revision: &str, partition: i64, updated: i64, ready: i64) -> Value {
        json!({
            "metadata": { "generation": 2 },
            "spec": { "replicas": 3, "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": { "partition": partition } },
                "template": { "metadata": { "labels": { REVISION: revision } } } },
            "status": { "observedGeneration": 2, "updatedReplicas": updated, "readyReplicas": ready }
        })
    }

    #[track_caller]
    fn check(wanted: Value, live: &Value, expected: Option<i64>) {
        assert_eq!(next(&json!({ "spec": wanted }), live, "new"), expected);
    }

    #[test]
    fn one_pod_after_another() {
        let wanted = json!({ "replicas": 3 });
        check(wanted.clone(), &live("old", 0, 3, 3), Some(2));
        check(wanted.clone(), &live("new", 2, 0, 3), Some(2));
        check(wanted.clone(), &live("new", 2, 1, 2), Some(2));
        check(wanted.clone(), &live("new", 2, 1, 3), Some(1));
        check(wanted.clone(), &live("new", 1, 2, 3), None);
        // All of it is replaced, and stays so.
        check(wanted.clone(), &live("new", 0, 3, 3), None);
        let mut unseen = live("new", 2, 1, 3);
        unseen["metadata"]["generation"] = json!(3);
        check(wanted, &unseen, Some(2));
        check(json!({}), &live("old", 0, 3, 3), Some(2));
        check(json!({ "replicas": 1 }), &live("old", 0, 3, 3), None);
        // It gets smaller meanwhile.
        check(json!({ "replicas": 2 }), &live("new", 2, 1, 3), Some(1));
    }

    #[test]
    fn the_manifest_decides() {
        let live = live("old", 0, 3, 3);
        let with = |strategy: Value| json!({ "replicas": 10, "updateStrategy": strategy });
        check(with(json!({ "type": "OnDelete" })), &live, None);
        check(with(json!({ "rollingUpdate": { "partition": 0 } })), &live, None);
        check(with(json!({ "rollingUpdate": { "partition": 4 } })), &live, None);
        check(
            with(json!({ "rollingUpdate": { "maxUnavailable": 3 } })),
            &live,
            Some(7),
        );
        check(
            with(json!({ "rollingUpdate": { "maxUnavailable": "25%" } })),
            &live,
            Some(8),
        );
        check(with(json!({ "type": "RollingUpdate" })), &live, Some(9));
        let lives = |strategy: Value| json!({ "spec": { "updateStrategy": strategy } });
        assert!(leaves_others(&lives(json!({ "type": "OnDelete" }))));
        assert!(leaves_others(&lives(
            json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 1 } })
        )));
        assert!(!leaves_others(&lives(
            json!({ "rollingUpdate": { "partition": 0 } })
        )));
    }
}

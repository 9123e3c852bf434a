//! Causes, from what a cluster really says.

use serde_json::json;

use super::*;
use crate::diagnosis::causes;

fn pod(status: Value) -> Value {
    json!({
        "metadata": { "name": "web-1", "namespace": "shop", "uid": "u1" },
        "spec": { "containers": [{ "name": "web", "resources": { "limits": { "memory": "64Mi" } } }] },
        "status": status
    })
}

fn container(state: Value, last: Value, restarts: u8) -> Value {
    json!({ "phase": "Running", "containerStatuses": [
        { "name": "web", "image": "reg/web:1", "ready": false, "restartCount": restarts, "state": state, "lastState": last }
    ] })
}

#[track_caller]
fn check(status: Value, events: &[Value], hopeless: bool, expected: &[&str]) -> Vec<Finding> {
    let found = examine(&[pod(status)], events, &[], 2);
    assert_eq!(causes(&found), expected);
    assert_eq!(found.iter().any(|finding| finding.hopeless), hopeless);
    found
}

#[test]
fn images() {
    let waiting = |reason: &str, message: &str| {
        container(
            json!({ "waiting": { "reason": reason, "message": message } }),
            json!({}),
            0,
        )
    };
    let said = "Back-off pulling image \"reg/web:1\": ErrImagePull: rpc error: reg/web:1: not found";
    let cause = "image reg/web:1 cannot be pulled: rpc error: reg/web:1: not found (pod web-1)";
    check(waiting("ImagePullBackOff", said), &[], true, &[cause]);
    let cause = "image reg/web:1 cannot be pulled: connection refused (pod web-1)";
    check(
        waiting("ErrImagePull", "connection refused"),
        &[],
        false,
        &[cause],
    );
    let cause = "container web cannot be started: secret \"db\" not found (pod web-1)";
    check(
        waiting("CreateContainerConfigError", "secret \"db\" not found"),
        &[],
        true,
        &[cause],
    );
}

#[test]
fn crashes() {
    let back_off = json!({ "waiting": { "reason": "CrashLoopBackOff" } });
    let ended = |code: u8, reason: &str| json!({ "terminated": { "exitCode": code, "reason": reason } });
    let cause =
        "container web ended with exit code 7; it is started again and again (1 times so far) (pod web-1)";
    let found = check(
        container(back_off.clone(), ended(7, "Error"), 1),
        &[],
        false,
        &[cause],
    );
    assert!(
        found[0]
            .log
            .as_ref()
            .is_some_and(|log| log.previous && log.container == "web")
    );
    let cause = "container web was ended because it took more memory than its limit of 64Mi; it is started again and again (2 times so far) (pod web-1)";
    check(
        container(back_off, ended(137, "OOMKilled"), 2),
        &[],
        true,
        &[cause],
    );
    let cause = "container web ended with exit code 1 (pod web-1)";
    check(container(ended(1, "Error"), json!({}), 0), &[], false, &[cause]);
    check(container(ended(0, "Completed"), json!({}), 0), &[], false, &[]);
    let cause = "container web ended with exit code 7; it has been started again (pod web-1)";
    check(
        container(json!({ "running": {} }), ended(7, "Error"), 1),
        &[],
        false,
        &[cause],
    );
}

#[test]
fn what_only_conditions_and_events_say() {
    let pending = json!({ "phase": "Pending", "conditions": [
        { "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes are available: 1 Insufficient cpu." }
    ] });
    check(
        pending,
        &[],
        false,
        &["no node can take the pod: 0/1 nodes are available: 1 Insufficient cpu. (pod web-1)"],
    );
    let event = |reason: &str, message: &str, at: &str| json!({ "reason": reason, "message": message, "lastTimestamp": at, "involvedObject": { "uid": "u1", "name": "web-1" } });
    let running = container(json!({ "running": {} }), json!({}), 0);
    let events = [
        event(
            "Unhealthy",
            "Readiness probe failed: HTTP probe failed with statuscode: 503",
            "2",
        ),
        event("Unhealthy", "Readiness probe failed: connection refused", "1"),
    ];
    check(
        running,
        &events,
        false,
        &["readiness probe failed: HTTP probe failed with statuscode: 503 (pod web-1)"],
    );
    let mut ready = container(json!({ "running": {} }), json!({}), 0);
    ready["conditions"] = json!([{ "type": "Ready", "status": "True" }]);
    check(ready, &events, false, &[]);
}

#[test]
fn pods_that_cannot_be_made() {
    let event = json!({ "reason": "FailedCreate", "message": "pods is forbidden: exceeded quota", "involvedObject": { "kind": "ReplicaSet", "name": "web-67d9" } });
    let found = examine(&[], std::slice::from_ref(&event), &["web".to_owned()], 2);
    assert_eq!(
        causes(&found),
        ["no pod can be made: pods is forbidden: exceeded quota"]
    );
    assert_eq!(examine(&[], &[event], &["api".to_owned()], 2), []);
}

#[test]
fn the_same_cause_is_told_once() {
    let state = json!({ "terminated": { "exitCode": 1 } });
    let pods = [
        pod(container(state.clone(), json!({}), 0)),
        pod(container(state, json!({}), 0)),
    ];
    assert_eq!(
        causes(&examine(&pods, &[], &[], 2)),
        ["container web ended with exit code 1 (2 pods, such as web-1)"]
    );
}

//! The rules by kind.

use serde_json::json;

use super::*;

#[track_caller]
fn check(key: &str, live: Value, expected: &str) {
    let found = match standing(&key.parse().unwrap(), &live) {
        Standing::Current => "current".to_owned(),
        Standing::InProgress(why) => format!("waits: {why}"),
        Standing::Failed(why) => format!("failed: {why}"),
        Standing::Leaving => "leaving".to_owned(),
    };
    assert_eq!(found, expected, "{key} {live}");
}

#[test]
fn deployments() {
    let live = |spec: Value, status: Value| json!({ "metadata": { "generation": 2 }, "spec": spec, "status": status });
    let check = |status, expected: &str| {
        check(
            "Deployment.apps/web",
            live(json!({ "replicas": 3 }), status),
            expected,
        )
    };
    check(json!({}), "waits: its controller has not seen it yet");
    check(
        json!({ "observedGeneration": 1 }),
        "waits: its controller has not seen the change yet",
    );
    check(
        json!({ "observedGeneration": 2, "updatedReplicas": 1 }),
        "waits: 1 of 3 pods are of this revision",
    );
    let all = |available: u8| json!({ "observedGeneration": 2, "updatedReplicas": 3, "replicas": 3, "availableReplicas": available });
    check(
        json!({ "observedGeneration": 2, "updatedReplicas": 3, "replicas": 4 }),
        "waits: 1 pods of the revision before are still there",
    );
    check(all(2), "waits: 2 of 3 pods are available");
    check(all(3), "current");
    let stuck = json!({ "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded", "message": "too long" });
    check(
        json!({ "observedGeneration": 2, "conditions": [stuck] }),
        "failed: ProgressDeadlineExceeded: too long",
    );
    let quota = json!({ "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "exceeded quota" });
    check(
        json!({ "observedGeneration": 2, "conditions": [quota] }),
        "waits: FailedCreate: exceeded quota",
    );
}

#[test]
fn other_workloads() {
    let set = |status: Value| json!({ "spec": { "replicas": 2 }, "status": status });
    check(
        "StatefulSet.apps/db",
        set(json!({ "observedGeneration": 1, "readyReplicas": 1 })),
        "waits: 1 of 2 pods are ready",
    );
    let moving = json!({ "observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 1, "currentRevision": "a", "updateRevision": "b" });
    check(
        "StatefulSet.apps/db",
        set(moving),
        "waits: 1 of 2 pods are of this revision",
    );
    let same = |updated: u8| json!({ "observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": updated, "currentRevision": "b", "updateRevision": "b" });
    check(
        "StatefulSet.apps/db",
        set(same(1)),
        "waits: 1 of 2 pods are of this revision",
    );
    check("StatefulSet.apps/db", set(same(2)), "current");
    let daemons = |updated: u8, available: u8| json!({ "status": { "observedGeneration": 1, "desiredNumberScheduled": 2, "currentNumberScheduled": 2, "updatedNumberScheduled": updated, "numberAvailable": available, "numberReady": 2 } });
    check(
        "DaemonSet.apps/d",
        daemons(1, 2),
        "waits: 1 of 2 pods are of this revision",
    );
    check(
        "DaemonSet.apps/d",
        daemons(2, 1),
        "waits: 1 of 2 pods are available",
    );
    check("DaemonSet.apps/d", daemons(2, 2), "current");
    check(
        "ReplicaSet.apps/r",
        set(json!({ "availableReplicas": 2 })),
        "current",
    );
    check(
        "Pod/p",
        json!({ "status": { "phase": "Running" } }),
        "waits: the pod is not ready",
    );
    check(
        "Pod/p",
        json!({ "status": { "phase": "Failed", "message": "evicted" } }),
        "failed: evicted",
    );
    check(
        "Pod/p",
        json!({ "metadata": { "deletionTimestamp": "x" } }),
        "leaving",
    );
}

#[test]
fn what_else_is_waited_for() {
    let with = |kind: &str, status: &str| json!({ "status": { "conditions": [{ "type": kind, "status": status, "reason": "R", "message": "m" }] } });
    check(
        "Job.batch/j",
        json!({ "status": {} }),
        "waits: 0 of 1 pods have done their work",
    );
    check("Job.batch/j", with("Complete", "True"), "current");
    check("Job.batch/j", with("Failed", "True"), "failed: R: m");
    check(
        "PersistentVolumeClaim/c",
        json!({ "status": { "phase": "Pending" } }),
        "waits: no volume is bound to it",
    );
    check(
        "CustomResourceDefinition.apiextensions.k8s.io/c",
        with("Established", "True"),
        "current",
    );
    check(
        "CustomResourceDefinition.apiextensions.k8s.io/c",
        with("NamesAccepted", "False"),
        "failed: R: m",
    );
    check("Widget.example.com/w", json!({}), "current");
    check("Widget.example.com/w", with("Ready", "False"), "waits: R: m");
    check("Widget.example.com/w", with("Stalled", "True"), "failed: R: m");
    let route = json!({ "status": { "parents": [{ "conditions": [{ "type": "Accepted", "status": "False", "reason": "NoGateway" }] }] } });
    check("HTTPRoute.gateway.networking.k8s.io/r", route, "waits: NoGateway");
    let service = |slices: &[Value]| super::super::service(slices, &["old".to_owned()]);
    assert_eq!(service(&[]), Standing::waits("no pod is ready to answer"));
    let slice = |ready, pod: &str| json!({ "endpoints": [{ "conditions": { "ready": ready }, "targetRef": { "name": pod } }] });
    assert_eq!(
        service(&[slice(false, "old"), slice(true, "new")]),
        Standing::Current
    );
    assert_eq!(
        service(&[slice(true, "old"), slice(true, "new")]),
        Standing::waits("1 pods of another revision still answer")
    );
}

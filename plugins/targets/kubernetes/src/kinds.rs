//! What this target knows of kinds: which run pods, and where in an object their template stands.

use serde_json::Value;
use slipway_kubernetes_api::Id;

/// Kinds that run pods for as long as they are there.
pub(crate) fn is_workload(id: &Id) -> bool {
    match id.group.as_str() {
        "apps" => ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"].contains(&id.kind.as_str()),
        "" => id.kind == "Pod",
        _ => false,
    }
}

/// Kinds that run pods until these have done their work.
pub(crate) fn is_job(id: &Id) -> bool {
    id.group == "batch" && (id.kind == "Job" || id.kind == "CronJob")
}

/// Where the metadata and the spec of an object's pods are.
pub(crate) fn template(id: &Id) -> Option<&'static str> {
    match (id.group.as_str(), id.kind.as_str()) {
        ("", "Pod") => Some(""),
        ("batch", "CronJob") => Some("/spec/jobTemplate/spec/template"),
        _ if is_workload(id) || is_job(id) => Some("/spec/template"),
        _ => None,
    }
}

/// The labels that an object's pods have.
pub(crate) fn pod_labels<'a>(id: &Id, body: &'a Value) -> Option<&'a serde_json::Map<String, Value>> {
    let template = template(id)?;
    body.pointer(&format!("{template}/metadata/labels"))?.as_object()
}

/// Does a selector of labels choose these? An empty one chooses nothing here: a Service with none has no pods.
pub(crate) fn selects(selector: Option<&Value>, labels: &serde_json::Map<String, Value>) -> bool {
    let selector = selector
        .and_then(Value::as_object)
        .filter(|selector| !selector.is_empty());
    selector.is_some_and(|selector| selector.iter().all(|(key, value)| labels.get(key) == Some(value)))
}

/// What is put at a pointer whose maps may not be there yet; the last part is a plain key.
pub(crate) fn put(body: &mut Value, keys: &[&str], value: Value) {
    let mut here = body;
    for key in keys {
        if !here.is_object() {
            *here = Value::Object(serde_json::Map::new());
        }
        here = &mut here[*key];
    }
    *here = value;
}

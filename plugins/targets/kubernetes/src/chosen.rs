//! Which pods a workload chooses, for those that bear no marks of ours. Pure.

use serde_json::{Map, Value};
use slipway_kubernetes_api::{Id, items, text};

use crate::kinds::selects;

const JOB: &str = "batch.kubernetes.io/job-name";

/// Is it one of the pods of a live object?
pub(crate) fn runs(id: &Id, live: &Value, pod: &Value) -> bool {
    let nothing = Map::new();
    let labels = pod.pointer("/metadata/labels").and_then(Value::as_object);
    let labels = labels.unwrap_or(&nothing);
    let job = labels.get(JOB).and_then(Value::as_str).unwrap_or_default();
    let chosen = match id.kind.as_str() {
        "Pod" => text(pod, "/metadata/uid") == text(live, "/metadata/uid"),
        "Job" => job == id.name,
        "CronJob" => job
            .strip_prefix(id.name.as_str())
            .is_some_and(|rest| rest.starts_with('-')),
        _ => matches(live.pointer("/spec/selector"), labels),
    };
    chosen && text(pod, "/metadata/namespace") == text(live, "/metadata/namespace")
}

/// A selector with labels and expressions; an empty one chooses nothing here.
fn matches(selector: Option<&Value>, labels: &Map<String, Value>) -> bool {
    let Some(selector) = selector else { return false };
    let exact = selector
        .get("matchLabels")
        .filter(|exact| exact.as_object().is_some_and(|exact| !exact.is_empty()));
    let mut expressions = items(selector, "/matchExpressions").peekable();
    if exact.is_none() && expressions.peek().is_none() {
        return false;
    }
    let holds = |expression: &Value| {
        let value = labels.get(text(expression, "/key"));
        let among = value.is_some_and(|value| items(expression, "/values").any(|one| one == value));
        match text(expression, "/operator") {
            "In" => among,
            "NotIn" => !among,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    };
    exact.is_none_or(|exact| selects(Some(exact), labels)) && expressions.all(holds)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn by_selector_or_by_name() {
        let check = |key: &str, live: Value, labels: Value, expected: bool| {
            let id: Id = key.parse().unwrap();
            let pod = json!({ "metadata": { "labels": labels } });
            assert_eq!(runs(&id, &live, &pod), expected, "{key} {live} {labels}");
        };
        let web = json!({ "spec": { "selector": {
            "matchLabels": { "app": "web" }, "matchExpressions": [{ "key": "tier", "operator": "NotIn", "values": ["back"] }]
        } } });
        check("Deployment.apps/web", web.clone(), json!({ "app": "web" }), true);
        check(
            "Deployment.apps/web",
            web.clone(),
            json!({ "app": "web", "tier": "back" }),
            false,
        );
        check("Deployment.apps/web", web, json!({ "app": "api" }), false);
        check("Deployment.apps/web", json!({}), json!({ "app": "web" }), false);
        check("Job.batch/migrate", json!({}), json!({ JOB: "migrate" }), true);
        check(
            "CronJob.batch/clean",
            json!({}),
            json!({ JOB: "clean-123" }),
            true,
        );
        check(
            "CronJob.batch/clean",
            json!({}),
            json!({ JOB: "cleaner-1" }),
            false,
        );
    }
}

//! What is made before what.

use serde_json::{Value, json};
use slipway_tests::{Site, objects};

use super::{cluster, job, none};

#[tokio::test(flavor = "multi_thread")]
async fn definitions_hooks_and_waves_come_in_order() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "order", json!({ "allow": ["prune-crds"] })).await;
    let group = "order.example.com";
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": format!("widgets.{group}") },
        "spec": { "group": group, "scope": "Namespaced", "names": { "kind": "Widget", "plural": "widgets" }, "versions": [
            { "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } } }
        ] }
    });
    let widget = json!({ "apiVersion": format!("{group}/v1"), "kind": "Widget", "metadata": { "name": "w" }, "spec": { "size": 1 } });
    let mut changes = json!({});
    changes[format!("CustomResourceDefinition.apiextensions.k8s.io/widgets.{group}")] = definition;
    changes[format!("Widget.{group}/w")] = widget;
    changes["Deployment.apps/web"] = json!({ "metadata": { "annotations": { "slipway.dev/wave": "1" } } });
    changes["Job.batch/early"] = job("early", image, json!([{ "name": "JOB", "value": "early work" }]));
    let hook = |name: &str, env: Value, policy: &[&str]| json!({ "object": job(name, image, env), "when": ["pre-install", "pre-upgrade"], "weight": 1, "delete": policy });
    let good = hook(
        "migrate",
        json!([{ "name": "JOB", "value": "migrated" }]),
        &["before-hook-creation", "hook-succeeded"],
    );
    let one = site.revision(&objects(image, "1", 1, changes.clone()), &json!([good]));
    site.up(&one).await;
    assert_eq!(site.names("jobs"), ["job.batch/early"]);
    let made = |what: &str| {
        site.get(what).unwrap()["metadata"]["creationTimestamp"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(made("job/early") <= made("deployment/web"));
    assert!(site.get("widgets/w").is_some());
    let (log, _) = site.logs(&one, String::new()).await;
    assert!(
        log.contains("early work") && log.contains("version 1 listens"),
        "{log}"
    );

    let bad = hook(
        "migrate",
        json!([{ "name": "CRASH", "value": "no such table" }]),
        &["hook-failed"],
    );
    let two = site.revision(&objects(image, "2", 1, changes.clone()), &json!([bad]));
    let error = site.start(&two).await.unwrap_err().to_string();
    assert!(
        error.contains("pre-upgrade: Job.batch/migrate has failed") && error.contains("exit code 7"),
        "{error}"
    );
    assert!(error.contains("ERROR no such table"), "{error}");
    // Nothing after it was done.
    assert_eq!(site.names("jobs"), ["job.batch/early"]);
    let running = site.get("deployment/web").unwrap();
    assert_eq!(
        running["spec"]["template"]["metadata"]["labels"]["slipway.dev/revision"],
        one.revision.short()
    );

    // What defines goes with what it defines, if that is allowed.
    let three = site.revision(&objects(image, "3", 1, json!({})), &none());
    site.up(&three).await;
    cluster.until("the definition is gone", || {
        site.get(&format!("crd/widgets.{group}")).is_none()
    });
}

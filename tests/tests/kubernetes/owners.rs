//! What belongs to whom: fields, objects, and the right to write.

use serde_json::json;
use slipway_tests::{Site, objects};

use super::{cluster, job, none};

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_set_is_theirs() {
    let (cluster, image) = cluster();
    let mut site = Site::new(cluster, "conflicts", json!({})).await;
    let one = site.revision(&objects(image, "1", 1, json!({})), &none());
    site.up(&one).await;
    site.kubectl(&[
        "patch",
        "deployment",
        "web",
        "--field-manager=somebody",
        "-p",
        r#"{"spec":{"replicas":2}}"#,
    ]);
    let two = site.revision(&objects(image, "2", 1, json!({})), &none());
    let plan = site.plan(&two).await;
    let deployment = plan
        .iter()
        .find(|change| change.subject == "Deployment.apps/web")
        .unwrap();
    assert!(
        deployment
            .detail
            .contains("spec.replicas: 2 -> 1 (set by somebody)"),
        "{deployment:?}"
    );
    let error = site.start(&two).await.unwrap_err().to_string();
    assert!(
        error.contains("applying Deployment.apps/web: others have set .spec.replicas (set by somebody)"),
        "{error}"
    );
    site.set(json!({ "conflicts": "take" }));
    site.up(&two).await;
    assert_eq!(site.get("deployment/web").unwrap()["spec"]["replicas"], 1);

    // A selector cannot be changed; a Deployment can be made anew if that is allowed.
    let labels = json!({ "Deployment.apps/web": { "spec": {
        "selector": { "matchLabels": { "app": "shop" } }, "template": { "metadata": { "labels": { "app": "shop" } } }
    } }, "Service/web": { "spec": { "selector": { "app": "shop" } } } });
    let three = site.revision(&objects(image, "3", 1, labels), &none());
    let error = site.start(&three).await.unwrap_err().to_string();
    assert!(error.contains("field is immutable"), "{error}");
    site.set(json!({ "allow": ["replace"] }));
    let third = site.up(&three).await;
    assert_eq!(site.ask(&third, "web", "/version"), "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_belongs_to_one_service() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "owners", json!({})).await;
    site.kubectl(&["create", "configmap", "settings", "--from-literal=GREETING=mine"]);
    site.kubectl(&[
        "label",
        "configmap",
        "settings",
        "slipway.dev/service=other",
        "slipway.dev/environment=owners",
    ]);
    let one = site.revision(&objects(image, "1", 1, json!({})), &none());
    let error = site.start(&one).await.unwrap_err().to_string();
    assert!(
        error.contains("ConfigMap/settings is there already and belongs to service other"),
        "{error}"
    );
    assert_eq!(site.names("deployments,services"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_writer() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "writer", json!({})).await;
    let other = Site::again(cluster, "writer", json!({})).await;
    let slow = json!({ "object": job("slow", image, json!([{ "name": "START_MS", "value": "60000" }])), "when": ["pre-install"] });
    let one = site.revision(&objects(image, "1", 1, json!({})), &json!([slow]));
    let two = other.revision(&objects(image, "2", 1, json!({})), &none());
    let starting = site.start(&one);
    let refused = async {
        loop {
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            if site.get("job/slow").is_some() {
                let refused = other.start(&two).await.unwrap_err().to_string();
                // It ends, and so does the waiting for it.
                site.kubectl(&["delete", "job", "slow", "--wait=false"]);
                return refused;
            }
        }
    };
    let refused = tokio::select! {
        started = starting => panic!("it waits for its hook: {started:?}"),
        refused = refused => refused,
    };
    assert!(
        refused.contains("another Slipway is deploying there now: slipway-"),
        "{refused}"
    );
}

//! Why something is not well.

use serde_json::{Value, json};
use slipway_plugin::InstanceState;
use slipway_tests::{Site, objects};

use super::{cluster, none};

#[tokio::test(flavor = "multi_thread")]
async fn the_cause_is_the_first_thing_said() {
    let (cluster, image) = cluster();
    let site = Site::new(cluster, "failures", json!({})).await;
    let container = |change: Value| {
        let mut objects = objects(image, "1", 1, json!({}));
        let container = &mut objects["Deployment.apps/web"]["spec"]["template"]["spec"]["containers"][0];
        for (key, value) in change.as_object().unwrap() {
            container[key] = value.clone();
        }
        objects
    };
    let missing = format!("{}/missing:1", cluster.registry());
    let env = |name: &str, value: &str| json!({ "env": [{ "name": name, "value": value }] });
    let cases: [(Value, InstanceState, String); 6] = [
        (
            container(json!({ "image": missing })),
            InstanceState::Failed,
            format!("image {missing} cannot be pulled: "),
        ),
        (
            container(env("CRASH", "no database")),
            InstanceState::Failed,
            "container web ended with exit code 7".to_owned(),
        ),
        (
            container(
                json!({ "env": [{ "name": "HUNGRY", "value": "yes" }], "resources": { "limits": { "memory": "32Mi" } } }),
            ),
            InstanceState::Failed,
            "container web was ended because it took more memory than its limit of 32Mi".to_owned(),
        ),
        (
            container(
                json!({ "readinessProbe": { "httpGet": { "path": "/none", "port": 8080 }, "periodSeconds": 1 } }),
            ),
            InstanceState::Unhealthy,
            "readiness probe failed: HTTP probe failed with statuscode: 404".to_owned(),
        ),
        (
            container(json!({ "resources": { "requests": { "cpu": "1000" } } })),
            InstanceState::Unhealthy,
            "no node can take the pod: 0/1 nodes are available: 1 Insufficient cpu".to_owned(),
        ),
        (
            container(json!({ "envFrom": [{ "secretRef": { "name": "nobody" } }] })),
            InstanceState::Failed,
            "container web cannot be started: secret \"nobody\" not found".to_owned(),
        ),
    ];
    for (objects, state, cause) in cases {
        let spec = site.revision(&objects, &none());
        site.start(&spec).await.unwrap();
        let seen = site
            .until(&spec, &cause, |instance| {
                instance.state == state && instance.detail.starts_with(&cause)
            })
            .await;
        if cause.contains("exit code 7") {
            assert!(
                seen.detail.ends_with("starting\nERROR no database"),
                "{}",
                seen.detail
            );
            let (log, _) = site.logs(&spec, String::new()).await;
            assert!(log.matches("ERROR no database").count() >= 1, "{log}");
        }
        site.stop(&spec).await;
    }
    site.kubectl(&["create", "quota", "small", "--hard=pods=0"]);
    // Before its controller has counted, it is not in force everywhere.
    cluster.until("the quota is in force", || {
        !site.get("quota/small").unwrap()["status"]["hard"].is_null()
    });
    let spec = site.revision(&objects(image, "quota", 1, json!({})), &none());
    site.start(&spec).await.unwrap();
    let cause = "no pod can be made: ";
    let seen = site
        .until(&spec, cause, |instance| instance.detail.starts_with(cause))
        .await;
    assert!(seen.detail.contains("exceeded quota: small"), "{}", seen.detail);
    site.stop(&spec).await;
}

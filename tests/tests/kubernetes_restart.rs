//! An API server that is killed in the middle of things is waited for.

use std::time::Duration;

use serde_json::json;
use slipway_tests::{Cluster, Site, objects};

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_that_restarts_is_waited_for() {
    let cluster = Cluster::start();
    let image = cluster.server_image("server:1");
    let site = Site::new(&cluster, "restart", json!({})).await;
    for number in 0..4_u64 {
        let mut given = objects(&image, &number.to_string(), 1, json!({}));
        let mut after = Duration::from_millis(100 * number);
        if number == 3 {
            // In the middle of a watch: the wave before the last takes its time.
            let mut waited_for = given["Deployment.apps/web"].clone();
            waited_for["metadata"] = json!({ "name": "early", "annotations": { "slipway.dev/wave": "-1" } });
            waited_for["spec"]["selector"]["matchLabels"] = json!({ "app": "early" });
            waited_for["spec"]["template"]["metadata"]["labels"] = json!({ "app": "early" });
            waited_for["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["initialDelaySeconds"] =
                json!(8);
            given["Deployment.apps/early"] = waited_for;
            after = Duration::from_secs(4);
        }
        let spec = site.revision(&given, &json!([]));
        let killed = async {
            tokio::time::sleep(after).await;
            tokio::task::block_in_place(|| cluster.kill_api());
        };
        let (started, ()) = tokio::join!(site.start(&spec), killed);
        started.unwrap();
        let instance = site
            .until(&spec, "healthy", |instance| {
                instance.state == slipway_plugin::InstanceState::Healthy
            })
            .await;
        cluster.until("the API server answers", || {
            let told = cluster
                .kubectl()
                .args(["get", "--raw", "/readyz"])
                .output()
                .unwrap();
            told.status.success()
        });
        // For a moment an old pod may be asked, and answer or be gone.
        cluster.until("the new pod answers", || {
            site.try_ask(&instance, "web", "/version") == Some(number.to_string())
        });
    }
}

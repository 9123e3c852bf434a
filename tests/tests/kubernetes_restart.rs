//! An API server that is killed in the middle of things is waited for.

use std::time::Duration;

use serde_json::json;
use slipway_tests::{Cluster, Site, objects};

#[tokio::test(flavor = "multi_thread")]
async fn an_api_server_that_restarts_is_waited_for() {
    let cluster = Cluster::start();
    let image = cluster.server_image("server:1");
    let site = Site::new(&cluster, "restart", json!({})).await;
    for number in 0..3_u64 {
        let spec = site.revision(&objects(&image, &number.to_string(), 1, json!({})), &json!([]));
        let killed = async {
            tokio::time::sleep(Duration::from_millis(100 * number)).await;
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

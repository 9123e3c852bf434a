//! The plugins for clusters, against a real one.

mod adopt;
mod beside;
mod failures;
mod hooks;
mod in_place;
mod order;
mod owners;
mod ready;
mod routers;
mod secrets;
mod steps;
mod tasks;
mod watch;

use std::sync::OnceLock;

use serde_json::{Value, json};
use slipway_tests::Cluster;

/// One for all tests: each has a namespace of its own.
fn cluster() -> (&'static Cluster, &'static str) {
    static CLUSTER: OnceLock<(Cluster, String)> = OnceLock::new();
    let (cluster, image) = CLUSTER.get_or_init(|| {
        let cluster = Cluster::start();
        let image = cluster.server_image("server:1");
        (cluster, image)
    });
    (cluster, image)
}

fn none() -> Value {
    json!([])
}

fn job(name: &str, image: &str, env: Value) -> Value {
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name },
        "spec": { "backoffLimit": 0, "template": { "spec": {
            "restartPolicy": "Never", "containers": [{ "name": "work", "image": image, "env": env }]
        } } }
    })
}

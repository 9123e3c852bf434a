//! The program takes over what kubectl has deployed, changes it, and goes back to it.

use serde_json::Value;
use slipway_tests::{Bench, Cluster};

/// The pods that run, by uid, each with its image.
fn pods(cluster: &Cluster) -> Vec<String> {
    let list = cluster.kubectl_must(&["get", "pods", "-n", "web", "-o", "json"]);
    let list: Value = serde_json::from_str(&list).expect("JSON");
    let pods = list["items"].as_array().expect("a list").iter();
    let mut found: Vec<_> = pods
        .filter(|pod| pod["metadata"]["deletionTimestamp"].is_null())
        .map(|pod| {
            let container = &pod["status"]["containerStatuses"][0];
            format!("{} {}", pod["metadata"]["uid"], container["restartCount"])
        })
        .collect();
    found.sort();
    found
}

#[test]
fn what_kubectl_has_deployed_is_adopted_changed_and_gone_back_to() {
    let cluster = Cluster::start();
    let image = cluster.server_image("server:1");
    let bench = Bench::web(&cluster);
    let target = "mode = \"side-by-side\", allow = [\"create-namespace\"]";
    bench.edit("web/deploy.toml", &[(target, "mode = \"in-place\"")]);
    // As somebody has deployed it: by the name that development has given the image.
    let manifests = std::fs::read_to_string(bench.path("web/k8s/web.yaml")).unwrap();
    let written = bench.path("by-hand.yaml");
    std::fs::write(
        &written,
        manifests.replace("image: server ", &format!("image: {image} ")),
    )
    .unwrap();
    cluster.kubectl_must(&["create", "namespace", "web"]);
    cluster.kubectl_must(&["apply", "-n", "web", "-f", written.to_str().unwrap()]);
    cluster.kubectl_must(&[
        "rollout",
        "status",
        "-n",
        "web",
        "deployment/web",
        "--timeout=60s",
    ]);
    let before = pods(&cluster);
    let version = || {
        cluster
            .ask(bench.port, "/version")
            .map(|(_, text)| text)
            .unwrap_or_default()
    };

    // What differs is told, with nothing touched.
    bench.edit("web/k8s/web.yaml", &[("\"1.0.0\"", "\"1.0.1\"")]);
    let refused = bench.slipway("web", &["adopt", "test"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    for expected in [
        "1 object would change, so nothing is taken over",
        "env[VERSION].value: \"1.0.0\" -> \"1.0.1\" (set by kubectl-client-side-apply)",
        "--allow-changes",
    ] {
        assert!(refused.stderr.contains(expected), "{}", refused.stderr);
    }
    bench.edit("web/k8s/web.yaml", &[("\"1.0.1\"", "\"1.0.0\"")]);
    bench.must("web", &["adopt", "test"]);
    assert_eq!(pods(&cluster), before);
    let status = bench.must("web", &["status", "test"]);
    assert!(
        status.stdout.contains("1.0.0") && status.stdout.contains("healthy"),
        "{}",
        status.stdout
    );
    let plan = bench.must("web", &["plan", "test"]);
    assert!(!plan.stdout.contains("->"), "{}", plan.stdout);
    let again = bench.slipway("web", &["adopt", "test"]);
    assert!(
        again.stderr.contains("there is nothing to take over"),
        "{}",
        again.stderr
    );
    assert_eq!(pods(&cluster), before);

    // The first release from here on, and the way back.
    bench.edit("web/k8s/web.yaml", &[("\"1.0.0\"", "\"2.0.0\"")]);
    bench.must("web", &["run", "test", "--version", "2.0.0"]);
    cluster.until("users are on the new revision", || version() == "2.0.0");
    bench.must("web", &["rollback", "test"]);
    cluster.until("users are back on what was there", || version() == "1.0.0");
    let image_now = cluster.get("web", "deployment/web").unwrap()["spec"]["template"]["spec"]["containers"]
        [0]["image"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        image_now == image || image_now.contains("@sha256:"),
        "{image_now}"
    );
}

//! The tests' own cluster: pods of the tests' own image run on it, and it leaves nothing behind.

use slipway_tests::Cluster;

#[test]
fn a_cluster_runs_pods_and_leaves_nothing() {
    let cluster = Cluster::start();
    let image = cluster.server_image("server:1");
    cluster.kubectl_must(&[
        "run",
        "web",
        "--image",
        &image,
        "--env",
        "VERSION=1.2.3",
        "--port",
        "8080",
    ]);
    cluster.kubectl_must(&["expose", "pod", "web", "--type", "NodePort"]);
    let service = cluster.get("default", "service/web").unwrap();
    let port = service["spec"]["ports"][0]["nodePort"].as_u64().unwrap() as u16;
    cluster.until("the pod answers", || {
        cluster
            .ask(port, "/version")
            .is_ok_and(|answer| answer == (200, "1.2.3".to_owned()))
    });
    let (link, folder) = (
        cluster.address().split('.').nth(2).unwrap().to_owned(),
        cluster.path(""),
    );
    drop(cluster);
    assert!(!folder.exists());
    assert!(!std::path::Path::new(&format!("/sys/class/net/k8s{link}")).exists());
}

//! The program in the midst of a roll-out in place: paused, it stands still on the cluster too; and it goes on, or back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::{
    process::{Child, Stdio},
    time::Duration,
};

use slipway_tests::{Bench, Cluster, program};

/// How many pods run a version.
fn pods(cluster: &Cluster, version: &str) -> usize {
    let template = "{{range .items}}{{(index (index .spec.containers 0).env 0).value}}{{\"\\n\"}}{{end}}";
    let told = cluster.kubectl_must(&[
        "get",
        "pods",
        "-n",
        "web",
        "-o",
        &format!("go-template={template}"),
    ]);
    told.lines().filter(|line| *line == version).count()
}

fn paused(cluster: &Cluster) -> bool {
    cluster.get("web", "deployment/web").unwrap()["spec"]["paused"] == true
}

/// A run of a version, paused when its first pods are there.
fn held(bench: &Bench, cluster: &Cluster, (before, version): (&str, &str)) -> Child {
    let [from, to] = [before, version].map(|version| format!("value: \"{version}\""));
    bench.edit("web/k8s/web.yaml", &[(&from, &to)]);
    let run = bench
        .command(&program("slipway"), "web", &["run", "test", "--version", version])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    cluster.until("the first pods are replaced", || pods(cluster, version) >= 2);
    bench.must("web", &["pause", "test"]);
    cluster.until("the Deployment is held", || paused(cluster));
    // Whoever was under way arrives.
    std::thread::sleep(Duration::from_secs(5));
    let so_far = pods(cluster, version);
    std::thread::sleep(Duration::from_secs(8));
    assert_eq!(pods(cluster, version), so_far);
    assert!((2..4).contains(&so_far), "{so_far}");
    run
}

#[test]
fn a_paused_run_holds_its_deployment() {
    let cluster = Cluster::start();
    cluster.server_image("server:1");
    let bench = Bench::web(&cluster);
    bench.edit(
        "web/deploy.toml",
        &[
            ("mode = \"side-by-side\", ", ""),
            ("type = \"recreate\"", "type = \"rolling\""),
        ],
    );
    let slow = "replicas: 4\n  strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }";
    bench.edit(
        "web/k8s/web.yaml",
        &[
            ("replicas: 2", slow),
            (
                "periodSeconds: 1",
                "periodSeconds: 1\n            initialDelaySeconds: 3",
            ),
        ],
    );
    bench.must("web", &["run", "test"]);
    let run = held(&bench, &cluster, ("1.0.0", "2.0.0"));
    bench.must("web", &["resume", "test"]);
    let ended = run.wait_with_output().unwrap();
    assert!(
        ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    assert_eq!((pods(&cluster, "2.0.0"), paused(&cluster)), (4, false));

    // Going back lets go of it by itself.
    let run = held(&bench, &cluster, ("2.0.0", "3.0.0"));
    bench.must("web", &["abort", "test"]);
    let ended = run.wait_with_output().unwrap();
    assert!(
        !ended.status.success(),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    cluster.until("the old revision is back", || pods(&cluster, "3.0.0") == 0);
    assert_eq!((pods(&cluster, "2.0.0"), paused(&cluster)), (4, false));
    let status = bench.must("web", &["status", "test"]);
    assert!(status.stdout.contains("2.0.0"), "{}", status.stdout);
}

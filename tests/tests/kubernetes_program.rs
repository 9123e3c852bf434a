//! The program on a cluster: an image and its manifests through all four steps, by every strategy, under load.

use slipway_testing::Load;
use slipway_tests::{Bench, Cluster};

#[tokio::test(flavor = "multi_thread")]
async fn every_strategy_on_a_cluster() {
    let cluster = Cluster::start();
    cluster.server_image("server:1");
    let bench = Bench::web(&cluster);
    bench.must("web", &["run", "test"]);
    let url = format!("http://{}:{}/", cluster.address(), bench.port);
    let mut strategy = "type = \"recreate\"".to_owned();
    let mut version = "1.0.0".to_owned();
    let mut edit = |next: &str, to: &str| {
        bench.edit("web/deploy.toml", &[(&strategy, next)]);
        bench.edit(
            "web/k8s/web.yaml",
            &[(&format!("\"{version}\""), &format!("\"{to}\""))],
        );
        (strategy, version) = (next.to_owned(), to.to_owned());
    };
    for (number, next) in [
        "type = \"rolling\"\nbatch = [1]",
        "type = \"blue-green\"",
        "type = \"canary\"\nsteps = [{ weight = 50, soak = \"1s\" }]",
    ]
    .into_iter()
    .enumerate()
    {
        let to = format!("2.{number}.0");
        edit(next, &to);
        if next.contains("canary") {
            bench.edit(
                "web/deploy.toml",
                &[("service = \"web\" }", "service = \"web\", shares = \"pods\" }")],
            );
        }
        let load = Load::start(&url, 50, 5);
        bench.must("web", &["run", "test", "--version", &to]);
        let tally = load.finish().await;
        assert!(tally.answers(200, &to) > 0, "{next}: {tally:?}");
        assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{next}: {tally:?}");
    }
    // One that never gets well goes back by itself, and says why.
    edit("type = \"blue-green\"", "3.0.0");
    bench.edit(
        "web/k8s/web.yaml",
        &[(
            "name: STOP_MS, value: \"500\"",
            "name: CRASH, value: \"no database\"",
        )],
    );
    let load = Load::start(&url, 50, 5);
    let ran = bench.slipway("web", &["run", "test", "--version", "3.0.0"]);
    let tally = load.finish().await;
    assert_ne!(ran.code, Some(0));
    assert!(
        ran.stderr.contains("container web ended with exit code 7"),
        "{}",
        ran.stderr
    );
    assert_eq!((tally.bad(), tally.answers(200, "3.0.0")), (0, 0), "{tally:?}");
    bench.must("web", &["rollback", "test"]);
    let status = bench.must("web", &["status", "test"]);
    assert!(status.stdout.contains("2.1.0"), "{}", status.stdout);
    let logs = bench.must("web", &["logs", "test"]);
    assert!(logs.stdout.contains("version 2.1.0 listens"), "{}", logs.stdout);
}

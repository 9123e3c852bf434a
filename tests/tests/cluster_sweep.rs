//! Runs on a cluster, killed at the writes of their journals: a canary of manifests by pods and by an Ingress, and a chart
//! in place. Each time the next command goes on, users never meet an error, and in the end everything is as if nothing had
//! happened.
//!
//! Some boundaries by default; all of them with `SLIPWAY_SWEEP=1`, every seventh with `SLIPWAY_SWEEP=7`.
#![allow(
    clippy::print_stdout,
    reason = "how many runs were killed is what a sweep is asked for"
)]

use std::fs;

use slipway_testing::Load;
use slipway_tests::{Bench, Cluster, Kill, interrupted, spread};

struct Site<'a> {
    cluster: &'a Cluster,
    bench: Bench,
    version: String,
    number: usize,
    /// Where the version stands.
    file: &'static str,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_of_manifests() {
    let cluster = Cluster::start();
    let site = Site::new(&cluster, "web/k8s/web.yaml");
    site.bench.edit(
        "web/deploy.toml",
        &[
            (
                "type = \"recreate\"",
                "type = \"canary\"\nsteps = [{ weight = 50, soak = \"200ms\" }]",
            ),
            ("service = \"web\" }", "service = \"web\", shares = \"pods\" }"),
        ],
    );
    site.sweep().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_of_an_ingress() {
    let cluster = Cluster::start();
    let site = Site::new(&cluster, "web/k8s/web.yaml");
    let bench = &site.bench;
    fs::write(
        bench.path("web/k8s/ingress.yaml"),
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\nspec: { rules: [{ http: { paths: [\
         { path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }] }\n",
    )
    .expect("a file can be written");
    let service = "plugin = \"kubernetes-service\", context = \"test\", namespace = \"web\"";
    let ingress =
        "plugin = \"nginx\", context = \"test\", namespace = \"web\", ingress = \"web\", settle = 1";
    bench.edit(
        "web/deploy.toml",
        &[
            (
                "type = \"recreate\"",
                "type = \"canary\"\nsteps = [{ weight = 50, soak = \"200ms\" }]",
            ),
            (service, ingress),
        ],
    );
    site.sweep().await;
    let left = cluster.kubectl_must(&["-n", "web", "get", "ingresses", "-o", "name"]);
    assert_eq!(left.trim(), "ingress.networking.k8s.io/web");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_in_place() {
    let cluster = Cluster::start();
    let site = Site::new(&cluster, "web/chart/templates/web.yaml");
    let bench = &site.bench;
    fs::create_dir_all(bench.path("web/chart/templates")).expect("a folder can be made");
    fs::rename(bench.path("web/k8s/web.yaml"), bench.path(site.file)).expect("a file can be moved");
    fs::write(
        bench.path("web/chart/Chart.yaml"),
        "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    )
    .expect("a file can be written");
    bench.edit(
        "web/deploy.toml",
        &[
            ("format = \"kubernetes\"", "format = \"helm\""),
            ("from = \"k8s\"", "from = \"chart\""),
            ("mode = \"side-by-side\"", "mode = \"in-place\""),
            ("type = \"recreate\"", "type = \"rolling\"\nbatch = [1]"),
        ],
    );
    site.sweep().await;
}

impl<'a> Site<'a> {
    /// What a run waits for is what its manifest says: little.
    fn new(cluster: &'a Cluster, file: &'static str) -> Self {
        cluster.server_image("server:1");
        let bench = Bench::web(cluster);
        bench.edit("web/deploy.toml", &[("soak = \"1s\"", "soak = \"0s\"")]);
        bench.edit("web/k8s/web.yaml", &[("value: \"3000\"", "value: \"1500\"")]);
        Self {
            cluster,
            bench,
            version: "1.0.0".to_owned(),
            number: 0,
            file,
        }
    }

    async fn sweep(mut self) {
        self.bench.must("web", &["run", "test"]);
        let load = Load::start(&format!("http://{}:30080/", self.cluster.address()), 20, 5);
        let writes = tokio::task::block_in_place(|| self.undisturbed());
        let kills = spread(writes, 3);
        let total = kills.len();
        let mut killed = 0;
        for kill in kills {
            killed += usize::from(tokio::task::block_in_place(|| self.kill(&kill)));
            println!("{killed} of {total} runs killed, of {writes} boundaries each: all went on");
        }
        assert!(
            killed * 4 >= total * 3,
            "only {killed} of {total} runs were killed"
        );
        let tally = load.finish().await;
        assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
        println!("{tally:?}");
    }

    /// How often a run writes that nobody kills.
    fn undisturbed(&mut self) -> usize {
        let list = self.bench.path("writes");
        let version = self.next_version();
        let fault = format!("list:{}", list.display());
        let ran = self
            .bench
            .faulty("web", &["run", "test", "--version", &version], &fault);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        self.settled("undisturbed");
        fs::read_to_string(list)
            .expect("the list can be read")
            .lines()
            .count()
    }

    /// Answers whether it was killed: how often a run asks a cluster, and so writes, differs from run to run, and one that
    /// writes less ends before its last boundaries.
    fn kill(&mut self, kill: &Kill) -> bool {
        let version = self.next_version();
        let arguments = ["run", "test", "--version", &version];
        let killed = self.bench.faulty("web", &arguments, &kill.to_string());
        let ended = killed.code == Some(0);
        assert!(killed.code.is_none() || ended, "{kill}: {}", killed.stderr);
        match interrupted(&self.bench, "web") {
            Some(run) => drop(self.bench.must("web", &["resume", &run])),
            // It died before the run was there, or after it had ended.
            None if !ended => drop(self.bench.must("web", &arguments)),
            None => {}
        }
        self.settled(&kill.to_string());
        !ended
    }

    /// Users have this version, and nothing else runs or is left.
    fn settled(&self, what: &str) {
        let answer = self.cluster.ask(30_080, "/version").expect("it answers");
        assert_eq!(answer, (200, self.version.clone()), "{what}");
        let listed = ["-n", "web", "get", "deployments", "-o", "name"];
        let deployments = self.cluster.kubectl_must(&listed);
        assert_eq!(deployments.lines().count(), 1, "{what}: {deployments}");
        let status = self.bench.json("web", &["status", "test"]);
        let environment = &status["environments"][0];
        assert!(environment["candidate"].is_null(), "{what}: {status}");
        assert_eq!(environment["current"]["version"], self.version.as_str(), "{what}");
        let plan = self.bench.must("web", &["plan", "test"]);
        assert!(plan.stdout.contains("nothing changes"), "{what}: {}", plan.stdout);
    }

    fn next_version(&mut self) -> String {
        self.number += 1;
        let version = format!("2.{}.0", self.number);
        let (old, new) = (format!("\"{}\"", self.version), format!("\"{version}\""));
        self.bench.edit(self.file, &[(&old, &new)]);
        self.version.clone_from(&version);
        version
    }
}

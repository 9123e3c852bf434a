//! Runs on a cluster, killed at the writes of their journals: a canary of manifests by pods and by an Ingress, a chart in
//! place, a StatefulSet pod by pod, and a canary that fails under its users and goes back. Each time the next command goes on, users never meet an
//! error, and in the end everything is as if nothing had happened.
//!
//! Some boundaries by default; all of them with `SLIPWAY_SWEEP=1`, one in seven with `SLIPWAY_SWEEP=7`.
#![allow(
    clippy::print_stdout,
    reason = "where runs were killed is what a sweep is asked for"
)]

use std::{fs, time::Instant};

use slipway_testing::{Load, Names};
use slipway_tests::{Bench, Cluster, Ran, Relay};

/// Boundaries that are enough where not all are asked for.
const FEW: usize = 20;

struct Site<'a> {
    name: &'static str,
    cluster: &'a Cluster,
    bench: Bench,
    /// What users have.
    version: String,
    number: usize,
    /// Where the version stands.
    file: &'static str,
    /// A new version fails when users are on it.
    fails: bool,
    /// What there is in the namespace between two runs.
    objects: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_of_manifests() {
    let cluster = Cluster::start();
    let site = Site::new("canary", &cluster, "web/k8s/web.yaml");
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
    let site = Site::new("canary of an Ingress", &cluster, "web/k8s/web.yaml");
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

/// Every version but the first writes an error for each request, and so is found out when users are on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_canary_that_goes_back() {
    let cluster = Cluster::start();
    let mut site = Site::new("canary that goes back", &cluster, "web/k8s/web.yaml");
    site.fails = true;
    site.bench.edit(
        "web/deploy.toml",
        &[
            (
                "type = \"recreate\"",
                "type = \"canary\"\nsteps = [{ weight = 50, soak = \"1s\" }]\nanalysis = [\"errors\"]",
            ),
            ("service = \"web\" }", "service = \"web\", shares = \"pods\" }"),
            (
                "[check.alive]",
                "[analysis.errors]\nlogs = { match = \"ERROR\", max-rate = \"0.1/s\" }\n\n[check.alive]",
            ),
        ],
    );
    site.sweep().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_in_place() {
    let cluster = Cluster::start();
    let site = Site::new("chart in place", &cluster, "web/chart/templates/web.yaml");
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

/// Each pod is replaced when the one before is well, and a process may die between any two.
#[tokio::test(flavor = "multi_thread")]
async fn a_stateful_set_pod_by_pod() {
    let cluster = Cluster::start();
    let site = Site::new("StatefulSet", &cluster, "web/k8s/web.yaml");
    site.bench.edit(
        "web/k8s/web.yaml",
        &[
            ("kind: Deployment", "kind: StatefulSet"),
            ("  replicas: 2", "  serviceName: web\n  replicas: 2"),
        ],
    );
    site.bench.edit(
        "web/deploy.toml",
        &[
            ("mode = \"side-by-side\"", "mode = \"in-place\""),
            ("type = \"recreate\"", "type = \"rolling\"\nbatch = [1]"),
        ],
    );
    site.sweep().await;
}

impl<'a> Site<'a> {
    /// What a run waits for is what its manifest says: little.
    fn new(name: &'static str, cluster: &'a Cluster, file: &'static str) -> Self {
        cluster.server_image("server:1");
        let bench = Bench::web(cluster);
        bench.edit("web/deploy.toml", &[("soak = \"1s\"", "soak = \"0s\"")]);
        bench.edit("web/k8s/web.yaml", &[("value: \"3000\"", "value: \"1500\"")]);
        Self {
            name,
            cluster,
            bench,
            version: "1.0.0".to_owned(),
            number: 0,
            file,
            fails: false,
            objects: Vec::new(),
        }
    }

    async fn sweep(mut self) {
        self.bench.must("web", &["run", "test"]);
        if self.fails {
            let wrong = "- { name: GRUMBLE, value: \"no stock\" }\n            - { name: STOP_MS";
            self.bench.edit(self.file, &[("- { name: STOP_MS", wrong)]);
        }
        let load = Load::start(&format!("http://{}:30080/", self.cluster.address()), 20, 5);
        tokio::task::block_in_place(|| self.relay(&load));
        let tally = load.finish().await;
        assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
        println!("{tally:?}");
    }

    /// Runs until enough boundaries are met.
    fn relay(&mut self, load: &Load) {
        let version = self.next_version();
        let (mut relay, ran) = Relay::over(
            &self.bench,
            &["web"],
            &["run", "test", "--version", &version],
            FEW,
        );
        self.ended(&ran, &version, "undisturbed");
        self.objects = self.objects();
        self.settled("undisturbed");
        let began = Instant::now();
        loop {
            let version = self.next_version();
            let arguments = ["run", "test", "--version", &version];
            let relayed = relay.run(&self.bench, &arguments);
            let kills = relayed.kills.join("\n");
            self.ended(&relayed.ended, &version, &kills);
            self.settled(&kills);
            let tally = load.tally();
            assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{kills}");
            println!("{}: {relay}, in {} s", self.name, began.elapsed().as_secs());
            if relay.is_over(&relayed) {
                break;
            }
        }
        relay.must_have_met(95);
        println!("{}", relay.swept(self.name, "a cluster", "SQLite"));
    }

    fn ended(&mut self, ran: &Ran, version: &str, what: &str) {
        let expected = if self.fails { 4 } else { 0 };
        assert_eq!(ran.code, Some(expected), "{what}\n{}\n{}", ran.stdout, ran.stderr);
        if self.fails {
            assert!(ran.stderr.contains("errors"), "{what}\n{}", ran.stderr);
        } else {
            version.clone_into(&mut self.version);
        }
    }

    /// Users have this version, and nothing else runs or is left.
    fn settled(&self, what: &str) {
        let answer = self.cluster.ask(30_080, "/version").expect("it answers");
        assert_eq!(answer, (200, self.version.clone()), "{what}");
        assert_eq!(self.objects(), self.objects, "{what}");
        let status = self.bench.json("web", &["status", "test"]);
        let environment = &status["environments"][0];
        assert!(environment["candidate"].is_null(), "{what}: {status}");
        assert_eq!(environment["current"]["version"], self.version.as_str(), "{what}");
        if !self.fails {
            let plan = self.bench.must("web", &["plan", "test"]);
            assert!(plan.stdout.contains("nothing changes"), "{what}: {}", plan.stdout);
        }
    }

    /// By kind and name, whichever revision they are of.
    fn objects(&self) -> Vec<String> {
        let kinds =
            "deployments,statefulsets,services,configmaps,secrets,ingresses,persistentvolumeclaims,jobs";
        let listed = self
            .cluster
            .kubectl_must(&["-n", "web", "get", kinds, "-o", "name"]);
        let mut objects: Vec<_> = listed.lines().map(|name| Names::default().of(name)).collect();
        objects.sort();
        objects
    }

    /// The manifest says it from here on.
    fn next_version(&mut self) -> String {
        let told = |number: usize| match number {
            0 => "1.0.0".to_owned(),
            number => format!("2.{number}.0"),
        };
        let (old, new) = (told(self.number), told(self.number + 1));
        self.number += 1;
        let quoted = [&old, &new].map(|version| format!("\"{version}\""));
        self.bench.edit(self.file, &[(&quoted[0], &quoted[1])]);
        new
    }
}

//! 200 objects on a real cluster over a link that takes 100 ms there and back, by `slipway` and by `helm`: a first
//! installation and a revision in which every object differs, and the same without the link.
//! `HELM=/path/to/helm cargo bench -p slipway-tests --bench link`, as root. Without `HELM` it is looked for in `PATH`.
#![allow(clippy::print_stdout, reason = "it measures, prints and ends")]

#[path = "link/chart.rs"]
mod chart;
#[path = "link/delay.rs"]
mod delay;
#[allow(dead_code, reason = "one round is enough here")]
mod kit;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use slipway_tests::Cluster;
use tempfile::TempDir;

const ROUND_TRIPS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(100)];

/// A chart, a ledger and a way to the cluster.
struct Place {
    folder: TempDir,
    namespace: String,
}

fn main() -> ExitCode {
    let Some(helm) = helm() else {
        println!(
            "there is no helm to measure beside: name it in HELM, or put it into PATH (https://helm.sh/docs/intro/install)"
        );
        return ExitCode::FAILURE;
    };
    let slipway = kit::slipway();
    let cluster = Cluster::start();
    for round_trip in ROUND_TRIPS {
        println!(
            "{} objects, {} ms there and back",
            chart::OBJECTS,
            round_trip.as_millis()
        );
        println!(
            "{:<18}{:>36}{:>10}{:>10}",
            "", "slipway (its steps)", "helm", "helm/slip"
        );
        let ours = Place::new(&cluster, round_trip, "slipway");
        let theirs = Place::new(&cluster, round_trip, "helm");
        for (revision, what) in [(1, "first"), (2, "all of them differ")] {
            let steps = ours.slipway_steps(&slipway, revision);
            let helm = theirs.helm(&helm, revision);
            for place in [&ours, &theirs] {
                place.is_there(&cluster, revision);
            }
            report(what, &steps, helm);
        }
        let plan = measure(ours.slipway(&slipway, &["plan", "test"]));
        println!("{:<18}{:>36}\n", "plan of no change", seconds(plan));
    }
    ExitCode::SUCCESS
}

fn helm() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join("helm"));
    let named = std::env::var_os("HELM").map(PathBuf::from);
    named.map_or_else(
        || found.find(|helm| helm.is_file()),
        |helm| Some(helm).filter(|helm| helm.is_file()),
    )
}

impl Place {
    fn new(cluster: &Cluster, round_trip: Duration, tool: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let namespace = format!("{tool}-{}", round_trip.as_millis());
        let server: SocketAddr = format!("{}:6443", cluster.address()).parse().expect("an address");
        let port = delay::link(server, round_trip);
        let direct = fs::read_to_string(cluster.kubeconfig()).expect("the file can be read");
        let through = direct.replace(&server.to_string(), &format!("127.0.0.1:{port}"));
        assert_ne!(direct, through, "the kubeconfig does not name {server}");
        let write = |name: &str, text: &str| {
            fs::write(folder.path().join(name), text).expect("a file can be written");
        };
        write("kubeconfig", &through);
        let kubeconfig = folder.path().join("kubeconfig");
        write(
            "operator.toml",
            &format!("[clusters.test]\nkubeconfig = {kubeconfig:?}\n"),
        );
        write("deploy.toml", &chart::manifest(&namespace));
        chart::write(folder.path());
        Self { folder, namespace }
    }

    /// Release and adapt, which need no cluster; deploy; cutover.
    fn slipway_steps(&self, slipway: &Path, revision: u32) -> [Duration; 3] {
        chart::revise(self.folder.path(), revision);
        let version = format!("{revision}.0.0");
        let before = measure(self.slipway(slipway, &["release", "--version", &version]))
            + measure(self.slipway(slipway, &["adapt", "test"]));
        let deploy = measure(self.slipway(slipway, &["deploy", "test"]));
        [
            before,
            deploy,
            measure(self.slipway(slipway, &["cutover", "test"])),
        ]
    }

    fn slipway(&self, slipway: &Path, arguments: &[&str]) -> Command {
        let at = |name: &str| self.folder.path().join(name);
        let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins");
        let mut command = Command::new(slipway);
        command
            .arg("--file")
            .arg(self.folder.path())
            .args(arguments)
            .env("SLIPWAY_AGENT_DIR", at("agent"))
            .env("SLIPWAY_OPERATOR", at("operator.toml"))
            .env("SLIPWAY_PLUGINS", plugins)
            .env("NO_COLOR", "1");
        command
    }

    fn helm(&self, helm: &Path, revision: u32) -> Duration {
        chart::revise(self.folder.path(), revision);
        let mut command = Command::new(helm);
        command
            .args(["upgrade", "--install", "link"])
            .arg(self.folder.path().join("chart"))
            .args([
                "--create-namespace",
                "--namespace",
                &self.namespace,
                "--kubeconfig",
            ])
            .arg(self.folder.path().join("kubeconfig"));
        measure(command)
    }

    /// Nobody is measured for what was not done.
    fn is_there(&self, cluster: &Cluster, revision: u32) {
        let last = cluster
            .get(&self.namespace, "configmap/config-99")
            .expect("it was made");
        assert_eq!(
            last["data"]["revision"],
            revision.to_string(),
            "in {}",
            self.namespace
        );
        let kinds = "configmaps,services,serviceaccounts,secrets,roles,rolebindings";
        let listed = cluster.kubectl_must(&["-n", &self.namespace, "get", kinds, "-o", "name"]);
        let ours = ["config-", "service-", "account-", "secret-", "role-", "binding-"];
        let made = listed.lines().filter(|line| {
            let name = line.split_once('/').map_or("", |(_, name)| name);
            ours.iter().any(|ours| name.starts_with(ours))
        });
        assert_eq!(made.count(), chart::OBJECTS, "in {}", self.namespace);
    }
}

fn measure(mut command: Command) -> Duration {
    let start = Instant::now();
    let output = command.output().expect("a program that is there can be started");
    let time = start.elapsed();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    time
}

fn report(what: &str, steps: &[Duration; 3], helm: Duration) {
    let all: Duration = steps.iter().sum();
    let [before, deploy, cutover] = steps.map(seconds);
    let ours = format!("{} ({before} +{deploy} +{cutover})", seconds(all));
    let ratio = helm.as_secs_f64() / all.as_secs_f64();
    println!("{what:<18}{ours:>36}{:>10}{ratio:>10.1}", seconds(helm));
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

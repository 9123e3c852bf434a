//! Twelve Deployments that are one service, on a cluster: as manifests with an overlay for each environment, and as a
//! chart. Released from one registry into another, brought out by every strategy under load, and brought back from
//! everything that can be wrong with an image.
#![allow(
    clippy::print_stdout,
    reason = "what users met is worth reading, not only that it was well"
)]

use std::time::Instant;

use slipway_testing::{Load, Tally};
use slipway_tests::{Bench, Cluster, PASSWORD, Ran, RegistryServer, push_image};
use tokio::sync::Mutex;

struct Market<'a> {
    cluster: &'a Cluster,
    bench: Bench,
    dev: RegistryServer,
    image: String,
    /// How many there are.
    images: u32,
    strategy: String,
}

/// Two markets at once are more than two processors serve in time.
static TURN: Mutex<()> = Mutex::const_new(());

const ENVIRONMENT: &str = "stage";
const RATE: u32 = 200;

#[tokio::test(flavor = "multi_thread")]
async fn manifests_with_overlays() {
    let _turn = TURN.lock().await;
    let cluster = Cluster::start();
    let mut market = Market::new(&cluster);
    market.every_strategy().await;
    // What was cut over there goes to the next environment, by its own overlay.
    market
        .bench
        .must("market", &["run", "prod", "--version", "2.3.0"]);
    let settings = |environment: &str| {
        let namespace = format!("market-{environment}");
        let listed = cluster.kubectl_must(&["-n", &namespace, "get", "configmap", "-o", "yaml"]);
        listed.contains(&format!("hello from {environment}"))
    };
    assert!(settings("stage") && settings("prod"));
    let (status, version) = cluster.ask(30_081, "/ask?CART").unwrap();
    assert_eq!((status, version.as_str()), (200, "2.3.0"));
    market.every_mistake().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart() {
    let _turn = TURN.lock().await;
    let cluster = Cluster::start();
    let mut market = Market::new(&cluster);
    market.bench.edit(
        "market/deploy.toml",
        &[(
            "format = \"kubernetes\" ",
            "format = \"helm\"\nvalues = { nodePort = 30080, greeting = \"hello from {{ environment }}\" } ",
        )],
    );
    market.bench.edit(
        "market/deploy.toml",
        &[(
            "from = \"k8s\"\npath = \"overlays/{{ environment }}\"",
            "from = \"chart\"",
        )],
    );
    market.every_strategy().await;
}

impl<'a> Market<'a> {
    fn new(cluster: &'a Cluster) -> Self {
        let (bench, dev) = Bench::market(cluster);
        let market = Self {
            cluster,
            bench,
            dev,
            image: "server:1".to_owned(),
            images: 1,
            strategy: "type = \"blue-green\"".to_owned(),
        };
        market.push("server:1", None, &["VERSION=1.0.0"]);
        market
    }

    async fn every_strategy(&mut self) {
        self.run("1.0.0").must();
        self.serves("1.0.0");
        let listed = ["-n", "market-stage", "get", "deployments", "-o", "name"];
        let deployments = self.cluster.kubectl_must(&listed);
        assert_eq!(deployments.lines().count(), 12, "{deployments}");
        let plan = self.bench.must("market", &["plan", ENVIRONMENT]);
        assert!(plan.stdout.contains("nothing changes"), "{}", plan.stdout);
        let strategies = [
            "type = \"recreate\"",
            "type = \"rolling\"\nbatch = [1]",
            "type = \"blue-green\"",
            "type = \"canary\"\nsteps = [{ weight = 50, soak = \"2s\" }]",
        ];
        for (number, strategy) in strategies.into_iter().enumerate() {
            let version = format!("2.{number}.0");
            self.next(strategy, None, &[&format!("VERSION={version}")]);
            let tally = self.under_load(&version, Ran::must).await;
            println!("{strategy}: {tally:?}");
            assert!(tally.answers(200, &version) > 0, "{strategy}: {tally:?}");
            // To take the old one away first is to be away for a while.
            if !strategy.contains("recreate") {
                unharmed(strategy, &tally);
            }
        }
    }

    /// Each goes back by itself, and says why at once.
    async fn every_mistake(&mut self) {
        let (beside, canary) = (
            "type = \"blue-green\"",
            "type = \"canary\"\nsteps = [{ weight = 50, soak = \"5s\" }]",
        );
        let errors = "[analysis.errors]\ninterval = \"1s\"\nlogs = { match = \"ERROR\", max-count = 0 }\n\n[check.alive]";
        let analysed = (
            "soak = \"2s\"\nprogress",
            "analysis = [\"errors\"]\nsoak = \"2s\"\nprogress",
        );
        self.bench.edit(
            "market/deploy.toml",
            &[analysed, ("[check.alive]", errors), ("\"60s\"", "\"20s\"")],
        );
        let nothing = Some(b"no program".as_slice());
        for (what, strategy, program, variable, said) in [
            ("a bad image", beside, nothing, "X=1", "ended with exit code 1"),
            (
                "a crash loop",
                beside,
                None,
                "CRASH=no database",
                "ended with exit code 7",
            ),
            ("a failing probe", beside, None, "ILL=1", "readiness probe failed"),
            (
                "a failing analysis",
                canary,
                None,
                "GRUMBLE=no cart",
                "errors: fail",
            ),
        ] {
            self.next(strategy, program, &["VERSION=3.0.0", variable]);
            let began = Instant::now();
            let mut error = String::new();
            let tally = self
                .under_load("3.0.0", |ran| {
                    let line = ran.stderr.lines().find(|line| line.starts_with("error"));
                    error = line.unwrap_or(&ran.stderr).to_owned();
                    assert_ne!(ran.code, Some(0), "{what}");
                })
                .await;
            println!("{what}, back after {:?}: {error}\n{tally:?}", began.elapsed());
            assert!(error.contains(said), "{what}: {error}");
            unharmed(what, &tally);
            self.serves("2.3.0");
        }
    }

    /// Another image, and how it is brought out.
    fn next(&mut self, strategy: &str, program: Option<&[u8]>, variables: &[&str]) {
        self.images += 1;
        let image = format!("server:{}", self.images);
        self.push(&image, program, variables);
        let (old, new) = (format!("dev:{}\"", self.image), format!("dev:{image}\""));
        self.bench
            .edit("market/deploy.toml", &[(&old, &new), (&self.strategy, strategy)]);
        let (plain, shares) = (
            "service = \"front\" }",
            "service = \"front\", shares = \"pods\" }",
        );
        match (self.strategy.contains("canary"), strategy.contains("canary")) {
            (false, true) => self.bench.edit("market/deploy.toml", &[(plain, shares)]),
            (true, false) => self.bench.edit("market/deploy.toml", &[(shares, plain)]),
            _ => {}
        }
        (self.image, self.strategy) = (image, strategy.to_owned());
    }

    fn push(&self, image: &str, program: Option<&[u8]>, variables: &[&str]) {
        let (reference, login) = (
            format!("127.0.0.1:{}/{image}", self.dev.port),
            format!("ci:{PASSWORD}"),
        );
        push_image(&reference, program, variables, Some(&login));
    }

    fn run(&self, version: &str) -> Ran {
        self.bench
            .slipway("market", &["run", ENVIRONMENT, "--version", version])
    }

    /// A run while users come.
    async fn under_load(&self, version: &str, ended: impl FnOnce(Ran)) -> Tally {
        let url = format!("http://{}:30080/ask?CART", self.cluster.address());
        let load = Load::start(&url, RATE, 20);
        ended(tokio::task::block_in_place(|| self.run(version)));
        load.finish().await
    }

    /// The front page has what it asks the cart for.
    fn serves(&self, version: &str) {
        let answer = self.cluster.ask(30_080, "/ask?CART").expect("it answers");
        assert_eq!(answer, (200, version.to_owned()));
    }
}

#[track_caller]
fn unharmed(what: &str, tally: &Tally) {
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{what}: {tally:?}");
}

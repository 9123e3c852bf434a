//! What other programs are told of a run: JUnit, annotations and CDEvents, written when it ends or asked for later, and
//! OpenTelemetry, to a collector that is there or is not.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Output},
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, Uri},
    routing::post,
};
use serde_json::{Value, json};
use slipway_tests::{Bench, free_port, program};

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_told_to_others() {
    let bench = bench();
    let collector = Collector::start().await;
    // Killed in the midst of it, and gone on with.
    let mut killed = collector.told(bench.command(&program("slipway-faulty"), "caddy", &["run", "local"]));
    let killed = output(killed.env("SLIPWAY_FAULT", "after:30"));
    assert_eq!(killed.status.code(), None, "it was not killed");
    assert_eq!(collector.received(), []);
    let mut resumed = collector.told(bench.command(&program("slipway"), "caddy", &["resume"]));
    let resumed = output(
        resumed
            .env("SLIPWAY_REPORT", "junit=first.xml,cdevents=first.jsonl")
            .current_dir(bench.path("")),
    );
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed.stderr));
    one_trace(&collector, "succeeded");

    // The same is written when a run ends and when it is asked for.
    let said = |kind: &str| bench.must("caddy", &["report", "local", "--as", kind]).stdout;
    let junit = fs::read_to_string(bench.path("first.xml")).unwrap();
    assert_eq!(said("junit"), junit);
    assert!(
        junit.contains("failures=\"0\" errors=\"0\"")
            && junit.contains(": page\" classname=\"site.local.deploy\""),
        "{junit}"
    );
    let events = fs::read_to_string(bench.path("first.jsonl")).unwrap();
    assert_eq!(said("cdevents"), events);
    assert!(
        kinds(&events).contains("dev.cdevents.service.deployed.0.2.0"),
        "{events}"
    );

    // One that fails is annotated where GitHub runs it.
    bench.edit(
        "caddy/deploy.toml",
        &[("contains = \"from version\"", "contains = \"nowhere, 100%\"")],
    );
    let mut failing = bench.command(
        &program("slipway"),
        "caddy",
        &[
            "run",
            "local",
            "--version",
            "2.0.0",
            "--report",
            "junit=second.xml",
        ],
    );
    let failed = output(failing.env("GITHUB_ACTIONS", "true").current_dir(bench.path("")));
    assert_eq!(failed.status.code(), Some(4), "{}", text(&failed.stderr));
    let annotated = text(&failed.stderr);
    let line = annotated
        .lines()
        .find(|line| line.starts_with("::error "))
        .unwrap();
    assert!(
        line.contains("title=site in local%3A deploy ") && line.contains("the body is not as expected"),
        "{line}"
    );
    let junit = fs::read_to_string(bench.path("second.xml")).unwrap();
    assert!(
        junit.contains("failures=\"1\"") && junit.contains("type=\"fail\""),
        "{junit}"
    );
    assert!(kinds(&said("cdevents")).contains("dev.cdevents.service.rolledback.0.2.0"));
    assert!(said("github").starts_with("::error "));

    // A collector that is away is told of once, and holds nobody up.
    bench.edit(
        "caddy/deploy.toml",
        &[("contains = \"nowhere, 100%\"", "contains = \"from version\"")],
    );
    let mut alone = bench.command(
        &program("slipway"),
        "caddy",
        &["run", "local", "--version", "3.0.0"],
    );
    let alone = output(alone.env(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        format!("http://user:hunter2@127.0.0.1:{}", free_port()),
    ));
    assert_eq!(alone.status.code(), Some(0), "{}", text(&alone.stderr));
    let said = text(&alone.stderr);
    assert_eq!(said.matches("OpenTelemetry is not told").count(), 1, "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn what_people_wrote_is_annotated_in_its_place() {
    let bench = bench();
    bench.edit("caddy/deploy.toml", &[("greeting = {", "greeting = { typo = 1,")]);
    let mut validate = bench.command(&program("slipway"), "caddy", &["validate"]);
    let validated = output(
        validate
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", bench.path("")),
    );
    assert_eq!(validated.status.code(), Some(3));
    let said = text(&validated.stderr);
    let line = said.lines().find(|line| line.starts_with("::error ")).unwrap();
    assert!(
        line.starts_with("::error file=caddy/deploy.toml,line=") && line.contains("typo"),
        "{line}"
    );
    let elsewhere = output(&mut bench.command(&program("slipway"), "caddy", &["validate"]));
    assert!(!text(&elsewhere.stderr).contains("::error"));
}

/// One instance that comes and goes quickly.
fn bench() -> Bench {
    let bench = Bench::caddy();
    bench.edit(
        "caddy/deploy.toml",
        &[
            ("soak = \"1s\"", "soak = \"0s\""),
            ("default = 3, minimum", "default = 1, minimum"),
            ("min-healthy-time = \"200ms\"", "min-healthy-time = \"0s\""),
        ],
    );
    bench
}

/// All that has come is one trace of one run, in which everything has its place.
fn one_trace(collector: &Collector, state: &str) {
    let received = collector.received();
    assert!(
        received
            .iter()
            .all(|request| request.headers == "Bearer collected"),
        "{received:?}"
    );
    let of = |path: &'static str| received.iter().filter(move |request| request.path == path);
    let spans: Vec<&Value> = of("/v1/traces")
        .flat_map(|request| {
            request.body["resourceSpans"][0]["scopeSpans"][0]["spans"]
                .as_array()
                .unwrap()
        })
        .collect();
    let ids: BTreeSet<_> = spans
        .iter()
        .map(|span| span["spanId"].as_str().unwrap())
        .collect();
    let traces: BTreeSet<_> = spans
        .iter()
        .map(|span| span["traceId"].as_str().unwrap())
        .collect();
    assert_eq!((ids.len(), traces.len()), (spans.len(), 1));
    let own: Vec<_> = spans
        .iter()
        .filter(|span| span["parentSpanId"].is_null())
        .collect();
    let inside = spans.iter().filter_map(|span| span["parentSpanId"].as_str());
    assert!(inside.clone().all(|parent| ids.contains(parent)));
    assert_eq!(
        (own.len(), own[0]["name"].as_str()),
        (1, Some("slipway site/local"))
    );
    assert!(
        own[0]["events"].to_string().contains("gone on with"),
        "{}",
        own[0]
    );
    let names: BTreeSet<_> = spans.iter().map(|span| span["name"].as_str().unwrap()).collect();
    for name in [
        "release",
        "adapt",
        "deploy",
        "cutover",
        "start",
        "check",
        "send",
        "http send",
    ] {
        assert!(names.contains(name), "{name}: {names:?}");
    }
    let metrics = of("/v1/metrics").next().unwrap().body["resourceMetrics"][0].clone();
    assert_eq!(
        metrics["resource"]["attributes"][0]["value"]["stringValue"],
        "slipway"
    );
    let runs = &metrics["scopeMetrics"][0]["metrics"][0]["sum"]["dataPoints"][0];
    assert_eq!(
        runs["attributes"][2],
        json!({ "key": "slipway.state", "value": { "stringValue": state } })
    );
}

fn kinds(events: &str) -> BTreeSet<String> {
    let events = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    events
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect()
}

fn output(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Keeps what it is told.
struct Collector {
    port: u16,
    received: Arc<Mutex<Vec<Received>>>,
}

#[derive(Debug, Clone, PartialEq)]
struct Received {
    path: String,
    headers: String,
    body: Value,
}

impl Collector {
    async fn start() -> Self {
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let receive = async |State(received): State<Arc<Mutex<Vec<Received>>>>,
                             uri: Uri,
                             headers: HeaderMap,
                             Json(body): Json<Value>| {
            let headers = headers["authorization"].to_str().unwrap().to_owned();
            let path = uri.path().to_owned();
            received.lock().unwrap().push(Received { path, headers, body });
            Json(json!({}))
        };
        let router = Router::new()
            .route("/v1/traces", post(receive))
            .route("/v1/metrics", post(receive))
            .with_state(received.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { port, received }
    }

    fn told(&self, mut command: Command) -> Command {
        command
            .env(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                format!("http://127.0.0.1:{}", self.port),
            )
            .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20collected");
        command
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

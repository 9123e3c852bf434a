//! The plugins of this repository as `cargo xtask build-plugins` makes them: those that ship do their work on real
//! files, and those that misbehave are stopped.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod kit;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router as Routes, extract::State, http::StatusCode, routing};
use kit::{Tape, place};
use serde_json::{Value, json};
use slipway_host::{Host, Limits};
use slipway_model::Digest;
use slipway_plugin::{
    Address, Artifact, Blame, Call, Endpoint, FindingOutcome, InstanceSpec, Kind, Place, Plugins, Port,
    RenderInput, Secret, Seen, Subject,
};
use tempfile::TempDir;

fn built(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/plugins/{name}.wasm"));
    fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; run `cargo xtask build-plugins` first",
            path.display()
        )
    })
}

fn host(limits: Limits, plugins: &[(&str, &str)]) -> Host {
    let mut host = Host::new(limits);
    for (name, file) in plugins {
        host.add(name, built(file), None).unwrap();
    }
    host
}

fn call() -> Call {
    Call::new(Tape::new())
}

/// A program, packed.
struct Packed {
    folder: TempDir,
    digest: Digest,
    size: u64,
}

impl Packed {
    fn new() -> Self {
        let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let mut archive = tar::Builder::new(gzip);
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(9);
        archive
            .append_data(&mut header, "shop-1/bin/web", &b"#!/bin/sh"[..])
            .unwrap();
        let bytes = archive.into_inner().unwrap().finish().unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("app.tar.gz"), &bytes).unwrap();
        Self {
            folder,
            digest: Digest::of(&bytes),
            size: bytes.len() as u64,
        }
    }

    fn grant(&self, call: Call) -> Call {
        call.blob(self.digest, self.folder.path().join("app.tar.gz"), self.size)
    }

    fn artifact(&self, settings: Value) -> Artifact {
        Artifact {
            name: "app".to_owned(),
            blob: self.digest,
            size: self.size,
            settings,
        }
    }
}

#[tokio::test]
async fn those_that_misbehave_are_stopped() {
    let limits = Limits {
        computing: Duration::from_millis(500),
        memory: 48 << 20,
        log_lines: 10,
        ..Limits::default()
    };
    let fixtures = ["trap", "spin", "hungry", "chatty"];
    let files: Vec<_> = fixtures.iter().map(|name| format!("fixtures/{name}")).collect();
    let plugins: Vec<_> = fixtures
        .into_iter()
        .zip(files.iter().map(String::as_str))
        .collect();
    let host = host(limits, &plugins);
    let packed = Packed::new();
    let inspect = "slipway:plugin/format@0.1.0#inspect";
    for (name, cause) in [
        (
            "trap",
            format!(
                "it gave up (panicked or aborted), in `{inspect}`; it last logged: panicked at \
                 fixtures/trap/src/lib.rs:20:9: the fixture panics on purpose"
            ),
        ),
        ("spin", format!("computing limit 0.5 s reached, in `{inspect}`")),
        ("hungry", format!("memory limit 48 MiB reached, in `{inspect}`")),
        (
            "chatty",
            format!(
                "log limit 10 lines reached, in `{inspect}`; it last logged: {}",
                ["another line"; 5].join(" | ")
            ),
        ),
    ] {
        let format = host.format(name).await.unwrap();
        // Twice, because the first time must leave nothing behind.
        for _ in 0..2 {
            let error = format
                .inspect(call(), packed.artifact(json!({})), Vec::new())
                .await
                .unwrap_err();
            assert_eq!(error.blame(), Blame::Guest);
            assert_eq!(
                error.to_string(),
                format!("plugin {name} broke in inspect: {cause}")
            );
        }
        let facts = json!({});
        let input = RenderInput {
            service: "shop".to_owned(),
            environment: "prod".to_owned(),
            artifact: packed.artifact(json!({})),
            facts,
            settings: json!({}),
            config: Vec::new(),
            resolved: Vec::new(),
            target: json!({}),
        };
        assert!(format.render(call(), input).await.unwrap().files.is_empty());
    }
}

#[tokio::test]
async fn those_that_ship_say_what_they_are() {
    let plugins = [
        ("tarball", "format-tarball"),
        ("machine", "target-machine"),
        ("embedded", "router-embedded"),
        ("alerts", "check-alerts"),
    ];
    let host = host(Limits::default(), &plugins);
    let found: Vec<_> = host
        .list()
        .into_iter()
        .map(|plugin| (plugin.kind, plugin.name))
        .collect();
    assert_eq!(
        found,
        [
            (Kind::Format, "tarball".to_owned()),
            (Kind::Target, "machine".to_owned()),
            (Kind::Router, "embedded".to_owned()),
            (Kind::Check, "alerts".to_owned())
        ]
    );
    assert_eq!(host.format("tarball").await.unwrap().describe().name, "tarball");
    let target = host.target("machine").await.unwrap();
    assert_eq!(target.describe().workloads, ["process"]);
    let place = |settings: Value| Place {
        service: "shop".parse().unwrap(),
        environment: "prod".parse().unwrap(),
        settings,
    };
    let can = target.abilities(place(json!({}))).await.unwrap();
    assert!(can.side_by_side && !can.in_place);
    let router = host.router("embedded").await.unwrap();
    assert_eq!(
        host.check("alerts").await.unwrap().describe().needs,
        ["endpoint of endpoint".parse().unwrap()]
    );
    let can = router
        .abilities(place(json!({ "listen": "127.0.0.1:1" })))
        .await
        .unwrap();
    assert!(can.weights && can.preview);
    for (kind, name) in [
        (Kind::Format, "tarball"),
        (Kind::Target, "machine"),
        (Kind::Router, "embedded"),
        (Kind::Check, "alerts"),
    ] {
        let schema = host.settings_schema(kind, name).await.unwrap();
        assert_eq!(schema["type"], "object", "{name}");
    }
}

fn subject() -> Subject {
    let instance = |number: u8| Seen {
        name: format!("shop-prod-0a0a0a0a-{number}").parse().unwrap(),
        ports: vec![Port {
            name: "http".to_owned(),
            address: "127.0.0.1:1".to_owned(),
        }],
    };
    Subject {
        service: "shop".parse().unwrap(),
        environment: "prod".parse().unwrap(),
        revision: Digest::of("new"),
        stable: Some(Digest::of("old")),
        instances: vec![instance(1), instance(2)],
    }
}

#[tokio::test]
async fn a_check_says_what_it_found() {
    let host = host(Limits::default(), &[("unruly", "fixtures/unruly")]);
    let unruly = host.check("unruly").await.unwrap();
    let find = async |deed: &str| {
        let found = unruly.check(call(), json!({ "does": deed }), subject()).await;
        found.map_err(|error| error.to_string())
    };
    let told = find("tell").await.unwrap();
    assert_eq!(told.outcome, FindingOutcome::Passed);
    assert_eq!(told.message, format!("{} of prod: 2", Digest::of("new")));
    assert_eq!(told.evidence, ["shop-prod-0a0a0a0a-1", "shop-prod-0a0a0a0a-2"]);
    assert_eq!(find("count").await.unwrap().tallies, [(1, 10), (1, 10)]);
    let shrugs = find("shrug").await.unwrap();
    assert_eq!(shrugs.outcome, FindingOutcome::Inconclusive);
    // People read a line, and not a novel.
    let long = find("ramble").await.unwrap();
    assert!(long.message.len() == 1000 && !long.message.contains('\n'));
    let lengths: Vec<_> = long.evidence.iter().map(String::len).collect();
    assert_eq!(lengths, [500; 20]);
    let mixed = "plugin unruly broke in check: its answer has no meaning: finding: values and tallies, which are not judged together";
    assert_eq!(find("mix").await.unwrap_err(), mixed);
    let panicked = find("panic").await.unwrap_err();
    assert!(panicked.contains("the fixture panics on purpose"), "{panicked}");
}

#[tokio::test]
async fn a_check_only_reads() {
    let host = host(Limits::default(), &[("unruly", "fixtures/unruly")]);
    let unruly = host.check("unruly").await.unwrap();
    // An agent answers what is not its own with 404: that it was asked at all would be told.
    let (endpoint, _) = agent().await;
    let tape = Tape::new();
    let call = Call::new(tape.clone()).endpoint("notices", endpoint);
    let found = unruly.check(call, json!({ "does": "announce" }), subject()).await;
    let error = found.unwrap_err();
    assert_eq!(error.blame(), Blame::Guest);
    let text = error.to_string();
    assert!(
        text.ends_with("would change something, and a check may only read"),
        "{text}"
    );
    assert!(tape.effects().is_empty(), "{:?}", tape.effects());
}

#[tokio::test]
async fn a_tarball_is_looked_into_and_becomes_a_workload() {
    let host = host(Limits::default(), &[("tarball", "format-tarball")]);
    let tarball = host.format("tarball").await.unwrap();
    let packed = Packed::new();
    let settings = json!({ "command": ["bin/web"], "strip": 1, "ports": { "http": {} } });
    let artifact = packed.artifact(settings.clone());
    let inspection = tarball
        .inspect(packed.grant(call()), artifact.clone(), Vec::new())
        .await
        .unwrap();
    assert_eq!(inspection.summary, "1 file, 9 bytes unpacked, starts bin/web");
    let absent = packed.artifact(json!({ "command": ["bin/none"], "strip": 1 }));
    let error = tarball
        .inspect(packed.grant(call()), absent, Vec::new())
        .await
        .unwrap_err();
    assert!(
        error.blame() == Blame::Input && error.to_string().contains("bin/none"),
        "{error}"
    );
    let input = RenderInput {
        service: "shop".to_owned(),
        environment: "prod".to_owned(),
        artifact,
        facts: inspection.facts,
        settings,
        config: Vec::new(),
        resolved: Vec::new(),
        target: json!({}),
    };
    let rendered = tarball.render(call(), input).await.unwrap();
    let workload = rendered.workload.unwrap();
    assert_eq!((workload.kind.as_str(), workload.instances), ("process", 1));
    assert_eq!(workload.ports, ["http"]);
    let document: Value = serde_json::from_slice(&rendered.files[0].content).unwrap();
    assert_eq!(rendered.files[0].path, workload.file);
    assert_eq!(document["command"], json!(["bin/web"]));
    assert_eq!(document["digest"], packed.digest.to_string());
}

/// What an agent was asked to run.
type Asked = Arc<Mutex<Vec<Value>>>;

async fn agent() -> (Endpoint, Asked) {
    let asked = Asked::default();
    let put = |State(asked): State<Asked>, Json(spec): Json<Value>| async move {
        asked.lock().unwrap().push(spec);
        (StatusCode::CREATED, Json(json!({})))
    };
    let none = || async { StatusCode::NOT_FOUND };
    let routes = Routes::new()
        .route("/v1/instances/{name}", routing::get(none).put(put))
        .with_state(asked.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    let address = Address::Url(format!("http://{address}"));
    (Endpoint::at(address), asked)
}

#[tokio::test]
async fn a_secret_reaches_the_agent_as_it_is() {
    let host = host(Limits::default(), &[("machine", "target-machine")]);
    let machine = host.target("machine").await.unwrap();
    let packed = Packed::new();
    let workload = json!({
        "kind": "process", "artifact": "app", "digest": packed.digest, "strip": 1, "instances": 1,
        "command": ["bin/web"], "env": { "PASSWORD": "<${secret.db}>", "PORT_IS": "${port.http}" }
    });
    let folder = packed.folder.path();
    fs::create_dir_all(folder.join("deployment/workloads")).unwrap();
    fs::write(folder.join("deployment/workloads/app.json"), workload.to_string()).unwrap();
    let instance = InstanceSpec {
        name: "shop-prod-0a0a0a0a-1".parse().unwrap(),
        revision: Digest::of("revision"),
        artifact: "app".to_owned(),
        blob: packed.digest,
        workload: "workloads/app.json".to_owned(),
        back: false,
    };
    let error = machine
        .start(call(), place(), instance.clone())
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("no folder `deployment` is granted"),
        "{error}"
    );

    let (endpoint, asked) = agent().await;
    let tape = Tape::new();
    let mut call = packed
        .grant(Call::new(tape.clone()))
        .folder("deployment", folder.join("deployment"), false)
        .folder("machine", folder.join("machine"), true)
        .endpoint("agent", endpoint);
    // Nothing in it is a placeholder, whatever it looks like.
    let secret = "a\"${port.http}$${";
    call.secrets = BTreeMap::from([("db".to_owned(), Secret::new(secret))]);
    machine.start(call, place(), instance).await.unwrap();
    let spec = asked.lock().unwrap().remove(0);
    assert_eq!(
        spec["env"],
        json!({ "PASSWORD": "<${value.db}>", "PORT_IS": "${port.http}" })
    );
    assert_eq!(spec["values"], json!({ "db": secret }));
    let app = spec["folders"]["app"].as_str().unwrap();
    assert_eq!(
        fs::read(folder.join("machine").join(app).join("bin/web")).unwrap(),
        b"#!/bin/sh"
    );
    let record = format!("{:?} {:?}", tape.effects(), tape.outcomes());
    assert!(!record.contains(secret) && !record.contains("$${"), "{record}");
}

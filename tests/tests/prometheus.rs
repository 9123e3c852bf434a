//! A revision is judged by a real Prometheus server, which scrapes what the router counts of each: look after look, against
//! a bound and against the other revision; and without an answer, or without anything to say, nothing passes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::{fs, sync::Arc};

use axum::{Router, http::Method, routing::get};
use serde_json::Value;
use slipway_agent::Client;
use slipway_servers::Prometheus;
use slipway_testing::Load;
use slipway_tests::{Bench, Ran};

const LOGS: &str = "logs = { match = \"ERROR\", max-count = 2, no-worse-than = \"stable\", min-sample = 20 }";
/// Of the requests that a revision has had of late, those that failed. There is none while it has none.
const QUERY: &str = "sum(rate(slipway_requests_total{revision=\"sha256:${revision}\",class=\"5xx\"}[4s])) \
                     / (sum(rate(slipway_requests_total{revision=\"sha256:${revision}\"}[4s])) > 0)";

/// The router's page of metrics on a port, as whoever runs both would publish it.
async fn published(bench: &Bench) -> String {
    let agent = Arc::new(Client::new(&bench.path("agent")).unwrap());
    let page = move || {
        let agent = Arc::clone(&agent);
        async move {
            let path = "/v1/routes/shop-local/metrics";
            let page = agent.send(Method::GET, path, &[], Vec::new().into()).await;
            page.unwrap().body
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/metrics", get(page));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address.to_string()
}

fn asks(query: &str) -> String {
    format!(
        "metrics = {{ prometheus = \"metrics\", query = '{query}', max = 0.1, no-worse-than = \"stable\", min-sample = 3 }}\n\
         interval = \"1s\"\nextend = \"20s\"\ninconclusive = \"fail\""
    )
}

/// A canary of a version, while users come.
fn brings(bench: &Bench, version: &str, fails_one_in: u64) -> Ran {
    bench.pack(version, fails_one_in);
    tokio::task::block_in_place(|| bench.slipway("shop", &["run", "local", "--version", version]))
}

/// What the last run was judged by.
fn evidence(bench: &Bench) -> Value {
    let ran = bench.slipway("shop", &["judge", "--replay", "local", "--format", "json"]);
    let replayed: Value = serde_json::from_str(&ran.stdout).unwrap();
    let verdict = &replayed["verdicts"][0];
    assert_eq!(verdict["then"], verdict["now"]);
    verdict["now"].clone()
}

#[track_caller]
fn went_back(ran: &Ran, said: &str) {
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_asked_for_each_revision() {
    let bench = Bench::shop();
    bench.edit(
        "shop/deploy.toml",
        &[
            (
                "steps = [{ weight = 10, soak = \"3s\" }, { weight = 50, soak = \"3s\" }]\nsoak = \"2s\"",
                "steps = [{ weight = 50, soak = \"8s\" }]\nsoak = \"0s\"",
            ),
            (LOGS, &asks(QUERY)),
        ],
    );
    brings(&bench, "1.0.0", 0).must();
    let server = Prometheus::start(&published(&bench).await);
    let operator = format!("[endpoints.metrics]\nurl = {:?}\n", server.url());
    fs::write(bench.path("operator.toml"), operator).unwrap();
    let load = Load::start(&bench.url(), 100, 10);

    brings(&bench, "1.1.0", 0).must();
    let judged = evidence(&bench);
    for revision in ["candidate", "stable"] {
        let values = judged["evidence"][revision]["values"].as_array().unwrap();
        assert!(values.len() >= 3, "{judged}");
        assert!(values.iter().all(|value| value.as_f64() == Some(0.0)), "{judged}");
    }

    went_back(&brings(&bench, "1.2.0", 3), "errors: fail: ");
    assert_eq!(bench.settled("shop"), "1.1.0");
    let judged = evidence(&bench);
    let of = |revision: &str| judged["evidence"][revision]["values"][0].as_f64().unwrap();
    assert!(of("candidate") > 0.1 && of("stable") == 0.0, "{judged}");

    // What nobody has ever counted is no data.
    bench.edit(
        "shop/deploy.toml",
        &[
            (&asks(QUERY), &asks("nothing_of_this_name")),
            ("\"20s\"", "\"1s\""),
        ],
    );
    went_back(&brings(&bench, "1.3.0", 0), "errors: inconclusive: ");
    drop(server);
    went_back(&brings(&bench, "1.4.0", 0), "errors: error: ");
    assert_eq!(bench.settled("shop"), "1.1.0");

    let tally = load.finish().await;
    assert_eq!(tally.failed, 0, "{tally:?}");
    assert_eq!(tally.bad(), tally.answers(500, "1.2.0"), "{tally:?}");
}

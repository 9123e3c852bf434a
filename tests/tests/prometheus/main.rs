//! A revision is judged by a real Prometheus server, which scrapes what the router counts of each.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod alerts;
mod queries;

use std::sync::Arc;

use axum::{Router, http::Method, routing::get};
use serde_json::Value;
use slipway_agent::Client;
use slipway_tests::{Bench, Ran};

const SOAKS: &str = "steps = [{ weight = 10, soak = \"3s\" }, { weight = 50, soak = \"3s\" }]\nsoak = \"2s\"";
/// The analysis of the shop.
const LOGS: &str = "logs = { match = \"ERROR\", max-count = 2, no-worse-than = \"stable\", min-sample = 20 }";

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

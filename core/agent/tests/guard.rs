//! A dead man's switch: what ran comes back by itself, whoever is killed meanwhile, and whoever is late is refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::time::{Duration, Instant};

use common::{Agent, Http, backend, kill};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use slipway_agent::api::{GuardState, GuardStatus, InstanceList, InstanceStatus};

const GUARD: &str = "/v1/guards/shop-test";

async fn guard(agent: &Agent, within: &str) -> GuardStatus {
    let spec = json!({ "service": "shop", "environment": "test", "within": within });
    agent.client.put(GUARD, &spec).await.unwrap()
}

/// Instance `old` has all users, and `new` has just got them.
async fn overtaken(agent: &Agent, within: &str) -> (std::net::SocketAddr, InstanceStatus) {
    let old = agent.echo("old", 'a').await;
    let to = |revision, instance: &InstanceStatus| {
        json!({
            "listen": "127.0.0.1:0",
            "backends": [backend(revision, 100, &[instance])],
            "expose": true,
        })
    };
    let address = agent.route("shop-test", &to('a', &old)).await.address;
    guard(agent, within).await;
    let new = agent.echo("new", 'b').await;
    agent.route("shop-test", &to('b', &new)).await;
    assert_eq!(answers(address).await, "new");
    (address, old)
}

async fn answers(address: std::net::SocketAddr) -> String {
    let answer = Http::new(false).get(address, "/").await.unwrap();
    answer.headers["x-slipway-instance"].to_str().unwrap().to_owned()
}

async fn restored(agent: &Agent) -> GuardStatus {
    let began = Instant::now();
    loop {
        if let Ok(status) = agent.client.get::<GuardStatus>(GUARD).await
            && status.state == GuardState::Restored
        {
            return status;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "nothing comes back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn running(agent: &Agent) -> Vec<String> {
    let list: InstanceList = agent.client.get("/v1/instances").await.unwrap();
    list.instances
        .into_iter()
        .map(|instance| instance.name.to_string())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ran_comes_back() {
    let agent = Agent::start().await;
    let (address, old) = overtaken(&agent, "2s").await;
    // It was there when the switch was set, and is gone now.
    let gone = agent
        .send(Method::DELETE, "/v1/instances/old", &Value::Null)
        .await;
    assert_eq!(gone.status, StatusCode::OK);
    for _ in 0..6 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        guard(&agent, "2s").await;
    }
    assert_eq!(answers(address).await, "new");
    let status = restored(&agent).await;
    assert!(
        status.went_off.is_some() && status.detail.is_empty(),
        "{status:?}"
    );
    assert_eq!(answers(address).await, "old");
    assert_eq!(running(&agent).await, ["old"]);
    assert_ne!(agent.instance("old").await.pid, old.pid);

    // Whoever comes late changes nothing, and hears of it.
    let headers = [("slipway-scope", "shop/test"), ("slipway-fence", "7")];
    let late = agent
        .client
        .send(Method::DELETE, "/v1/instances/old", &headers, Vec::new().into())
        .await
        .unwrap();
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    let text = String::from_utf8_lossy(&late.body).into_owned();
    assert!(text.contains("shop/test has gone back by itself"), "{text}");
    assert_eq!(guard(&agent, "2s").await.state, GuardState::Restored);
    let taken = agent.send(Method::DELETE, GUARD, &Value::Null).await;
    assert!(String::from_utf8_lossy(&taken.body).contains("went-off"));
    let now = agent
        .client
        .send(Method::DELETE, "/v1/instances/old", &headers, Vec::new().into())
        .await
        .unwrap();
    assert_eq!(now.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_outlives_the_agent() {
    let agent = Agent::start().await;
    let (address, _) = overtaken(&agent, "2s").await;
    let worker = agent.worker().await;
    kill(worker);
    agent.next_worker(worker).await;
    assert_eq!(answers(address).await, "new");
    // Killed once more while it brings back what ran, or just before or after.
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let worker = agent.worker().await;
    kill(worker);
    agent.next_worker(worker).await;
    restored(&agent).await;
    assert_eq!(answers(address).await, "old");
    assert_eq!(running(&agent).await, ["old"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn taken_away_it_does_nothing() {
    let agent = Agent::start().await;
    let (address, _) = overtaken(&agent, "1s").await;
    let taken = agent.send(Method::DELETE, GUARD, &Value::Null).await;
    assert_eq!(taken.status, StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(answers(address).await, "new");
    let mut left = running(&agent).await;
    left.sort();
    assert_eq!(left, ["new", "old"]);
    let short = json!({ "service": "shop", "environment": "test", "within": "100ms" });
    let refused = agent.send(Method::PUT, GUARD, &short).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

//! The router in front of real processes: shares, draining, retries, upgrades, streams, and changes under load.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use common::{Agent, Http, backend, connect, digest, kill, parent, state};
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use slipway_agent::api::{AccessEntry, InstanceStatus};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Instances `a`, `b` ... each of its own revision, and a route over them.
async fn routed(agent: &Agent, weights: &[(char, u32)], more: Value) -> (SocketAddr, Vec<InstanceStatus>) {
    let mut instances = Vec::new();
    for (revision, _) in weights {
        instances.push(agent.echo(&revision.to_string(), *revision).await);
    }
    let backends: Vec<Value> = weights
        .iter()
        .zip(&instances)
        .map(|((revision, weight), instance)| backend(*revision, *weight, &[instance]))
        .collect();
    let mut spec = json!({"listen": "127.0.0.1:0", "backends": backends, "expose": true});
    spec.as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap_or_default());
    let status = agent.route("shop", &spec).await;
    (status.address, instances)
}

/// Requests one after the other over a few connections: how many each instance answered.
async fn shares(address: SocketAddr, count: usize) -> BTreeMap<String, usize> {
    let http = Http::new(false);
    let mut found = BTreeMap::new();
    for _ in 0..count {
        let answer = http.get(address, "/").await.unwrap();
        assert_eq!(answer.status, 200);
        let instance = answer.headers["x-slipway-instance"].to_str().unwrap().to_owned();
        assert!(answer.body.starts_with(&instance));
        *found.entry(instance).or_default() += 1;
    }
    found
}

fn counts(pairs: &[(&str, usize)]) -> BTreeMap<String, usize> {
    pairs
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_baseline_has_its_own_weight_and_counters() {
    let agent = Agent::start().await;
    let mut instances = Vec::new();
    for name in ["a", "b", "c", "d"] {
        instances.push(agent.echo(name, 'a').await);
    }
    let [a, b, c, d] = instances.as_slice() else {
        panic!()
    };
    let mut old = backend('a', 80, &[a, b, c]);
    old["baseline"] = json!({ "weight": 20, "instances": ["a"] });
    let spec = json!({"listen": "127.0.0.1:0", "backends": [old, backend('b', 20, &[d])], "expose": true});
    let status = agent.route("shop", &spec).await;
    let found = shares(status.address, 100).await;
    assert_eq!((found["a"], found["d"]), (20, 20), "{found:?}");
    assert_eq!(found["b"] + found["c"], 60, "{found:?}");
    let answer = agent
        .send(Method::GET, "/v1/routes/shop/metrics", &Value::Null)
        .await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let count = |group: &str| {
        let line = format!("revision=\"{}\"{group},class=\"2xx\"}} ", digest('a'));
        let (_, count) = text.split_once(&line).unwrap();
        count.lines().next().unwrap().to_owned()
    };
    assert_eq!(
        (count(",group=\"baseline\""), count("")),
        ("20".into(), "60".into())
    );

    for (change, why) in [
        (
            json!({ "weight": 81, "instances": ["a"] }),
            "more than its backend has",
        ),
        (
            json!({ "weight": 1, "instances": ["d"] }),
            "d is none of its backend",
        ),
        (
            json!({ "weight": 1, "instances": ["a", "b", "c"] }),
            "nothing is left beside them",
        ),
    ] {
        let mut spec = spec.clone();
        spec["backends"][0]["baseline"] = change;
        let refused = agent.send(Method::PUT, "/v1/routes/shop", &spec).await;
        let said = String::from_utf8_lossy(&refused.body).into_owned();
        assert_eq!(refused.status, 422, "{said}");
        assert!(said.contains(why), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_are_exact() {
    let agent = Agent::start().await;
    let (address, instances) = routed(&agent, &[('a', 70), ('b', 25), ('c', 5)], Value::Null).await;
    assert_eq!(
        shares(address, 1000).await,
        counts(&[("a", 700), ("b", 250), ("c", 50)])
    );

    let [a, b, c] = instances.as_slice() else { panic!() };
    let backends = json!([backend('a', 0, &[a]), backend('b', 1, &[b, c])]);
    agent
        .route(
            "shop",
            &json!({"listen": "127.0.0.1:0", "backends": backends, "expose": true}),
        )
        .await;
    assert_eq!(shares(address, 100).await, counts(&[("b", 50), ("c", 50)]));
    agent.route("shop", &json!({"listen": "127.0.0.1:0"})).await;
    assert_eq!(Http::new(false).get(address, "/").await.unwrap().status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_under_way_end_where_they_are() {
    let agent = Agent::start().await;
    let (address, instances) = routed(&agent, &[('a', 1), ('b', 0)], Value::Null).await;
    let slow = tokio::spawn(async move { Http::new(false).get(address, "/slow?1500").await });
    agent
        .route_until("shop", |status| status.revisions[0].in_flight == 1)
        .await;
    let spec =
        json!({"listen": "127.0.0.1:0", "backends": [backend('b', 1, &[&instances[1]])], "expose": true});
    agent.route("shop", &spec).await;
    assert_eq!(shares(address, 10).await, counts(&[("b", 10)]));
    let status = agent
        .route_until("shop", |status| status.revisions.len() == 2)
        .await;
    let old = &status.revisions[1];
    assert_eq!(
        (old.weight, old.in_flight, old.instances[0].draining),
        (0, 1, true)
    );
    agent
        .route_until("shop", |status| status.revisions.len() == 1)
        .await;
    agent.client.delete("/v1/instances/a").await.unwrap();
    let answer = slow.await.unwrap().unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "slow\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_is_gone_is_not_noticed() {
    let agent = Agent::start().await;
    let (address, instances) = routed(&agent, &[('a', 1), ('b', 1)], Value::Null).await;
    let dead = agent.echo("dead", 'a').await;
    agent.client.delete("/v1/instances/dead").await.unwrap();
    let backends = json!([
        backend('a', 1, &[&instances[0], &dead]),
        backend('b', 1, &[&instances[1]])
    ]);
    let spec = json!({"listen": "127.0.0.1:0", "backends": backends, "expose": true});
    agent.route("shop", &spec).await;
    let found = shares(address, 100).await;
    assert_eq!(
        found,
        counts(&[("a", 50), ("b", 50)]),
        "another instance of the same revision takes over"
    );
    let http = Http::new(false);
    let upload = Request::post(format!("http://{address}/echo"))
        .body(Full::from("hello"))
        .unwrap();
    assert_eq!(http.send(upload).await.unwrap().body, "hello");

    let only_dead = json!({"listen": "127.0.0.1:0", "backends": [backend('a', 1, &[&dead])]});
    agent.route("shop", &only_dead).await;
    assert_eq!(http.get(address, "/").await.unwrap().status, 502);
    agent
        .route_until("shop", |status| status.revisions[0].instances[0].unreachable)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn protocols_change_through_it() {
    let agent = Agent::start().await;
    let (address, _) = routed(&agent, &[('a', 1)], Value::Null).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET /upgrade HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    assert!(
        head.starts_with("http/1.1 101 ") && head.contains("\r\nupgrade: echo\r\n"),
        "{head}"
    );
    for _ in 0..100 {
        stream.write_all(b"ping").await.unwrap();
        let mut back = [0; 4];
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(&back, b"ping");
    }
    agent
        .route_until("shop", |status| status.revisions[0].in_flight == 1)
        .await;
    drop(stream);
    agent
        .route_until("shop", |status| status.revisions[0].in_flight == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_and_streams_pass_through() {
    let agent = Agent::start().await;
    let (address, _) = routed(&agent, &[('a', 1)], Value::Null).await;
    let http2 = Http::new(true);
    let answers = (0..50).map(|_| http2.get(address, "/headers"));
    for answer in futures_util::future::join_all(answers).await {
        let answer = answer.unwrap();
        assert!(
            answer.status == 200 && answer.body.contains(&format!("host: {address}\n")),
            "{}",
            answer.body
        );
    }
    for http in [http2, Http::new(false)] {
        let big = "x".repeat(3_000_000);
        let upload = Request::post(format!("http://{address}/echo"))
            .body(Full::from(big.clone()))
            .unwrap();
        assert_eq!(http.send(upload).await.unwrap().body, big);
    }
    // The first piece comes long before the last one is made.
    let client: hyper_util::client::legacy::Client<_, Full<Bytes>> =
        hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let uri = format!("http://{address}/stream?100000").parse().unwrap();
    let mut body = client.get(uri).await.unwrap().into_body();
    let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.starts_with(b"0\n"));
    drop(body);
    agent
        .route_until("shop", |status| status.revisions[0].in_flight == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_are_told_who_asks_and_hops_are_kept_apart() {
    let agent = Agent::start().await;
    let (address, _) = routed(&agent, &[('a', 1)], Value::Null).await;
    let request = Request::get(format!("http://{address}/headers"))
        .header(header::HOST, "shop.example")
        .header("x-forwarded-for", "1.2.3.4")
        .header("connection", "x-own")
        .header("x-own", "1")
        .body(Full::default())
        .unwrap();
    let answer = Http::new(false).send(request).await.unwrap();
    insta::assert_snapshot!(answer.body);
    // Two lengths, and a length beside a coding: nothing that two servers could read differently gets through.
    for head in ["Content-Length: 5\r\nContent-Length: 6", "Content-Length: x"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("POST /echo HTTP/1.1\r\nHost: a\r\n{head}\r\n\r\nhello");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_stay_and_previews_are_apart() {
    let agent = Agent::start().await;
    let sticky = json!({"sticky": {"cookie": "slipway", "max-age": "1h"}});
    let (address, instances) = routed(&agent, &[('a', 1), ('b', 1), ('c', 0)], sticky.clone()).await;
    let http = Http::new(false);
    let first = http.get(address, "/").await.unwrap();
    let cookie = first.headers[header::SET_COOKIE].to_str().unwrap();
    assert_eq!(
        cookie,
        "slipway=aaaaaaaa; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600"
    );
    let kept = async |cookie: &str| {
        let request = Request::get(format!("http://{address}/")).header(header::COOKIE, cookie);
        http.send(request.body(Full::default()).unwrap()).await.unwrap()
    };
    for _ in 0..10 {
        let again = kept("slipway=aaaaaaaa").await;
        assert!(again.body.starts_with("a ") && !again.headers.contains_key(header::SET_COOKIE));
    }
    assert!(
        kept("slipway=cccccccc")
            .await
            .headers
            .contains_key(header::SET_COOKIE),
        "it has no weight"
    );

    let [a, b, c] = instances.as_slice() else { panic!() };
    let mut spec = json!({
        "listen": "127.0.0.1:0", "expose": true,
        "backends": [backend('a', 1, &[a]), backend('b', 1, &[b]), backend('c', 0, &[c])],
        "preview": {"listen": "127.0.0.1:0", "revision": digest('c')},
    });
    let status = agent.route("shop", &spec).await;
    assert_eq!(status.address, address);
    assert_eq!(
        shares(status.preview_address.unwrap(), 10).await,
        counts(&[("c", 10)])
    );
    assert_eq!(shares(address, 10).await, counts(&[("a", 5), ("b", 5)]));
    spec.as_object_mut().unwrap().remove("preview");
    agent.route("shop", &spec).await;
    assert!(http.get(status.preview_address.unwrap(), "/").await.is_err());
    assert_eq!(
        agent
            .send(
                Method::PUT,
                "/v1/routes/shop",
                &json!({"listen": "127.0.0.1:0", "preview":
        {"listen": "127.0.0.1:0", "revision": digest('f')}})
            )
            .await
            .status,
        422
    );
    assert_eq!(shares(address, 2).await, counts(&[("a", 1), ("b", 1)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_and_written_down() {
    let agent = Agent::start().await;
    let (address, _) = routed(&agent, &[('a', 1)], Value::Null).await;
    shares(address, 20).await;
    let (mut from, mut entries) = (0, Vec::<AccessEntry>::new());
    while entries.len() < 20 {
        let path = format!("/v1/routes/shop/access-log?from={from}&follow=10");
        let piece = agent.send(Method::GET, &path, &Value::Null).await;
        from = piece.headers["slipway-next-offset"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        entries.extend(
            piece
                .body
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| serde_json::from_slice::<AccessEntry>(line).unwrap()),
        );
    }
    assert_eq!(entries.len(), 20);
    let entry = &entries[0];
    assert_eq!(
        (entry.method.as_str(), entry.path.as_str(), entry.status),
        ("GET", "/", 200)
    );
    assert_eq!(
        (entry.revision.as_str(), entry.instance.as_str()),
        (digest('a').as_str(), "a")
    );
    let text = agent
        .send(Method::GET, "/v1/routes/shop/metrics", &Value::Null)
        .await
        .body;
    let text = String::from_utf8(text.to_vec()).unwrap();
    let line = format!(
        "slipway_requests_total{{route=\"shop\",revision=\"{}\",class=\"2xx\"}} 20\n",
        digest('a')
    );
    assert!(text.contains(&line), "{text}");
}

/// Requests without a break from several users.
struct Load {
    stop: Arc<AtomicBool>,
    good: Arc<AtomicU64>,
    users: Vec<tokio::task::JoinHandle<Vec<String>>>,
}

impl Load {
    fn start(address: SocketAddr) -> Self {
        let (stop, good) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let users = (0..8)
            .map(|_| {
                let (stop, good) = (Arc::clone(&stop), Arc::clone(&good));
                tokio::spawn(async move {
                    let http = Http::new(false);
                    let mut failed = Vec::new();
                    while !stop.load(Ordering::Relaxed) {
                        match http.get(address, "/").await {
                            Ok(answer) if answer.status == 200 => {
                                good.fetch_add(1, Ordering::Relaxed);
                            }
                            Ok(answer) => failed.push(answer.status.to_string()),
                            Err(error) => failed.push(error),
                        }
                    }
                    failed
                })
            })
            .collect();
        Self { stop, good, users }
    }

    async fn more(&self, count: u64) {
        let until = self.good.load(Ordering::Relaxed) + count;
        while self.good.load(Ordering::Relaxed) < until {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn end(self) -> (u64, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        let mut failed = Vec::new();
        for user in self.users {
            failed.extend(user.await.unwrap());
        }
        (self.good.load(Ordering::Relaxed), failed)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_everything_changes() {
    let agent = Agent::start().await;
    let (address, mut instances) = routed(&agent, &[('a', 1), ('b', 1)], Value::Null).await;
    let load = Load::start(address);
    for round in 0..10_u32 {
        load.more(50).await;
        let weights = [(1, 0), (9, 1), (1, 1), (1, 99), (0, 1)][round as usize % 5];
        let backends = json!([
            backend('a', weights.0, &[&instances[0]]),
            backend('b', weights.1, &[&instances[1]])
        ]);
        agent
            .route("shop", &json!({"listen": "127.0.0.1:0", "backends": backends}))
            .await;
        if weights.0 == 0 {
            // What has no weight any more is drained, stopped and replaced.
            agent
                .route_until("shop", |status| status.revisions[0].in_flight == 0)
                .await;
            let old = instances[0].name.clone();
            agent
                .client
                .delete(&format!("/v1/instances/{old}"))
                .await
                .unwrap();
            instances[0] = agent.echo(&format!("a-{round}"), 'a').await;
        }
    }
    load.more(50).await;
    let (good, failed) = load.end().await;
    assert!(
        failed.is_empty(),
        "{} of {good} failed: {failed:#?}",
        failed.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_costs_what_was_under_way_and_no_more() {
    let agent = Agent::start().await;
    let (address, instances) = routed(&agent, &[('a', 1), ('b', 1)], Value::Null).await;
    let load = Load::start(address);
    let mut kills = 0;
    for _ in 0..3 {
        load.more(100).await;
        let worker = agent.worker().await;
        kill(worker);
        kills += 1;
        agent.next_worker(worker).await;
    }
    load.more(100).await;
    let (good, failed) = load.end().await;
    // Each of 8 users has at most one request under way when the worker dies; no connection is refused.
    assert!(
        failed.len() <= 8 * kills,
        "{} of {good} failed: {failed:#?}",
        failed.len()
    );
    assert!(
        !failed.iter().any(|error| error.contains("ConnectionRefused")),
        "{failed:#?}"
    );
    println!(
        "{} of {} requests failed over {kills} kills of the worker",
        failed.len(),
        good
    );
    for instance in instances {
        assert_eq!(agent.instance(instance.name.as_str()).await.pid, instance.pid);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_outlive_every_process() {
    let agent = Agent::start().await;
    let (address, _) = routed(&agent, &[('a', 1)], Value::Null).await;
    let worker = agent.worker().await;
    kill(parent(worker));
    kill(worker);
    connect(&agent.dir).await;
    agent
        .until("a", "healthy", |status| state(status) == "healthy")
        .await;
    assert_eq!(shares(address, 10).await, counts(&[("a", 10)]));
    let taken = json!({"listen": address.to_string()});
    assert_eq!(
        agent.send(Method::PUT, "/v1/routes/other", &taken).await.status,
        422
    );
    agent.client.delete("/v1/routes/shop").await.unwrap();
    assert!(agent.client.delete("/v1/routes/shop").await.unwrap().gone);
    assert!(Http::new(false).get(address, "/").await.is_err());
    agent.route("other", &taken).await;
}

//! Effects are recorded before and after, and an interrupted call is run again against its record.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod kit;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, extract::State, http::Uri};
use kit::{Arg, Guest, Tape, pairs, run, text};
use serde_json::json;
use slipway_plugin::{Address, Call, EffectClass, Endpoint, Failure, PluginError, RecordError, StateStore};

/// What happened outside.
#[derive(Default)]
struct Outside {
    requests: Mutex<Vec<String>>,
    puts: AtomicUsize,
}

#[async_trait::async_trait]
impl StateStore for Outside {
    async fn get(&self) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    async fn put(&self, _value: String) -> Result<(), Failure> {
        self.puts.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

async fn served(outside: Arc<Outside>) -> Endpoint {
    let note = |State(outside): State<Arc<Outside>>, uri: Uri| async move {
        outside.requests.lock().unwrap().push(uri.path().to_owned());
        "noted"
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = Address::Url(format!("http://{}", listener.local_addr().unwrap()));
    let router = Router::new().fallback(note).with_state(outside);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Endpoint::at(address)
}

fn send(guest: Guest, path: &str, effect: i32) -> Guest {
    guest.call(
        "http",
        "send",
        &[
            text("api"),
            text("POST"),
            text(path),
            pairs(&[]),
            // Bytes, none of them.
            Arg::Int(0),
            text(""),
            Arg::Int(0),
            Arg::Int(0),
            Arg::Int(5000),
            Arg::Int(0),
            Arg::Int(effect),
        ],
    )
}

fn guest() -> Guest {
    let guest = Guest::new().log("begins").call("clock", "now", &[]);
    let guest = send(guest, "/idempotent", 1).call("state", "put", &[text("{}")]);
    send(guest, "/once", 2).log("ends")
}

fn call(tape: &Arc<Tape>, outside: &Arc<Outside>, endpoint: &Endpoint) -> Call {
    let mut call = Call::new(tape.clone()).endpoint("api", endpoint.clone());
    call.state = Some(outside.clone());
    call
}

#[tokio::test]
async fn an_effect_says_what_is_asked_and_what_came_of_it() {
    let outside = Arc::new(Outside::default());
    let endpoint = served(outside.clone()).await;
    let tape = Tape::new();
    run(&guest(), call(&tape, &outside, &endpoint)).await.unwrap();
    let effects = tape.effects();
    let names: Vec<_> = effects
        .iter()
        .map(|it| (it.capability.as_str(), it.operation.as_str(), it.class))
        .collect();
    assert_eq!(
        names,
        [
            ("log", "emit", EffectClass::Read),
            ("clock", "now", EffectClass::Read),
            ("http", "send", EffectClass::Idempotent),
            ("state", "put", EffectClass::Idempotent),
            ("http", "send", EffectClass::Once),
            ("log", "emit", EffectClass::Read),
        ]
    );
    assert_eq!(
        effects[2].request,
        json!({
            "endpoint": "api", "method": "POST", "path": "/idempotent",
            "headers": [], "body": "", "timeout-ms": 5000, "quiet-ms": 0,
        })
    );
    let answer = tape.outcomes()[2].clone().unwrap();
    assert_eq!(
        (&answer["status"], &answer["body"]),
        (&json!(200), &json!("noted"))
    );
}

#[tokio::test]
async fn a_call_that_is_cut_anywhere_is_finished_without_repeating_what_must_not_be() {
    let outside = Arc::new(Outside::default());
    let endpoint = served(outside.clone()).await;
    let whole = Tape::new();
    run(&guest(), call(&whole, &outside, &endpoint)).await.unwrap();
    assert_eq!(whole.boundaries(), 24);

    for cut in 0..whole.boundaries() {
        let outside = Arc::new(Outside::default());
        let endpoint = served(outside.clone()).await;
        let first = Tape::new().again(Some(cut));
        let stopped = run(&guest(), call(&first, &outside, &endpoint)).await;
        assert!(
            matches!(
                stopped,
                Err(PluginError::Record {
                    source: RecordError::Stopped,
                    ..
                })
            ),
            "cut {cut}"
        );

        let second = first.again(None);
        let resumed = run(&guest(), call(&second, &outside, &endpoint)).await;
        let requests = outside.requests.lock().unwrap().clone();
        let once = requests.iter().filter(|path| *path == "/once").count();
        // The intent of the fifth effect is kept at boundary 17, its outcome at boundary 19.
        if (17..19).contains(&cut) {
            assert!(
                matches!(
                    &resumed,
                    Err(PluginError::Record {
                        source: RecordError::Undecided(_),
                        ..
                    })
                ),
                "cut {cut}: {resumed:?}"
            );
            assert_eq!(once, cut - 17, "cut {cut}");
            let answered = second.decided(once == 1);
            run(&guest(), call(&answered, &outside, &endpoint)).await.unwrap();
            let requests = outside.requests.lock().unwrap();
            let sent = requests.iter().filter(|path| *path == "/once").count();
            assert_eq!(sent, 1, "cut {cut}");
            let status = &answered.outcomes()[4].clone().unwrap()["status"];
            assert_eq!(status, if once == 1 { 204 } else { 200 }, "cut {cut}");
            assert_eq!(answered.effects(), whole.effects(), "cut {cut}");
            continue;
        }
        resumed.unwrap_or_else(|error| panic!("cut {cut}: {error}"));
        assert_eq!(once, 1, "cut {cut}: {requests:?}");
        let (idempotent, puts) = (requests.len() - once, outside.puts.load(Ordering::SeqCst));
        // Performed a second time only if its outcome was lost: at the boundary before it is kept.
        assert_eq!(idempotent, if cut == 10 { 2 } else { 1 }, "cut {cut}");
        assert_eq!(puts, if cut == 14 { 2 } else { 1 }, "cut {cut}");
        assert_eq!(second.effects(), whole.effects(), "cut {cut}");
    }
}

#[tokio::test]
async fn a_finished_call_that_is_run_again_performs_nothing() {
    let outside = Arc::new(Outside::default());
    let endpoint = served(outside.clone()).await;
    let tape = Tape::new();
    run(&guest(), call(&tape, &outside, &endpoint)).await.unwrap();
    // Without anything granted: all of it comes from the record.
    run(&guest(), Call::new(tape.again(None))).await.unwrap();
    assert_eq!(outside.requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_call_that_differs_from_its_record_ends() {
    let tape = Tape::new();
    run(&Guest::new().log("same").log("one"), Call::new(tape.clone()))
        .await
        .unwrap();
    let other = Guest::new().log("same").log("two").log("three");
    let again = tape.again(None);
    let error = run(&other, Call::new(again.clone())).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "guest stop: its effect 1 \
         was log.emit {\"level\":\"info\",\"message\":\"one\"} \
         and is now log.emit {\"level\":\"info\",\"message\":\"two\"}"
    );
    assert_eq!(again.effects().len(), 2);
}

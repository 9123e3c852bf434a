//! State, registries, progress and lines: small things that pass between a guest and the host as they are.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod kit;

use std::sync::{Arc, Mutex};

use kit::{Arg, Guest, Tape, plain, run, text, told};
use serde_json::{Value, json};
use slipway_model::Digest;
use slipway_plugin::{Call, Capabilities, Failure, FailureKind, Lookup, RegistryAccess, StateStore, Wanted};

#[derive(Default)]
struct Kept(Mutex<Option<String>>);

#[async_trait::async_trait]
impl StateStore for Kept {
    async fn get(&self) -> Result<Option<String>, Failure> {
        Ok(self.0.lock().unwrap().clone())
    }

    async fn put(&self, value: String) -> Result<(), Failure> {
        *self.0.lock().unwrap() = Some(value);
        Ok(())
    }
}

/// Holds one manifest, and says the same bytes for any other digest.
struct Honest(&'static [u8]);

#[async_trait::async_trait]
impl RegistryAccess for Honest {
    async fn resolve(&self, _: &str, _: &str, reference: &str) -> Result<(String, Digest, u64), Failure> {
        match reference {
            "1.0" => Ok(("text/plain".to_owned(), Digest::of(self.0), self.0.len() as u64)),
            other => Err(Failure::new(FailureKind::Invalid, format!("no tag {other}")).hint("push it")),
        }
    }

    async fn manifest(&self, _: &str, _: &str, _: Digest) -> Result<Vec<u8>, Failure> {
        Ok(self.0.to_vec())
    }
}

/// A cluster that has whatever it is asked for, but for what is called `none`.
struct Cluster;

#[async_trait::async_trait]
impl Lookup for Cluster {
    async fn find(&self, wanted: &Wanted) -> Result<Option<Value>, Failure> {
        Ok(match wanted.name.as_str() {
            "none" => None,
            "big" => Some("a".repeat(1 << 20).into()),
            _ => Some(json!(wanted)),
        })
    }

    async fn capabilities(&self) -> Result<Capabilities, Failure> {
        Ok(Capabilities {
            version: "v1.35.4".to_owned(),
            apis: vec!["apps/v1".to_owned(), "v1".to_owned()],
        })
    }
}

async fn state(store: &Arc<Kept>, function: &str, arguments: &[Arg]) -> Result<Value, String> {
    let guest = Guest::new().call("state", function, arguments);
    let grant = |mut call: Call| {
        call.state = Some(store.clone());
        call
    };
    plain(told(&guest, grant).await)
}

#[tokio::test]
async fn state_is_a_small_document() {
    let store = Arc::new(Kept::default());
    assert_eq!(state(&store, "get", &[]).await, Ok(Value::Null));
    assert_eq!(state(&store, "put", &[text(r#"{"a":1}"#)]).await, Ok(Value::Null));
    assert_eq!(state(&store, "get", &[]).await, Ok(json!(r#"{"a":1}"#)));
    let big = format!("\"{}\"", "a".repeat(1 << 20));
    for (value, problem) in [
        ("{", "the state is not JSON"),
        (
            big.as_str(),
            "the state has 1048578 bytes, at most 1 MiB are kept",
        ),
    ] {
        let refused = state(&store, "put", &[text(value)]).await.unwrap_err();
        assert!(refused.starts_with(problem), "{refused}");
    }
    assert_eq!(store.0.lock().unwrap().as_deref(), Some(r#"{"a":1}"#));
    let none = told(&Guest::new().call("state", "get", &[]), |call| call).await;
    assert_eq!(none.unwrap_err().message, "this call has no state");
}

async fn registry(function: &str, reference: &str) -> Result<Value, String> {
    let guest = Guest::new().call(
        "registry",
        function,
        &[text("dev"), text("shop/web"), text(reference)],
    );
    let grant = |mut call: Call| {
        call.registries = Some(Arc::new(Honest(b"manifest")));
        call
    };
    plain(told(&guest, grant).await)
}

#[tokio::test]
async fn what_a_registry_sends_is_verified() {
    let digest = Digest::of("manifest");
    let found = json!({ "media_type": "text/plain", "digest": digest, "size": 8 });
    assert_eq!(registry("resolve", "1.0").await, Ok(found));
    assert_eq!(registry("resolve", "2.0").await, Err("no tag 2.0".to_owned()));
    assert_eq!(
        registry("manifest", &digest.to_string()).await,
        Ok(json!("manifest"))
    );
    let other = Digest::of("other");
    let expected = format!("dev:shop/web@{other}: the registry sent bytes of {digest}");
    assert_eq!(registry("manifest", &other.to_string()).await, Err(expected));
    assert!(
        registry("manifest", "1.0")
            .await
            .unwrap_err()
            .starts_with("`1.0` is not a digest")
    );
    let guest = Guest::new().call("registry", "resolve", &[text("dev"), text("x"), text("1")]);
    assert_eq!(
        told(&guest, |call| call).await.unwrap_err().message,
        "no registry is granted"
    );
}

#[tokio::test]
async fn what_is_looked_up_is_bounded() {
    let find = async |name: &str, granted: bool| {
        let arguments = ["v1", "ConfigMap", "shop", name].map(text);
        let guest = Guest::new().call("lookup", "find", &arguments);
        let grant = |mut call: Call| {
            call.lookup = granted.then(|| Arc::new(Cluster) as Arc<dyn Lookup>);
            call
        };
        plain(told(&guest, grant).await)
    };
    let found = find("a", true).await.unwrap();
    let found: Value = serde_json::from_str(found.as_str().unwrap()).unwrap();
    let wanted = json!({ "api-version": "v1", "kind": "ConfigMap", "namespace": "shop", "name": "a" });
    assert_eq!(found, wanted);
    assert_eq!(find("none", true).await, Ok(Value::Null));
    let big = "ConfigMap (v1) shop/big: 1048578 bytes, and at most 1 MiB are handed on";
    assert_eq!(find("big", true).await, Err(big.to_owned()));
    let none = "nothing is looked up in a cluster here";
    assert_eq!(find("a", false).await, Err(none.to_owned()));
    let guest = Guest::new().call("lookup", "capabilities", &[]);
    let grant = |mut call: Call| {
        call.lookup = Some(Arc::new(Cluster));
        call
    };
    let found = plain(told(&guest, grant).await).unwrap();
    assert_eq!(found, json!({ "version": "v1.35.4", "apis": ["apps/v1", "v1"] }));
    let none_is = plain(told(&guest, |call| call).await);
    assert_eq!(none_is, Err(none.to_owned()));
}

#[tokio::test]
async fn progress_is_recorded_when_it_is_news() {
    let report = |guest: Guest, what: &str, done: i64| {
        guest.call(
            "progress",
            "report",
            &[text(what), Arg::Long(done), Arg::Int(1), Arg::Long(1000)],
        )
    };
    let guest = (0..=200).fold(Guest::new(), |guest, done| report(guest, "copying", done));
    let guest = report(guest, "checking", 200);
    let tape = Tape::new();
    run(&guest, Call::new(tape.clone())).await.unwrap();
    let effects = tape.effects();
    assert_eq!(effects.len(), 22);
    assert_eq!(
        effects[20].request,
        json!({ "what": "copying", "done": 200, "total": 1000 })
    );
    assert_eq!(effects[21].request["what"], "checking");
}

#[tokio::test]
async fn lines_are_recorded_as_they_may_be_printed() {
    let tape = Tape::new();
    run(&Guest::new().log("\u{1b}[31mred\u{7}"), Call::new(tape.clone()))
        .await
        .unwrap();
    assert_eq!(
        tape.effects()[0].request,
        json!({ "level": "info", "message": "[31mred" })
    );
}

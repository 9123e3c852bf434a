//! How fast a record is gone through again: a run that was interrupted in a call with many effects is opened, and the
//! call is made again, each of its effects answered from the ledger's file instead of being performed. `cargo bench -p
//! slipway-engine`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first error and prints"
)]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::{Value, json};
use slipway_engine::{Ambient, Engine, Event, Failed, Observer, Operator, Run, Workspace};
use slipway_journal::{Acquired, NewRun, Owner, Scope, SqliteStore};
use slipway_model::RunId;
use slipway_plugin::{
    Begin, Call, Capabilities, Check, Effect, EffectClass, Endpoint, Failure, Format, Http, HttpAnswer,
    HttpRequest, Kind, PluginError, PluginInfo, Plugins, RecordError, Router, Secret, Target, Wanted,
};
use slipway_registry::{Anonymous, Client, Patience};
use tokio_util::sync::CancellationToken;

const EFFECTS: u32 = 100_000;
const ROUNDS: u32 = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    runtime.block_on(bench(&folder.path().join("ledger.db")));
}

async fn bench(ledger: &Path) {
    let scope = Scope {
        service: "shop".parse().unwrap(),
        environment: "prod".parse().unwrap(),
    };
    let id: RunId = "r-1".parse().unwrap();
    let engine = engine(ledger);
    let owner = Owner::current(id.clone()).unwrap();
    let acquired = engine
        .store
        .acquire(&scope, &owner, Timestamp::now())
        .await
        .unwrap();
    let Acquired::Lease(lease) = acquired else {
        panic!("the ledger is new")
    };
    let new = NewRun {
        id: id.clone(),
        steps: vec![],
        plan: "{}".into(),
    };
    let run = Run::create(&engine, lease.clone(), new, CancellationToken::new())
        .await
        .unwrap();
    let began = Instant::now();
    call(&run, true).await;
    run.journal().flush().await.unwrap();
    println!(
        "recorded: {EFFECTS} effects in {:.2} s",
        began.elapsed().as_secs_f64()
    );
    drop(run);
    let (mut opened, mut answered) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let run = Run::reopen(&engine, lease.clone(), CancellationToken::new())
            .await
            .unwrap();
        opened = opened.min(began.elapsed().as_secs_f64());
        let began = Instant::now();
        call(&run, false).await;
        answered = answered.min(began.elapsed().as_secs_f64());
    }
    let rate = |seconds: f64| f64::from(EFFECTS) / seconds;
    println!(
        "opened and folded                        {:>9.0} effects/s",
        rate(opened)
    );
    println!(
        "answered from the record                 {:>9.0} effects/s",
        rate(answered)
    );
    println!(
        "replayed, both together (goal 100,000)   {:>9.0} effects/s",
        rate(opened + answered)
    );
}

/// A call that never comes to its end, so that it is made again.
async fn call(run: &Run, first: bool) {
    let made: Result<(), _> = run
        .call("call", json!("many effects"), |call| many(call, first))
        .await;
    assert!(made.is_err(), "it is interrupted");
}

async fn many(call: Call, first: bool) -> Result<(), PluginError> {
    let told = Ok(json!({ "status": 200, "body": { "pid": 4711 } }));
    for number in 0..EFFECTS {
        let path = format!("/instances/shop-prod-ab12cd34-{number}");
        let effect = Effect {
            capability: "http".to_owned(),
            operation: "send".to_owned(),
            class: EffectClass::Read,
            request: json!({ "method": "GET", "path": path }),
        };
        match call.recorder.begin(effect).await {
            Ok(Begin::Perform(ticket)) if first => call.recorder.finish(ticket, &told).await.unwrap(),
            Ok(Begin::Recorded(recorded)) if !first => assert_eq!(recorded, told),
            _ => panic!("an effect is performed once"),
        }
    }
    Err(PluginError::Record {
        plugin: "bench".to_owned(),
        verb: "call",
        source: RecordError::Stopped,
    })
}

fn engine(ledger: &Path) -> Engine {
    let _set = rustls::crypto::ring::default_provider().install_default();
    Engine {
        workspace: Workspace::new(ledger.parent().unwrap()),
        plugins: Arc::new(Nobody),
        brought: BTreeMap::new(),
        store: Arc::new(SqliteStore::open(ledger).unwrap()),
        operator: Arc::new(Nobody),
        http: Arc::new(Nobody),
        ambient: Arc::new(Nobody),
        observer: Arc::new(Nobody),
        signer: None,
        package_signer: None,
        trust: None,
        registries: Client::new(Anonymous, Patience::default()).unwrap(),
        wait: Duration::ZERO,
    }
}

/// Whom nothing is asked here.
struct Nobody;

#[async_trait::async_trait]
impl Plugins for Nobody {
    async fn format(&self, _: &str) -> Result<Arc<dyn Format>, PluginError> {
        unreachable!("nothing is packed")
    }

    async fn target(&self, _: &str) -> Result<Arc<dyn Target>, PluginError> {
        unreachable!("nothing is deployed")
    }

    async fn router(&self, _: &str) -> Result<Arc<dyn Router>, PluginError> {
        unreachable!("nobody is routed")
    }

    async fn check(&self, _: &str) -> Result<Arc<dyn Check>, PluginError> {
        unreachable!("nothing is checked")
    }

    fn list(&self) -> Vec<PluginInfo> {
        Vec::new()
    }

    async fn settings_schema(&self, _: Kind, _: &str) -> Result<Value, PluginError> {
        unreachable!("there are no settings")
    }
}

#[async_trait::async_trait]
impl Operator for Nobody {
    async fn endpoint(&self, _: &str) -> Result<Endpoint, Failed> {
        unreachable!("nothing leaves")
    }

    async fn cluster(&self, _: Option<&str>) -> Result<Endpoint, Failed> {
        unreachable!("nothing leaves")
    }

    async fn look_up(&self, _: Option<&str>, _: &Wanted, _: &dyn Http) -> Result<Option<Value>, Failure> {
        unreachable!("nothing leaves")
    }

    async fn capabilities(&self, _: Option<&str>, _: &dyn Http) -> Result<Capabilities, Failure> {
        unreachable!("nothing leaves")
    }

    async fn folder(&self, _: &str) -> Result<PathBuf, Failed> {
        unreachable!("nothing is written")
    }

    fn host(&self, _: &str) -> Result<(), Failed> {
        unreachable!("nothing is run")
    }

    fn plain_http(&self, _: &str) -> Result<(), Failed> {
        unreachable!("nothing leaves")
    }

    async fn secret(&self, _: &str, _: &str) -> Result<Secret, Failed> {
        unreachable!("nothing leaves")
    }
}

#[async_trait::async_trait]
impl Http for Nobody {
    async fn send(&self, _: &str, _: &Endpoint, _: HttpRequest) -> Result<HttpAnswer, Failure> {
        unreachable!("nothing leaves")
    }
}

impl Ambient for Nobody {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn run_id(&self) -> RunId {
        unreachable!("there is one run")
    }

    fn who(&self) -> String {
        "bench".to_owned()
    }
}

impl Observer for Nobody {
    fn event(&self, _: &RunId, _: &Event) {}
}

//! A server that is lost in the middle of a run: it is waited for, nothing confirmed is lost, and nothing is there twice.

use std::{
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use slipway_journal::{
    Acquired, Class, Cutover, Durability, Entry, EnvironmentState, Error, Journal, Owner, PostgresStore,
    Record, Reply, RunFilter, RunStatus, Signal, SignalKind, Store,
};
use slipway_model::Digest;
use slipway_servers::Postgres;

use super::common::{Ledger, at, lease, lines, new_run, scope};

const LANES: u64 = 8;
const PATIENCE: Duration = Duration::from_secs(60);

async fn open(url: &str, patience: Duration) -> Arc<dyn Store> {
    let settings: slipway_journal::PostgresSettings = url.parse().unwrap();
    Arc::new(
        PostgresStore::open(settings.patience(patience), None)
            .await
            .unwrap(),
    )
}

/// Appends in many lanes while something happens; what was confirmed is there, once, and the journal is legal.
async fn appending_while(url: &str, happens: impl FnOnce() + Send + 'static) {
    let store = open(url, PATIENCE).await;
    let held = lease(&*store, "r-1").await;
    let journal = Journal::create(store.clone(), held.clone(), new_run("r-1"), at(1));
    let journal = Arc::new(journal.await.unwrap());
    let confirmed: Arc<Mutex<Vec<(u64, String)>>> = Arc::default();
    let over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let lanes: Vec<_> = (0..LANES)
        .map(|lane| {
            let (journal, confirmed, over) = (journal.clone(), confirmed.clone(), over.clone());
            tokio::spawn(async move {
                for round in 0.. {
                    if over.load(std::sync::atomic::Ordering::Relaxed) {
                        return;
                    }
                    let key = format!("{lane}/{round}");
                    let seq = journal
                        .intent(at(2), &key, Class::Once, json!({}), None)
                        .await
                        .unwrap();
                    confirmed.lock().unwrap().push((seq, key.clone()));
                    journal.outcome(at(3), &key, Ok(json!(1))).await.unwrap();
                }
            })
        })
        .collect();
    tokio::task::spawn_blocking(happens).await.unwrap();
    let before = confirmed.lock().unwrap().len();
    while confirmed.lock().unwrap().len() < before + 10 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    over.store(true, std::sync::atomic::Ordering::Relaxed);
    for lane in lanes {
        lane.await.unwrap();
    }
    journal.flush().await.unwrap();
    let entries = store.entries(&held.run, 0, u32::MAX).await.unwrap();
    let status = RunStatus::fold(&entries).unwrap();
    assert_eq!(status.last(), entries.len() as u64);
    assert_eq!(status.last(), journal.with_status(RunStatus::last));
    let confirmed = confirmed.lock().unwrap();
    for (seq, key) in confirmed.iter() {
        let entry = &entries[usize::try_from(*seq).unwrap() - 1].entry;
        assert!(
            matches!(entry, Entry::Intent { activity, .. } if activity == key),
            "{seq}: {entry:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_loses_nothing_that_was_confirmed() {
    let server = Arc::new(Postgres::start());
    let url = server.database();
    let killed = server.clone();
    appending_while(&url, move || {
        for round in 0..5 {
            thread::sleep(Duration::from_millis(100 + 37 * round));
            killed.kill();
            thread::sleep(Duration::from_millis(50 * round));
            killed.restart();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_are_made_again() {
    let server = Arc::new(Postgres::start());
    let url = server.database();
    let cut = server.clone();
    appending_while(&url, move || {
        for _ in 0..20 {
            cut.sql("postgres", CUT);
            thread::sleep(Duration::from_millis(30));
        }
    })
    .await;
}

const CUT: &str =
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'slipway'";

/// Cuts the connection when what was asked is committed and not yet confirmed: a commit waits for a second server that
/// does not exist, and is then durable on this one.
async fn unconfirmed<T: Send + 'static>(server: &Arc<Postgres>, ask: impl FnOnce() -> Reply<T>) -> T {
    server.sql(
        "postgres",
        "ALTER SYSTEM SET synchronous_standby_names = 'nobody'",
    );
    server.sql("postgres", "SELECT pg_reload_conf()");
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    // Until it has been heard everywhere that commits wait now.
    thread::sleep(Duration::from_millis(200));
    let reply = ask();
    let started = Instant::now();
    while server.sql("postgres", waits) == "0" {
        assert!(started.elapsed() < PATIENCE, "nothing is committed");
    }
    server.sql("postgres", CUT);
    server.sql("postgres", "ALTER SYSTEM RESET synchronous_standby_names");
    server.sql("postgres", "SELECT pg_reload_conf()");
    reply.await.unwrap()
}

#[tokio::test]
async fn what_was_committed_and_never_confirmed_is_found() {
    let server = Arc::new(Postgres::start());
    let url = server.database();
    let store = open(&url, PATIENCE).await;
    let owner = Owner::current("r-1".parse().unwrap()).unwrap();
    let acquired = unconfirmed(&server, || store.acquire(&scope(), &owner, at(0))).await;
    let Acquired::Lease(held) = acquired else {
        panic!("the lease that it took itself is its own: {acquired:?}");
    };
    unconfirmed(&server, || store.create_run(&held, new_run("r-1"), at(1))).await;
    let records = |first: u64| {
        let entry = |kind: &str| Entry::Event {
            kind: kind.to_owned(),
            data: json!(first),
        };
        let record = |(seq, kind)| Record {
            seq,
            at: at(2),
            entry: entry(kind),
        };
        (first..).zip(["a", "b"]).map(record).collect::<Vec<_>>()
    };
    unconfirmed(&server, || {
        store.append(&held, lines(&records(2)), vec![], Durability::Now)
    })
    .await;
    store
        .append(&held, lines(&records(4)), vec![], Durability::Now)
        .await
        .unwrap();
    let entries = store.entries(&held.run, 0, 100).await.unwrap();
    assert_eq!(entries[1..], [records(2), records(4)].concat());

    let signal = Signal {
        kind: SignalKind::Pause,
        by: "ada".into(),
        reason: "lunch".into(),
        at: at(3),
    };
    unconfirmed(&server, || store.signal(&held.run, signal)).await;
    assert_eq!(store.signals(&held.run, 0).await.unwrap().len(), 1);
    let state = EnvironmentState::default();
    let generation = unconfirmed(&server, || store.set_environment(&held, 0, state)).await;
    assert_eq!(generation, 1);
    unconfirmed(&server, || store.set_plugin_state(&held, "machine", json!(1))).await;
    let cutover = Cutover {
        package: Digest::of("package"),
        revision: Digest::of("revision"),
        version: "1.0.0".into(),
        run: held.run.clone(),
        at: at(4),
    };
    unconfirmed(&server, || store.record_cutover(&held, cutover)).await;
    let (_, database) = url.rsplit_once('/').unwrap();
    assert_eq!(server.sql(database, "SELECT count(*) FROM slipway.cutovers"), "1");
    unconfirmed(&server, || store.heartbeat(&held, at(5))).await;
    unconfirmed(&server, || store.release(&held)).await;
    assert_eq!(store.holder(&scope()).await.unwrap(), None);
}

#[tokio::test]
async fn a_lease_that_was_lost_meanwhile_is_lost() {
    let server = Postgres::start();
    let url = server.database();
    let (store, other) = (open(&url, PATIENCE).await, open(&url, PATIENCE).await);
    // As a process of an earlier boot: whoever sees it knows that it is dead.
    let owner = Owner {
        boot: "an earlier boot".into(),
        ..Owner::current("r-1".parse().unwrap()).unwrap()
    };
    let Acquired::Lease(stale) = store.acquire(&scope(), &owner, at(0)).await.unwrap() else {
        panic!("the ledger is new");
    };
    store.create_run(&stale, new_run("r-1"), at(1)).await.unwrap();
    server.kill();
    server.restart();
    let fresh = lease(&*other, "r-1").await;
    let record = |kind: &str| {
        let entry = Entry::Event {
            kind: kind.to_owned(),
            data: json!(1),
        };
        vec![Record {
            seq: 2,
            at: at(2),
            entry,
        }]
    };
    let refused = store
        .append(&stale, lines(&record("stale")), vec![], Durability::Now)
        .await;
    assert!(matches!(refused, Err(Error::Fenced { .. })), "{refused:?}");
    other
        .append(&fresh, lines(&record("fresh")), vec![], Durability::Now)
        .await
        .unwrap();
    assert_eq!(other.entries(&fresh.run, 1, 10).await.unwrap(), record("fresh"));
}

#[tokio::test]
async fn after_the_limit_it_is_said_and_the_run_can_be_resumed() {
    let server = Postgres::start();
    let url = server.database();
    let store = open(&url, Duration::from_millis(1500)).await;
    let held = lease(&*store, "r-1").await;
    let journal = Journal::create(store.clone(), held.clone(), new_run("r-1"), at(1))
        .await
        .unwrap();
    server.kill();
    let started = Instant::now();
    let lost = journal
        .intent(at(2), "a", Class::Once, json!({}), None)
        .await
        .unwrap_err();
    let waited = started.elapsed();
    assert!(waited >= Duration::from_millis(1500), "{waited:?}");
    let said = lost.to_string();
    assert!(matches!(lost, Error::Lost { .. }), "{said}");
    assert!(
        said.contains("nothing that was confirmed is lost") && said.contains("slipway resume"),
        "{said}"
    );
    assert!(!said.contains("cret"), "{said}");
    // Who asks next is not kept waiting as long again.
    let started = Instant::now();
    assert!(matches!(
        store.heartbeat(&held, at(3)).await,
        Err(Error::Lost { .. })
    ));
    assert!(started.elapsed() < Duration::from_millis(1500));

    server.restart();
    store.release(&held).await.unwrap();
    let held = lease(&*store, "r-1").await;
    let resumed = Journal::reopen(store, held, "process 2", at(4)).await.unwrap();
    assert_eq!(resumed.with_status(RunStatus::last), 2);
}

/// By the server's clock, and not while the server was away: with a heartbeat of long ago, a stranger keeps its lease
/// until the server has run for as long as a lease lasts.
#[tokio::test]
async fn a_silent_stranger_loses_its_lease() {
    let ledger = Ledger::postgres();
    let store = ledger.open().await;
    let owner = Owner::current("r-1".parse().unwrap()).unwrap();
    let stranger = Owner {
        host: "elsewhere".into(),
        ..owner.clone()
    };
    let take = |owner: &Owner| store.acquire(&scope(), owner, at(0));
    let Acquired::Lease(held) = take(&stranger).await.unwrap() else {
        panic!("the ledger is new");
    };
    ledger.age(1000);
    if ledger.up() < 25 {
        assert!(matches!(take(&owner).await.unwrap(), Acquired::Held(holder) if holder.owner == stranger));
    }
    ledger.long_enough_up().await;
    store.heartbeat(&held, at(0)).await.unwrap();
    ledger.age(25);
    assert!(matches!(take(&owner).await.unwrap(), Acquired::Held(holder) if holder.owner == stranger));
    ledger.age(10);
    assert!(matches!(take(&owner).await.unwrap(), Acquired::Lease(lease) if lease.token > held.token));
    let refused = store.heartbeat(&held, at(0)).await;
    assert!(matches!(refused, Err(Error::Fenced { .. })), "{refused:?}");
}

#[tokio::test]
async fn many_in_flight_are_a_few_commits() {
    let ledger = Ledger::postgres();
    let store = ledger.open().await;
    let held = lease(&*store, "r-1").await;
    store.create_run(&held, new_run("r-1"), at(1)).await.unwrap();
    let record = |seq| Record {
        seq,
        at: at(2),
        entry: Entry::Event {
            kind: "a".into(),
            data: json!(seq),
        },
    };
    let replies: Vec<_> = (2..66)
        .map(|seq| store.append(&held, lines(&[record(seq)]), vec![], Durability::Now))
        .collect();
    for reply in replies {
        reply.await.unwrap();
    }
    let commits: u32 = ledger
        .sql("SELECT count(DISTINCT xmin::text) FROM entries WHERE seq > 1")
        .parse()
        .unwrap();
    assert!(commits <= 3, "{commits}");
    assert_eq!(store.runs(RunFilter::default()).await.unwrap().len(), 1);
}

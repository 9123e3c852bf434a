//! What a journalled effect costs, each figure with its ratio: against appending the same bytes to a file with
//! `fdatasync` on the same disk, alone and 64 in flight; and how long a run of 10,000 effects takes to fold.
//!
//! `cargo bench -p slipway-journal`, in a folder of `SLIPWAY_BENCH_DIR` or the target folder (not a tmpfs).

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark ends at the first error and prints"
)]

use std::{
    env,
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::json;
use slipway_journal::{
    Acquired, Class, Entry, Journal, NewRun, Owner, Record, RunStatus, Scope, SqliteStore, Store,
};

const ALONE: u32 = 1000;
const TURNS: u32 = 5;
const LANES: u32 = 64;
const PER_LANE: u32 = 250;
const EFFECTS: u32 = 10_000;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let below =
        env::var_os("SLIPWAY_BENCH_DIR").map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    let folder = tempfile::tempdir_in(below).unwrap();
    runtime.block_on(bench(folder.path()));
}

async fn bench(folder: &Path) {
    let journal = journal(&folder.join("ledger.db")).await;
    let mut file = File::create(folder.join("raw")).unwrap();
    effects(&journal, "warm", 100).await;
    raw(&mut file, 100);
    // In turns, so that a disk that changes its mood does so for both; the middle turn counts.
    let mut turns: Vec<(Duration, Duration)> = Vec::new();
    for turn in 0..TURNS {
        turns.push((
            raw(&mut file, ALONE),
            effects(&journal, &turn.to_string(), ALONE).await,
        ));
    }
    turns.sort_by(|one, other| ratio(*one).total_cmp(&ratio(*other)));
    let (raw_time, alone) = turns[turns.len() / 2];
    println!(
        "append + fdatasync of the same bytes   {:>9.1} us",
        micros(raw_time, ALONE)
    );
    println!(
        "idempotent effect, journalled          {:>9.1} us",
        micros(alone, ALONE)
    );
    println!(
        "ratio (goal: at most 1.3)              {:>9.2}",
        ratio((raw_time, alone))
    );

    let together = in_flight(&journal).await;
    let rate = |time: Duration, count: u32| f64::from(count) / time.as_secs_f64();
    let (one, many) = (rate(alone, ALONE), rate(together, LANES * PER_LANE));
    println!("effects per second, one in flight      {one:>9.0}");
    println!("effects per second, {LANES} in flight       {many:>9.0}");
    println!("ratio (goal: at least 20)              {:>9.1}", many / one);
    drop(journal);

    let path = folder.join("fold.db");
    let long = self::journal(&path).await;
    for effect in 0..EFFECTS {
        let key = format!("effect/{effect}");
        long.intent(
            Timestamp::UNIX_EPOCH,
            &key,
            Class::Read,
            json!({"path": "/instances"}),
            None,
        )
        .await
        .unwrap();
        long.outcome(Timestamp::UNIX_EPOCH, &key, Ok(json!({"status": 200})))
            .await
            .unwrap();
    }
    long.flush().await.unwrap();
    let store = SqliteStore::open(&path).unwrap();
    let start = Instant::now();
    let entries = store.entries(&"r-1".parse().unwrap(), 0, u32::MAX).await.unwrap();
    let status = RunStatus::fold(&entries).unwrap();
    assert_eq!(status.activities().count(), EFFECTS as usize);
    println!(
        "read and fold {EFFECTS} effects (goal 300) {:>9.1} ms",
        start.elapsed().as_secs_f64() * 1000.0
    );
}

async fn effects(journal: &Journal, prefix: &str, count: u32) -> Duration {
    let start = Instant::now();
    for effect in 0..count {
        one(journal, &format!("{prefix}/{effect}")).await;
    }
    journal.flush().await.unwrap();
    start.elapsed()
}

async fn in_flight(journal: &Arc<Journal>) -> Duration {
    let start = Instant::now();
    let lanes: Vec<_> = (0..LANES)
        .map(|lane| {
            let journal = journal.clone();
            tokio::spawn(async move {
                for effect in 0..PER_LANE {
                    one(&journal, &format!("lane/{lane}/{effect}")).await;
                }
            })
        })
        .collect();
    for lane in lanes {
        lane.await.unwrap();
    }
    journal.flush().await.unwrap();
    start.elapsed()
}

async fn one(journal: &Journal, key: &str) {
    journal
        .intent(Timestamp::UNIX_EPOCH, key, Class::Idempotent, request(), None)
        .await
        .unwrap();
    journal
        .outcome(Timestamp::UNIX_EPOCH, key, Ok(response()))
        .await
        .unwrap();
}

fn request() -> serde_json::Value {
    json!({"method": "PUT", "path": "/instances/shop-prod-ab12cd34-1", "body": {"ports": ["http"]}})
}

fn response() -> serde_json::Value {
    json!({"status": 200, "body": {"pid": 4711}})
}

fn raw(file: &mut File, count: u32) -> Duration {
    let line = |entry| {
        Record {
            seq: 1000,
            at: Timestamp::UNIX_EPOCH,
            entry,
        }
        .to_line()
        .unwrap()
            + "\n"
    };
    let activity = "raw/1000".to_owned();
    let bytes = line(Entry::Intent {
        activity: activity.clone(),
        class: Class::Idempotent,
        request: request(),
        parent: None,
    }) + &line(Entry::Outcome {
        activity,
        result: Ok(response()),
    });
    let start = Instant::now();
    for _ in 0..count {
        file.write_all(bytes.as_bytes()).unwrap();
        file.sync_data().unwrap();
    }
    start.elapsed()
}

async fn journal(path: &Path) -> Arc<Journal> {
    let store = Arc::new(SqliteStore::open(path).unwrap());
    let scope = Scope {
        service: "shop".parse().unwrap(),
        environment: "prod".parse().unwrap(),
    };
    let owner = Owner::current("r-1".parse().unwrap()).unwrap();
    let Acquired::Lease(lease) = store
        .acquire(&scope, &owner, Timestamp::UNIX_EPOCH)
        .await
        .unwrap()
    else {
        panic!("the ledger is new")
    };
    let run = NewRun {
        id: lease.run.clone(),
        steps: vec![],
        plan: "{}".into(),
    };
    Arc::new(
        Journal::create(store, lease, run, Timestamp::UNIX_EPOCH)
            .await
            .unwrap(),
    )
}

fn ratio((raw, journalled): (Duration, Duration)) -> f64 {
    journalled.as_secs_f64() / raw.as_secs_f64()
}

fn micros(time: Duration, count: u32) -> f64 {
    time.as_secs_f64() * 1e6 / f64::from(count)
}

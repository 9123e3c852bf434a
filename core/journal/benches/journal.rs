//! What a journalled effect costs, each figure with its ratio: against appending the same bytes to a file with
//! `fdatasync` on the same disk, alone and 64 in flight; how long a run of 10,000 effects takes to fold; and what a run
//! that reads 50 MB of logs makes of the ledger. Then the same of a ledger in PostgreSQL, beside that of SQLite: a server
//! of this machine with its data on the same disk, so what is compared is the way there and the server's own work.
//!
//! Two things that are compared take short turns, so that a disk or a machine that changes its mood does so for both,
//! and the middle turn counts. Both files grow, and both have every effect on the disk before the next one begins.
//!
//! One in flight is bound by the disk, 64 by the processors: so their ratio depends on how fast the disk is. On two cores it
//! is about 11 where `fdatasync` takes 0.2 ms, and over 30 from 0.5 ms on.
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
    Acquired, Bodies, Class, Entry, Journal, NewRun, Owner, PostgresStore, Record, RunStatus, Scope,
    SqliteStore, Store,
};
use slipway_servers::Postgres;

const TURN: u32 = 50;
/// In which the ledger's log grows; after that it is overwritten in place.
const GROWING: u32 = 8;
const TURNS: u32 = 40;
const LANES: u32 = 64;
const PER_LANE: u32 = 250;
const EFFECTS: u32 = 10_000;
const FOLDS: u32 = 9;
/// 50 MB in the pieces that targets answer with.
const PIECES: usize = 191;
const PIECE: usize = 256 << 10;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let below =
        env::var_os("SLIPWAY_BENCH_DIR").map_or_else(|| env!("CARGO_TARGET_TMPDIR").into(), PathBuf::from);
    let folder = tempfile::tempdir_in(&below).unwrap();
    let server = Postgres::start_below(&below);
    runtime.block_on(bench(folder.path(), &server));
}

/// Where a ledger is.
enum Place<'a> {
    File(PathBuf),
    Database(&'a Postgres, String),
}

/// Effects per second.
struct Rates {
    one: f64,
    many: f64,
}

async fn bench(folder: &Path, server: &Postgres) {
    println!("SQLite");
    let file = |name: &str| Place::File(folder.join(name));
    let sqlite = Rates::measure(&file("ledger.db"), &folder.join("raw")).await;
    whole_runs([&file("fold.db"), &file("logs.db")]).await;
    println!("PostgreSQL");
    let database = || Place::Database(server, server.database());
    let postgres = Rates::measure(&database(), &folder.join("raw")).await;
    whole_runs([&database(), &database()]).await;
    println!("PostgreSQL against SQLite, in effects per second");
    println!(
        "one in flight                          {:>9.2}",
        postgres.one / sqlite.one
    );
    println!(
        "{LANES} in flight                           {:>9.2}",
        postgres.many / sqlite.many
    );
}

impl Rates {
    async fn measure(place: &Place<'_>, raw_file: &Path) -> Self {
        let journal = journal(place).await;
        let mut file = File::create(raw_file).unwrap();
        let mut growing = Vec::new();
        let mut settled = Vec::new();
        for turn in 0..GROWING + TURNS {
            let raw = raw(&mut file, TURN);
            let pair = (raw, effects(&journal, &turn.to_string(), TURN).await);
            if turn < GROWING {
                &mut growing
            } else {
                &mut settled
            }
            .push(pair);
        }
        let (_, growing) = middle(growing);
        let ((raw, alone), quartiles) = middle(settled);
        println!(
            "append + fdatasync of the same bytes   {:>9.1} us",
            micros(raw, TURN)
        );
        println!(
            "idempotent effect, journalled          {:>9.1} us",
            micros(alone, TURN)
        );
        println!("ratio (goal of SQLite: at most 1.3)    {quartiles}");
        println!("  while the ledger's log grows         {growing}");

        let together = in_flight(&journal).await;
        let rate = |time: Duration, count: u32| f64::from(count) / time.as_secs_f64();
        let (one, many) = (rate(alone, TURN), rate(together, LANES * PER_LANE));
        println!("effects per second, one in flight      {one:>9.0}");
        println!("effects per second, {LANES} in flight       {many:>9.0}");
        println!("ratio (goal: at least 20)              {:>9.1}", many / one);
        Self { one, many }
    }
}

/// A long run, and one that reads logs.
async fn whole_runs([long, logged]: [&Place<'_>; 2]) {
    let journal = journal(long).await;
    for effect in 0..EFFECTS {
        let key = format!("effect/{effect}");
        let request = json!({"path": "/instances"});
        record(&journal, (&key, None), request, json!({"status": 200})).await;
    }
    journal.flush().await.unwrap();
    drop(journal);
    println!(
        "read and fold {EFFECTS} effects (goal 300) {:>9.1} ms",
        fold(long, EFFECTS).await
    );
    logs(logged).await;
}

/// A run that reads logs: an effect and the call that it belongs to give the same text, piece by piece.
async fn logs(place: &Place<'_>) {
    let journal = journal(place).await;
    let line = "2026-01-01T00:00:00Z INFO request served path=/orders/17 status=200 took=3ms piece=";
    let start = Instant::now();
    for piece in 0..PIECES {
        let text = format!("{line}{piece}\n").repeat(PIECE / line.len());
        let text = &text[..PIECE.min(text.len())];
        let (call, effect) = (format!("logs/{piece}"), format!("logs/{piece}#0"));
        let intent = |key, parent| journal.intent(at(), key, Class::Read, json!({"logs": piece}), parent);
        intent(call.as_str(), None).await.unwrap();
        let told = json!({"status": 200, "headers": [], "body": text});
        record(&journal, (&effect, Some(&call)), json!({"path": "/logs"}), told).await;
        let chunk = json!({"content": text, "next": piece.to_string(), "end": false});
        journal.outcome(at(), &call, Ok(chunk)).await.unwrap();
    }
    journal.flush().await.unwrap();
    let took = start.elapsed().as_secs_f64();
    drop(journal);
    let (given, kept) = ((PIECES * PIECE) as f64, place.size());
    println!("logs of 50 MB: recorded in             {took:>9.2} s");
    println!("  ledger, times what was logged        {:>9.2}", kept / given);
    println!(
        "  read and fold                        {:>9.1} ms",
        fold(place, 2 * PIECES as u32).await
    );
}

/// The middle of several, in milliseconds.
async fn fold(place: &Place<'_>, activities: u32) -> f64 {
    let store = place.open().await;
    let mut times = Vec::new();
    for _ in 0..FOLDS {
        let start = Instant::now();
        let entries = store.entries(&"r-1".parse().unwrap(), 0, u32::MAX).await.unwrap();
        let status = RunStatus::fold(&entries).unwrap();
        assert_eq!(status.activities().count(), activities as usize);
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

async fn record(
    journal: &Journal,
    (key, parent): (&str, Option<&str>),
    request: serde_json::Value,
    told: serde_json::Value,
) {
    journal
        .intent(at(), key, Class::Read, request, parent)
        .await
        .unwrap();
    journal.outcome(at(), key, Ok(told)).await.unwrap();
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
        bodies: Bodies::new(),
        parent: None,
    }) + &line(Entry::Outcome {
        activity,
        result: Ok(response()),
        bodies: Bodies::new(),
    });
    let start = Instant::now();
    for _ in 0..count {
        file.write_all(bytes.as_bytes()).unwrap();
        file.sync_data().unwrap();
    }
    start.elapsed()
}

impl Place<'_> {
    async fn open(&self) -> Arc<dyn Store> {
        match self {
            Place::File(path) => Arc::new(SqliteStore::open(path).unwrap()),
            Place::Database(_, url) => {
                Arc::new(PostgresStore::open(url.parse().unwrap(), None).await.unwrap())
            }
        }
    }

    /// In bytes.
    fn size(&self) -> f64 {
        match self {
            Place::File(path) => std::fs::metadata(path).unwrap().len() as f64,
            Place::Database(server, url) => {
                let (_, name) = url.rsplit_once('/').unwrap();
                let size = server.sql(name, "SELECT pg_database_size(current_database())");
                size.parse().unwrap()
            }
        }
    }
}

async fn journal(place: &Place<'_>) -> Arc<Journal> {
    let store = place.open().await;
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

fn at() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// The turn in the middle by its ratio, and the ratios of a quarter, the half and three quarters.
fn middle(mut turns: Vec<(Duration, Duration)>) -> ((Duration, Duration), String) {
    turns.sort_by(|one, other| ratio(*one).total_cmp(&ratio(*other)));
    let part = |quarters| turns[turns.len() * quarters / 4];
    let [low, half, high] = [1, 2, 3].map(|quarters| ratio(part(quarters)));
    (
        part(2),
        format!("{half:>9.2}   (middle half: {low:.2} to {high:.2})"),
    )
}

fn ratio((raw, journalled): (Duration, Duration)) -> f64 {
    journalled.as_secs_f64() / raw.as_secs_f64()
}

fn micros(time: Duration, count: u32) -> f64 {
    time.as_secs_f64() * 1e6 / f64::from(count)
}

//! No room on the disk: a clear error, nothing damaged, and it goes on when there is room again.

use std::{env, process::Command, sync::Arc};

use serde_json::json;
use slipway_journal::{Class, Error, Journal, RunStatus, SqliteStore};

use super::common::{at, lease, new_run};

const LEDGER: &str = "SLIPWAY_TEST_FULL";

/// Appends until there is no room; that must be said, and said again.
#[tokio::test]
#[ignore = "the victim of the test below, which starts it under a limit"]
async fn victim() {
    let path = env::var(LEDGER).expect("only started by the test below");
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let lease = lease(&*store, "r-1").await;
    let journal = Journal::create(store, lease, new_run("r-1"), at(1))
        .await
        .unwrap();
    let payload = "x".repeat(2000);
    for round in 0.. {
        let class = if round % 3 == 0 {
            Class::Read
        } else {
            Class::Idempotent
        };
        let key = format!("a/{round}");
        if let Err(error) = journal.intent(at(2), &key, class, json!(payload), None).await {
            assert!(matches!(error, Error::NoRoom { .. }), "{error}");
            assert!(error.to_string().contains(&path), "{error}");
            let again = journal.event(at(3), "more", json!(null)).await.unwrap_err();
            assert!(matches!(again, Error::NoRoom { .. }), "{again}");
            println!("full after {round}");
            return;
        }
        if class == Class::Idempotent {
            println!("durable {}", journal.with_status(RunStatus::last));
        }
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_survived() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    // A limit on the size of files, with its signal ignored: then writing beyond it is an error, as on a full disk.
    let output = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 600; exec \"$0\" --exact room::victim --ignored --nocapture",
        ])
        .arg(env::current_exe().unwrap())
        .env(LEDGER, &path)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && said.contains("full after"),
        "{said}{:?}",
        String::from_utf8(output.stderr)
    );
    let durable = said
        .lines()
        .filter_map(|line| line.split_once("durable ")?.1.parse::<u64>().ok())
        .max()
        .unwrap();

    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let lease = lease(&*store, "r-1").await;
    let journal = Journal::reopen(store, lease, "a larger disk", at(4))
        .await
        .unwrap();
    assert!(journal.with_status(RunStatus::last) > durable);
    journal
        .intent(at(5), "b", Class::Once, json!({}), None)
        .await
        .unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    let check: String = file
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
}

//! Large requests and outcomes: kept beside their entries, once in a run, verified when they are read.

use std::{path::Path, sync::Arc};

use serde_json::{Value, json};
use slipway_journal::{Class, Error, Journal, Lease, SqliteStore, Store};

use super::common::{at, lease, new_run, store};

fn log() -> String {
    (0..5000).map(|line| format!("line {line}\n")).collect()
}

/// A journal in which an effect within a call answered with a log, and the call handed it on.
async fn journal(store: &Arc<SqliteStore>) -> (Journal, Lease) {
    let lease = lease(&**store, "r-1").await;
    let journal = Journal::create(store.clone(), lease.clone(), new_run("r-1"), at(1))
        .await
        .unwrap();
    let read = |key, parent| journal.intent(at(2), key, Class::Read, json!({ "of": "a" }), parent);
    read("call", None).await.unwrap();
    read("call#0", Some("call")).await.unwrap();
    let told = json!({ "status": 200, "body": log() });
    journal.outcome(at(3), "call#0", Ok(told)).await.unwrap();
    journal.outcome(at(3), "call", Ok(chunk())).await.unwrap();
    journal.flush().await.unwrap();
    (journal, lease)
}

fn chunk() -> Value {
    json!({ "content": log(), "end": true })
}

async fn load(journal: &Journal, key: &str) -> Result<Value, Error> {
    let outcome = journal.with_status(|status| status.activity(key).unwrap().outcome.clone());
    journal.load(outcome.unwrap().unwrap()).await
}

fn count(path: &Path) -> u32 {
    let file = rusqlite::Connection::open(path).unwrap();
    file.query_row("SELECT count(*) FROM bodies", [], |row| row.get(0))
        .unwrap()
}

#[tokio::test]
async fn a_log_is_kept_once_and_read_back_in_another_process() {
    let (folder, store) = store();
    let (first, held) = journal(&store).await;
    assert_eq!(load(&first, "call").await.unwrap(), chunk());
    assert_eq!(count(&folder.path().join("ledger.db")), 1);
    let entries = store.entries(&held.run, 0, 100).await.unwrap();
    for entry in &entries {
        let line = entry.to_line().unwrap();
        assert!(line.len() < 500, "{line}");
    }

    store.release(&held).await.unwrap();
    let again = lease(&*store, "r-1").await;
    let resumed = Journal::reopen(store.clone(), again, "process 2", at(5))
        .await
        .unwrap();
    assert_eq!(load(&resumed, "call").await.unwrap(), chunk());
    let told = load(&resumed, "call#0").await.unwrap();
    assert_eq!(told["status"], 200);
    let status = |journal: &Journal| journal.with_status(|status| status.activity("call").cloned());
    assert_eq!(status(&resumed), status(&first), "the fold holds what was held");
}

#[tokio::test]
async fn another_run_keeps_its_own() {
    let (folder, store) = store();
    let (_, held) = journal(&store).await;
    store.release(&held).await.unwrap();
    let other = lease(&*store, "r-2").await;
    let journal = Journal::create(store.clone(), other, new_run("r-2"), at(6))
        .await
        .unwrap();
    journal
        .intent(at(7), "a", Class::Once, json!({ "text": log() }), None)
        .await
        .unwrap();
    assert_eq!(count(&folder.path().join("ledger.db")), 2);
}

#[tokio::test]
async fn a_damaged_or_lost_body_is_said() {
    let (folder, store) = store();
    let (journal, _) = journal(&store).await;
    let file = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    for (sql, expected) in [
        (
            "UPDATE bodies SET content = substr(content, 2)",
            "is not what it was",
        ),
        ("DELETE FROM bodies", "is missing"),
    ] {
        file.execute(sql, []).unwrap();
        let error = load(&journal, "call").await.unwrap_err();
        assert!(matches!(error, Error::Body { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains("r-1"), "{error}");
    }
}

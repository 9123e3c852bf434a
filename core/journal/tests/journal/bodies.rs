//! Large requests and outcomes: kept beside their entries, once in a run, verified when they are read.

use std::sync::Arc;

use serde_json::{Value, json};
use slipway_journal::{Class, Error, Journal, Lease, Store};

use super::common::{Ledger, at, lease, new_run, on_both};

on_both!(
    a_log_is_kept_once_and_read_back_in_another_process,
    another_run_keeps_its_own,
    a_damaged_or_lost_body_is_said,
);

const COUNT: &str = "SELECT count(*) FROM bodies";

fn log() -> String {
    (0..5000).map(|line| format!("line {line}\n")).collect()
}

/// A journal in which an effect within a call answered with a log, and the call handed it on.
async fn journal(store: &Arc<dyn Store>) -> (Journal, Lease) {
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

async fn a_log_is_kept_once_and_read_back_in_another_process(ledger: Ledger) {
    let store = ledger.open().await;
    let (first, held) = journal(&store).await;
    assert_eq!(load(&first, "call").await.unwrap(), chunk());
    assert_eq!(ledger.sql(COUNT), "1");
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

async fn another_run_keeps_its_own(ledger: Ledger) {
    let store = ledger.open().await;
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
    assert_eq!(ledger.sql(COUNT), "2");
}

async fn a_damaged_or_lost_body_is_said(ledger: Ledger) {
    let store = ledger.open().await;
    let (journal, _) = journal(&store).await;
    for (sql, expected) in [
        (
            "UPDATE bodies SET content = substr(content, 2)",
            "is not what it was",
        ),
        ("DELETE FROM bodies", "is missing"),
    ] {
        ledger.sql(sql);
        let error = load(&journal, "call").await.unwrap_err();
        assert!(matches!(error, Error::Body { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
        assert!(error.to_string().contains("r-1"), "{error}");
    }
}

//! A ledger's file that is moved to a database: everything is there, it is moved once, and not while anybody uses it.

use std::{path::Path, sync::Arc};

use serde_json::json;
use slipway_journal::{
    Acquired, Class, Cutover, Deployed, Ending, EnvironmentState, Error, Journal, Lease, Moved, Owner, Run,
    RunFilter, Signal, SignalKind, Store, migrate,
};
use slipway_model::Digest;

use super::common::{Ledger, at, lease, new_run, scope};

/// One run that has ended and one that was interrupted, with all that a ledger can hold.
async fn fill(store: &Arc<dyn Store>) -> Lease {
    let held = lease(&**store, "r-1").await;
    let journal = Journal::create(store.clone(), held.clone(), new_run("r-1"), at(1))
        .await
        .unwrap();
    let log = "a line\n".repeat(2000);
    journal
        .intent(at(2), "a", Class::Once, json!({ "text": log }), None)
        .await
        .unwrap();
    journal
        .outcome(at(3), "a", Ok(json!({ "n": 1, "zero": "\u{0}" })))
        .await
        .unwrap();
    journal
        .end(at(4), Ending::Succeeded, "all \u{0} good")
        .await
        .unwrap();
    let signal = Signal {
        kind: SignalKind::Pause,
        by: "ada".into(),
        reason: "lunch".into(),
        at: at(2),
    };
    store.signal(&held.run, signal).await.unwrap();
    let state = EnvironmentState {
        current: Some(deployed()),
        ..EnvironmentState::default()
    };
    store.set_environment(&held, 0, state).await.unwrap();
    store
        .set_plugin_state(&held, "machine", json!({ "port": 1 }))
        .await
        .unwrap();
    for run in ["r-0", "r-1"] {
        store.record_cutover(&held, cutover(run)).await.unwrap();
    }
    store.release(&held).await.unwrap();
    let held = lease(&**store, "r-2").await;
    let journal = Journal::create(store.clone(), held.clone(), new_run("r-2"), at(5))
        .await
        .unwrap();
    journal
        .intent(at(6), "b", Class::Idempotent, json!({}), None)
        .await
        .unwrap();
    held
}

#[tokio::test]
async fn everything_is_there() {
    let (from, to) = (Ledger::sqlite(), Ledger::postgres());
    let here = from.open().await;
    let held = fill(&here).await;

    let refused = moved(&from, &to).await;
    assert!(matches!(refused, Err(Error::Held { .. })), "{refused:?}");
    here.release(&held).await.unwrap();
    let first = moved(&from, &to).await.unwrap();
    assert_eq!(
        (first.runs, first.entries, first.bodies, first.before),
        (2, 6, 1, false)
    );
    assert_eq!(first.scopes, [scope()]);

    let there = to.open().await;
    let without_holder = |runs: Vec<Run>| {
        let runs = runs.into_iter().map(|run| Run { holder: None, ..run });
        runs.collect::<Vec<_>>()
    };
    let all = async |store: &Arc<dyn Store>| without_holder(store.runs(RunFilter::default()).await.unwrap());
    assert_eq!(all(&there).await, all(&here).await);
    for run in all(&here).await {
        let of = async |store: &Arc<dyn Store>| {
            let entries = store.entries(&run.id, 0, u32::MAX).await.unwrap();
            (entries, store.signals(&run.id, 0).await.unwrap())
        };
        assert_eq!(of(&there).await, of(&here).await);
    }
    let documents = async |store: &Arc<dyn Store>| {
        (
            store.environment(&scope()).await.unwrap(),
            store.plugin_state(&scope(), "machine").await.unwrap(),
            store.last_cutover(&scope()).await.unwrap(),
        )
    };
    assert_eq!(documents(&there).await, documents(&here).await);

    let again = moved(&from, &to).await.unwrap();
    assert_eq!(
        again,
        Moved {
            before: true,
            ..first.clone()
        }
    );
    // It goes on over there, by a token that was never given here.
    let fresh = lease(&*there, "r-2").await;
    assert!(fresh.token > held.token, "{fresh:?}");
    let resumed = Journal::reopen(there.clone(), fresh.clone(), "process 2", at(7))
        .await
        .unwrap();
    resumed.outcome(at(8), "b", Ok(json!(1))).await.unwrap();
    let told = resumed.with_status(|status| status.activity("a").cloned());
    assert_eq!(told, None, "it is of the other run");
    resumed.end(at(9), Ending::Succeeded, "done").await.unwrap();
    assert!(
        moved(&from, &to).await.unwrap().before,
        "what came later may follow"
    );
}

#[tokio::test]
async fn what_is_something_else_is_left_alone() {
    let (from, to) = (Ledger::sqlite(), Ledger::postgres());
    let here = from.open().await;
    let held = fill(&here).await;
    here.release(&held).await.unwrap();
    let there = to.open().await;
    let other = lease(&*there, "r-7").await;
    there.create_run(&other, new_run("r-7"), at(1)).await.unwrap();
    let refused = moved(&from, &to).await;
    assert!(matches!(refused, Err(Error::Occupied { .. })), "{refused:?}");
    assert_eq!(there.runs(RunFilter::default()).await.unwrap().len(), 1);
    // And the file can be used as before.
    let owner = Owner::current("r-2".parse().unwrap()).unwrap();
    let free = here.acquire(&scope(), &owner, at(9)).await.unwrap();
    assert!(matches!(free, Acquired::Lease(_)), "{free:?}");
}

/// As if it had been interrupted before the file was put aside.
async fn moved(from: &Ledger, to: &Ledger) -> Result<Moved, Error> {
    let (file, aside) = (Path::new(&from.place), Path::new(from.folder()).join("aside"));
    let moved = migrate(file, to.place.parse().unwrap(), &aside, at(8)).await;
    assert_eq!(aside.exists(), moved.is_ok());
    if moved.is_ok() {
        std::fs::rename(aside, file).unwrap();
    }
    moved
}

fn deployed() -> Deployed {
    Deployed {
        revision: Digest::of("revision"),
        package: Digest::of("package"),
        version: "1.0.0".into(),
        instances: vec!["shop-prod-ab12cd34-1".parse().unwrap()],
        run: "r-1".parse().unwrap(),
        at: at(1),
    }
}

fn cutover(run: &str) -> Cutover {
    Cutover {
        package: Digest::of("package"),
        revision: Digest::of("revision"),
        version: "1.0.0".into(),
        run: run.parse().unwrap(),
        at: at(1),
    }
}

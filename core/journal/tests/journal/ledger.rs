//! The ledger as its users see it: runs, journal, signals, leases, environment states, errors.

use std::fs;

use serde_json::json;
use slipway_journal::{
    Acquired, Class, Cutover, Deployed, Ending, EnvironmentState, Error, Journal, Owner, RunFilter, RunState,
    Signal, SignalKind, SqliteStore,
};
use slipway_model::Digest;

use super::common::{Ledger, at, lease, new_run, on_both, open, scope};

on_both!(
    a_run_from_start_to_end,
    a_run_goes_on_in_another_process,
    what_a_stale_holder_tries_is_fenced,
    leases_of_the_dead_are_free,
    signals_are_read_from_where_one_was,
    documents_of_an_environment,
    runs_are_found_and_listed,
    two_stores_on_one_ledger_see_each_other,
);

async fn a_run_from_start_to_end(ledger: Ledger) {
    let store = ledger.open().await;
    let lease = lease(&*store, "r-1").await;
    let journal = Journal::create(store.clone(), lease.clone(), new_run("r-1"), at(1))
        .await
        .unwrap();
    journal
        .intent(at(2), "deploy/start", Class::Once, json!({"n": 1}), None)
        .await
        .unwrap();
    journal
        .outcome(at(3), "deploy/start", Ok(json!("started")))
        .await
        .unwrap();
    journal.event(at(4), "note", json!("fine")).await.unwrap();
    let run = store.run("r-").await.unwrap();
    assert_eq!(
        (run.state, run.ended, run.is_interrupted(at(5))),
        (RunState::Running, None, false)
    );
    journal.end(at(5), Ending::Succeeded, "all good").await.unwrap();

    let run = store.run("r-1").await.unwrap();
    assert_eq!(
        (run.state, run.ended, run.summary.as_str()),
        (RunState::Succeeded, Some(at(5)), "all good")
    );
    assert_eq!((run.steps, run.plan.as_str()), (vec!["deploy".to_owned()], "{}"));
    let entries = store.entries(&lease.run, 0, 100).await.unwrap();
    assert_eq!(
        entries.iter().map(|record| record.seq).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(store.entries(&lease.run, 3, 1).await.unwrap()[0], entries[3]);
    let illegal = journal.event(at(6), "late", json!(null)).await.unwrap_err();
    assert!(matches!(illegal, Error::Illegal { .. }), "{illegal}");
}

async fn a_run_goes_on_in_another_process(ledger: Ledger) {
    let store = ledger.open().await;
    let first = lease(&*store, "r-1").await;
    let journal = Journal::create(store.clone(), first.clone(), new_run("r-1"), at(1))
        .await
        .unwrap();
    journal
        .intent(at(2), "call", Class::Read, json!({}), None)
        .await
        .unwrap();
    journal
        .intent(at(3), "call/1", Class::Idempotent, json!({}), Some("call"))
        .await
        .unwrap();
    store.release(&first).await.unwrap();
    assert!(store.run("r-1").await.unwrap().is_interrupted(at(4)));

    let second = lease(&*store, "r-1").await;
    assert!(second.token > first.token);
    let resumed = Journal::reopen(store.clone(), second, "process 2", at(5))
        .await
        .unwrap();
    let open = resumed.with_status(|status| status.open().map(|open| open.key.clone()).collect::<Vec<_>>());
    assert_eq!(open, ["call", "call/1"]);
    resumed.outcome(at(6), "call/1", Ok(json!(1))).await.unwrap();

    let stale = journal.outcome(at(7), "call/1", Ok(json!(2))).await;
    assert!(stale.is_ok(), "an outcome that may wait is not refused yet");
    let stale = journal.flush().await.unwrap_err();
    assert!(matches!(stale, Error::Fenced { .. }), "{stale}");
    let after = journal.event(at(8), "more", json!(null)).await.unwrap_err();
    assert!(
        matches!(after, Error::Fenced { .. }),
        "what failed once stays failed: {after}"
    );
}

async fn what_a_stale_holder_tries_is_fenced(ledger: Ledger) {
    let store = ledger.open().await;
    let stale = lease(&*store, "r-1").await;
    store.create_run(&stale, new_run("r-1"), at(1)).await.unwrap();
    store.release(&stale).await.unwrap();
    let fresh = lease(&*store, "r-2").await;
    let cutover = cutover("r-1");
    for refused in [
        store.heartbeat(&stale, at(2)).await,
        store.create_run(&stale, new_run("r-3"), at(2)).await,
        store
            .append(&stale, vec![], vec![], slipway_journal::Durability::Now)
            .await,
        store
            .set_environment(&stale, 0, EnvironmentState::default())
            .await
            .map(drop),
        store.set_plugin_state(&stale, "machine", json!(1)).await,
        store.record_cutover(&stale, cutover).await,
    ] {
        assert!(matches!(refused, Err(Error::Fenced { .. })), "{refused:?}");
    }
    store.release(&stale).await.unwrap();
    let heard = async || store.holder(&scope()).await.unwrap().unwrap().heartbeat;
    let before = heard().await;
    store.heartbeat(&fresh, at(3)).await.unwrap();
    assert!(heard().await > before);
}

async fn leases_of_the_dead_are_free(ledger: Ledger) {
    let store = ledger.open().await;
    let owner = Owner::current("r-1".parse().unwrap()).unwrap();
    let dead = Owner {
        boot: "an earlier boot".into(),
        ..owner.clone()
    };
    let take = |owner: &Owner, seconds| store.acquire(&scope(), owner, at(seconds));
    let first = given(take(&dead, 0).await.unwrap());
    // Also those of a ledger that is gone were smaller.
    assert!(first >= at(0).as_millisecond().unsigned_abs());
    assert!(given(take(&owner, 0).await.unwrap()) > first);
    assert!(matches!(take(&owner, 10_000).await.unwrap(), Acquired::Held(holder) if holder.owner == owner));
}

#[tokio::test]
async fn a_silent_stranger_loses_its_lease() {
    let store = Ledger::sqlite();
    let store = store.open().await;
    let owner = Owner::current("r-1".parse().unwrap()).unwrap();
    let stranger = Owner {
        host: "elsewhere".into(),
        ..owner.clone()
    };
    let take = |owner: &Owner, seconds| store.acquire(&scope(), owner, at(seconds));
    let first = given(take(&stranger, 0).await.unwrap());
    assert!(matches!(take(&owner, 30).await.unwrap(), Acquired::Held(holder) if holder.owner == stranger));
    assert!(given(take(&owner, 31).await.unwrap()) > first);
}

/// The token of a lease that has to have been given.
#[track_caller]
fn given(acquired: Acquired) -> u64 {
    match acquired {
        Acquired::Lease(lease) => lease.token,
        Acquired::Held(holder) => panic!("{holder:?} has it"),
    }
}

async fn signals_are_read_from_where_one_was(ledger: Ledger) {
    let store = ledger.open().await;
    let lease = lease(&*store, "r-1").await;
    store.create_run(&lease, new_run("r-1"), at(1)).await.unwrap();
    let signal = |kind| Signal {
        kind,
        by: "ada".into(),
        reason: "lunch".into(),
        at: at(2),
    };
    for kind in [SignalKind::Pause, SignalKind::Resume, SignalKind::Approve] {
        store.signal(&lease.run, signal(kind)).await.unwrap();
    }
    let all = store.signals(&lease.run, 0).await.unwrap();
    assert_eq!(all[0].signal, signal(SignalKind::Pause));
    assert_eq!(store.signals(&lease.run, all[1].cursor).await.unwrap(), all[2..]);
    let nobody = store
        .signal(&"r-9".parse().unwrap(), signal(SignalKind::Abort))
        .await;
    assert!(matches!(nobody, Err(Error::NoSuchRun(_))));
}

async fn documents_of_an_environment(ledger: Ledger) {
    let store = ledger.open().await;
    let lease = lease(&*store, "r-1").await;
    assert_eq!(
        store.environment(&scope()).await.unwrap(),
        (0, EnvironmentState::default())
    );
    let state = EnvironmentState {
        current: Some(deployed()),
        ..EnvironmentState::default()
    };
    assert_eq!(store.set_environment(&lease, 0, state.clone()).await.unwrap(), 1);
    let conflict = store
        .set_environment(&lease, 0, EnvironmentState::default())
        .await;
    assert!(matches!(
        conflict,
        Err(Error::Conflict {
            expected: 0,
            found: 1,
            ..
        })
    ));
    assert_eq!(store.environment(&scope()).await.unwrap(), (1, state));

    assert_eq!(store.plugin_state(&scope(), "machine").await.unwrap(), None);
    for value in [json!({"port": 1}), json!({"port": 2})] {
        store
            .set_plugin_state(&lease, "machine", value.clone())
            .await
            .unwrap();
        assert_eq!(
            store.plugin_state(&scope(), "machine").await.unwrap(),
            Some(value)
        );
    }

    assert_eq!(store.last_cutover(&scope()).await.unwrap(), None);
    for run in ["r-1", "r-2"] {
        store.record_cutover(&lease, cutover(run)).await.unwrap();
        assert_eq!(store.last_cutover(&scope()).await.unwrap(), Some(cutover(run)));
    }
}

async fn runs_are_found_and_listed(ledger: Ledger) {
    let store = ledger.open().await;
    let lease = lease(&*store, "r-0").await;
    for run in ["r-1", "r-12", "r-13"] {
        store.create_run(&lease, new_run(run), at(1)).await.unwrap();
    }
    let again = store.create_run(&lease, new_run("r-1"), at(1)).await;
    assert!(matches!(again, Err(Error::RunExists(_))));
    let list = async |filter| {
        store
            .runs(filter)
            .await
            .unwrap()
            .into_iter()
            .map(|run| run.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(RunFilter::default()).await, ["r-13", "r-12", "r-1"]);
    assert_eq!(
        list(RunFilter {
            limit: Some(1),
            ..RunFilter::default()
        })
        .await,
        ["r-13"]
    );
    assert!(
        list(RunFilter {
            state: Some(RunState::Failed),
            ..RunFilter::default()
        })
        .await
        .is_empty()
    );
    assert!(
        list(RunFilter {
            service: Some("b".parse().unwrap()),
            ..RunFilter::default()
        })
        .await
        .is_empty()
    );
    assert_eq!(
        store.run("r-1").await.unwrap().id.as_str(),
        "r-1",
        "the whole id wins over a prefix"
    );
    assert!(
        matches!(store.run("r-").await, Err(Error::AmbiguousRun { candidates, .. }) if candidates.len() == 3)
    );
    assert!(matches!(store.run("x%").await, Err(Error::NoSuchRun(_))));
}

#[tokio::test]
async fn files_that_are_no_ledger_of_ours_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, expected: &str| {
        let error = SqliteStore::open(folder.path().join(name))
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains(expected) && error.contains(name), "{error}");
    };
    fs::write(
        folder.path().join("text"),
        "this is not a database, whatever one may think of it\n".repeat(100),
    )
    .unwrap();
    check("text", "is not a ledger");
    fs::create_dir(folder.path().join("folder")).unwrap();
    check("folder", "cannot open");
    check("text/below", "cannot open");
    let newer = rusqlite::Connection::open(folder.path().join("newer")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    check("newer", "made by a newer slipway");
}

async fn two_stores_on_one_ledger_see_each_other(ledger: Ledger) {
    let (store, other) = (ledger.open().await, ledger.open().await);
    let lease = lease(&*store, "r-1").await;
    let journal = Journal::create(store, lease.clone(), new_run("r-1"), at(1))
        .await
        .unwrap();
    journal.event(at(2), "late", json!(null)).await.unwrap();
    journal.flush().await.unwrap();
    assert_eq!(other.entries(&lease.run, 1, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn many_may_make_the_same_ledger_at_once() {
    for round in 0..20 {
        let ledger = match round % 4 {
            0 => Ledger::postgres(),
            _ => Ledger::sqlite(),
        };
        let place = &ledger.place;
        let opened = (0..6).map(|_| {
            let place = place.clone();
            tokio::spawn(async move { drop(open(&place).await) })
        });
        for opened in opened.collect::<Vec<_>>() {
            opened.await.unwrap();
        }
    }
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

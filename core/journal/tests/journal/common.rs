//! What the tests of this crate share: a ledger in a temporary folder, and time as a number of seconds.

use std::sync::Arc;

use jiff::Timestamp;
use slipway_journal::{Acquired, Lease, NewRun, Owner, Scope, SqliteStore, Store};
use tempfile::TempDir;

pub(crate) fn store() -> (TempDir, Arc<SqliteStore>) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("ledger.db")).unwrap();
    (folder, Arc::new(store))
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub(crate) fn scope() -> Scope {
    Scope {
        service: "shop".parse().unwrap(),
        environment: "prod".parse().unwrap(),
    }
}

pub(crate) async fn lease(store: &dyn Store, run: &str) -> Lease {
    let owner = Owner::current(run.parse().unwrap()).unwrap();
    match store.acquire(&scope(), &owner, at(0)).await.unwrap() {
        Acquired::Lease(lease) => lease,
        Acquired::Held(holder) => panic!("held by {holder:?}"),
    }
}

pub(crate) fn new_run(id: &str) -> NewRun {
    NewRun {
        id: id.parse().unwrap(),
        steps: vec!["deploy".to_owned()],
        plan: "{}".to_owned(),
    }
}

//! What the tests of this crate share: a ledger of each kind, and time as a number of seconds.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use slipway_journal::{
    Acquired, Lease, Line, NewRun, Owner, PostgresStore, Record, Scope, SqliteStore, Store,
};
use slipway_servers::Postgres;
use tempfile::TempDir;

/// A new ledger of a test's own.
pub(crate) struct Ledger {
    /// A path or a URL: what another process needs to open it.
    pub(crate) place: String,
    folder: TempDir,
}

/// Each test once for every store there is.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::common::Ledger::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::common::Ledger::postgres()).await;
            })+
        }
    };
}
pub(crate) use on_both;

impl Ledger {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("ledger.db").to_str().unwrap().to_owned();
        Self { place, folder }
    }

    pub(crate) fn postgres() -> Self {
        Self::on(Postgres::shared())
    }

    pub(crate) fn on(server: &Postgres) -> Self {
        let place = server.database();
        let folder = tempfile::tempdir().unwrap();
        Self { place, folder }
    }

    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        open(&self.place).await
    }

    /// For what a test puts beside the ledger.
    pub(crate) fn folder(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    pub(crate) fn kind(&self) -> &'static str {
        match is_url(&self.place) {
            true => "PostgreSQL",
            false => "SQLite",
        }
    }

    /// Whoever has a lease was last heard so much earlier. Only where the ledger has a clock of its own: elsewhere who
    /// asks says what time it is.
    pub(crate) fn age(&self, seconds: u32) {
        if is_url(&self.place) {
            self.sql(&format!(
                "UPDATE leases SET heartbeat = heartbeat - interval '{seconds} s'"
            ));
        }
    }

    /// Waits until the server has run for longer than a lease lasts: silence counts only since then.
    pub(crate) async fn long_enough_up(&self) {
        if is_url(&self.place) {
            tokio::time::sleep(Duration::from_secs(32_u64.saturating_sub(self.up()))).await;
        }
    }

    /// For how many seconds its server has been running.
    pub(crate) fn up(&self) -> u64 {
        let up = "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::integer";
        self.sql(up).parse().unwrap()
    }

    /// What somebody does behind its back; the first value of what it answers.
    pub(crate) fn sql(&self, statement: &str) -> String {
        if is_url(&self.place) {
            let (_, database) = self.place.rsplit_once('/').unwrap();
            return Postgres::shared().sql(database, &format!("SET search_path TO slipway; {statement}"));
        }
        let file = rusqlite::Connection::open(&self.place).unwrap();
        let mut statement = file.prepare(statement).unwrap();
        let mut rows = statement.query([]).unwrap();
        let value = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).unwrap().to_string();
        rows.next().unwrap().map(value).unwrap_or_default()
    }
}

pub(crate) async fn open(place: &str) -> Arc<dyn Store> {
    if is_url(place) {
        return Arc::new(PostgresStore::open(place.parse().unwrap(), None).await.unwrap());
    }
    Arc::new(SqliteStore::open(place).unwrap())
}

fn is_url(place: &str) -> bool {
    place.starts_with("postgresql://")
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

pub(crate) fn lines(records: &[Record]) -> Vec<Line> {
    let line = |record: &Record| Line::of(record).unwrap();
    records.iter().map(line).collect()
}

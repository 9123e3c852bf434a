//! The tables, by version. A migration that was released is never changed; the next one is added below it.
//!
//! They stand in a schema of their own, `slipway`, and belong to many services at once; a run's id is unique among all
//! of them. Times that a run has recorded are text, as its journal has them, to the nanosecond; those of leases are the
//! server's, because they are compared. Signals are numbered within their run by who inserts them: whoever sees a
//! number has seen all below it, which numbers of a sequence do not promise.

use super::db::{Db, Trouble};
use crate::Error;

const VERSION: i32 = MIGRATIONS.len() as i32;

/// Names the lock under which the tables are made: "slipway" in ASCII.
const LOCK: i64 = 0x0073_6c69_7077_6179;

const MIGRATIONS: &[&str] = &["
CREATE TABLE slipway.runs (
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    steps       TEXT NOT NULL,
    state       TEXT NOT NULL,
    started     TEXT NOT NULL,
    ended       TEXT,
    plan        TEXT NOT NULL,
    summary     TEXT NOT NULL
);
CREATE INDEX runs_of_service ON slipway.runs (service, environment, number);
CREATE TABLE slipway.entries (
    run  BIGINT NOT NULL,
    seq  BIGINT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (run, seq)
);
CREATE TABLE slipway.bodies (
    run     BIGINT NOT NULL REFERENCES slipway.runs (number),
    digest  TEXT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (run, digest)
);
CREATE TABLE slipway.signals (
    run    BIGINT NOT NULL REFERENCES slipway.runs (number),
    number BIGINT NOT NULL,
    kind   TEXT NOT NULL,
    by     TEXT NOT NULL,
    reason TEXT NOT NULL,
    at     TEXT NOT NULL,
    PRIMARY KEY (run, number)
);
CREATE TABLE slipway.leases (
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    token       BIGINT NOT NULL,
    owner       TEXT,
    run         TEXT,
    attempt     BIGINT,
    since       TIMESTAMPTZ NOT NULL,
    heartbeat   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (service, environment)
);
CREATE TABLE slipway.environments (
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    generation  BIGINT NOT NULL,
    state       TEXT NOT NULL,
    PRIMARY KEY (service, environment)
);
CREATE TABLE slipway.plugin_states (
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    plugin      TEXT NOT NULL,
    state       TEXT NOT NULL,
    PRIMARY KEY (service, environment, plugin)
);
CREATE TABLE slipway.cutovers (
    number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    cutover     TEXT NOT NULL
);
CREATE INDEX cutovers_of_environment ON slipway.cutovers (service, environment, number);
"];

/// The tables are there and of this version.
pub(super) async fn ready(db: &mut Db, makes: bool) -> Result<(), Trouble> {
    match version(&db.client).await? {
        Some(VERSION) => return Ok(()),
        None if !makes => {
            let ledger = db.place.ledger.clone();
            return Err(Error::NoLedger { ledger }.into());
        }
        _ => {}
    }
    let place = db.place.clone();
    let transaction = db.client.transaction().await?;
    // Somebody else may be doing the same: look again under the lock.
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await?;
    let found = version(&transaction).await?;
    if let Some(found) = found.filter(|found| *found > VERSION) {
        return Err(Error::Newer {
            ledger: place.ledger.clone(),
            found: found.unsigned_abs(),
            known: VERSION.unsigned_abs(),
        }
        .into());
    }
    if found.is_none() {
        let encoding: String = transaction.query_one("SHOW server_encoding", &[]).await?.get(0);
        if encoding != "UTF8" {
            let text = format!("the database is in {encoding}; make one with `createdb --encoding=UTF8`");
            return Err(place.refused(text).into());
        }
        let there = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'slipway')";
        if !transaction.query_one(there, &[]).await?.get::<_, bool>(0) {
            transaction.batch_execute("CREATE SCHEMA slipway").await?;
        }
        transaction
            .batch_execute(
                "CREATE TABLE slipway.version (number INTEGER NOT NULL); INSERT INTO slipway.version VALUES (0)",
            )
            .await?;
    }
    let from = found.unwrap_or(0).unsigned_abs() as usize;
    for migration in &MIGRATIONS[from..] {
        transaction.batch_execute(migration).await?;
    }
    transaction
        .execute("UPDATE slipway.version SET number = $1", &[&VERSION])
        .await?;
    Ok(transaction.commit().await?)
}

async fn version(client: &impl tokio_postgres::GenericClient) -> Result<Option<i32>, tokio_postgres::Error> {
    // Not by `to_regclass`: within a transaction it may remember that there was none.
    let there = "SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = 'slipway' AND relname = 'version')";
    if !client.query_one(there, &[]).await?.get::<_, bool>(0) {
        return Ok(None);
    }
    let found = client
        .query_one("SELECT number FROM slipway.version", &[])
        .await?;
    Ok(Some(found.get(0)))
}

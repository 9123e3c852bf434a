//! The tables, by version. A migration that was released is never changed; the next one is added below it.
//!
//! An entry's key is the run's number and the entry's own in one integer, so that appending touches one page at the
//! right edge of one tree and no index: that page and its synchronisation are the whole price of an effect. Bodies are
//! kept per run, so that a run is complete in itself and could be removed without looking at others.

pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// How many entries a run may have: the low bits of an entry's key.
pub(super) const ENTRY_BITS: u32 = 32;

pub(super) const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE runs (
    number      INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    steps       TEXT NOT NULL,
    state       TEXT NOT NULL,
    started     TEXT NOT NULL,
    ended       TEXT,
    plan        TEXT NOT NULL,
    summary     TEXT NOT NULL
) STRICT;
CREATE TABLE entries (
    key  INTEGER PRIMARY KEY,
    line TEXT NOT NULL
) STRICT;
CREATE TABLE signals (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run    INTEGER NOT NULL REFERENCES runs (number),
    kind   TEXT NOT NULL,
    by     TEXT NOT NULL,
    reason TEXT NOT NULL,
    at     TEXT NOT NULL
) STRICT;
CREATE INDEX signals_of_run ON signals (run, number);
CREATE TABLE leases (
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    token       INTEGER NOT NULL,
    owner       TEXT,
    run         TEXT,
    since       TEXT NOT NULL,
    heartbeat   TEXT NOT NULL,
    PRIMARY KEY (service, environment)
) STRICT, WITHOUT ROWID;
CREATE TABLE environments (
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    generation  INTEGER NOT NULL,
    state       TEXT NOT NULL,
    PRIMARY KEY (service, environment)
) STRICT;
CREATE TABLE plugin_states (
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    plugin      TEXT NOT NULL,
    state       TEXT NOT NULL,
    PRIMARY KEY (service, environment, plugin)
) STRICT;
CREATE TABLE cutovers (
    number      INTEGER PRIMARY KEY,
    service     TEXT NOT NULL,
    environment TEXT NOT NULL,
    cutover     TEXT NOT NULL
) STRICT;
CREATE INDEX cutovers_of_environment ON cutovers (service, environment, number);
",
    "
CREATE TABLE bodies (
    run     INTEGER NOT NULL REFERENCES runs (number),
    digest  TEXT NOT NULL,
    content BLOB NOT NULL,
    UNIQUE (run, digest)
) STRICT;
",
];

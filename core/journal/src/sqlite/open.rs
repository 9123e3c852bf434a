//! Opening the file: settings, migrations, and errors that say which file and what to do.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, TransactionBehavior, ffi};

use super::schema;
use crate::{Error, Result};

/// Another process holds the file only as long as one of its commits takes.
const BUSY: Duration = Duration::from_secs(30);
const AGAIN: Duration = Duration::from_millis(5);

/// Where an error happened; turns SQLite's codes into what a person can do.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
}

pub(super) fn open(path: &Path) -> Result<Connection> {
    let place = Place {
        path: path.to_owned(),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|source| Error::Open {
            path: path.to_owned(),
            source: Arc::new(source),
        })?;
    }
    let mut connection = Connection::open(path).map_err(|source| match source.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) => Error::Open {
            path: path.to_owned(),
            source: Arc::new(io::Error::other(source)),
        },
        _ => place.error("open", source),
    })?;
    // Where others are making the same file, SQLite answers "busy" to the change of mode without waiting.
    let started = Instant::now();
    loop {
        match prepare(&mut connection, &place) {
            Err(Error::Locked { .. }) if started.elapsed() < BUSY => thread::sleep(AGAIN),
            prepared => return prepared.map(|()| connection),
        }
    }
}

/// May be repeated: each part finds what was done already.
fn prepare(connection: &mut Connection, place: &Place) -> Result<()> {
    settings(connection).map_err(|source| place.error("set up", source))?;
    migrate(connection, place)
}

fn settings(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Checkpoints are made while nothing is asked for, or every 4 MiB for who is never idle. Not later: a log that
    // begins anew is overwritten in place, which synchronises faster than a file that grows.
    connection.pragma_update(None, "wal_autocheckpoint", 1000)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

fn migrate(connection: &mut Connection, place: &Place) -> Result<()> {
    let sql = |source| place.error("read the schema version", source);
    let version = |connection: &Connection| {
        connection
            .query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))
            .map_err(sql)
    };
    if version(connection)? == schema::VERSION {
        return Ok(());
    }
    // Another process may be doing the same: look again under the lock.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(sql)?;
    let found = version(&transaction)?;
    if found > schema::VERSION {
        return Err(Error::Newer {
            ledger: place.ledger(),
            found,
            known: schema::VERSION,
        });
    }
    for migration in &schema::MIGRATIONS[found as usize..] {
        transaction
            .execute_batch(migration)
            .map_err(|source| place.error("migrate", source))?;
    }
    transaction
        .pragma_update(None, "user_version", schema::VERSION)
        .and_then(|()| transaction.commit())
        .map_err(|source| place.error("migrate", source))
}

impl Place {
    pub(super) fn time(&self, text: &str) -> Result<Timestamp> {
        text.parse().map_err(|error: jiff::Error| self.damaged(error))
    }

    pub(super) fn error(&self, operation: &'static str, source: rusqlite::Error) -> Error {
        let path = self.path.clone();
        let extended = source.sqlite_error().map(|error| error.extended_code);
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Error::NotALedger { path },
            Some(ErrorCode::DatabaseCorrupt) => self.damaged(source),
            Some(ErrorCode::DiskFull) => Error::NoRoom {
                ledger: self.ledger(),
            },
            // Beyond a file size limit a write fails with EFBIG, which SQLite has no code of its own for.
            Some(ErrorCode::SystemIoFailure) if extended == Some(ffi::SQLITE_IOERR_WRITE) => Error::NoRoom {
                ledger: self.ledger(),
            },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked { path },
            _ => Error::Sql {
                path,
                operation,
                source: Arc::new(source),
            },
        }
    }

    /// What is in the file is not what this program writes.
    pub(super) fn damaged(&self, reason: impl ToString) -> Error {
        Error::Damaged {
            ledger: self.ledger(),
            reason: reason.to_string(),
        }
    }

    pub(super) fn closed(&self) -> Error {
        Error::Closed {
            ledger: self.ledger(),
        }
    }

    fn ledger(&self) -> String {
        self.path.display().to_string()
    }
}

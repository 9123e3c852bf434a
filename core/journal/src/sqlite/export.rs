//! Everything that a ledger's file holds, as it stands there: for who moves it to another place.
//!
//! While it is read, every scope is held by who reads, so that nothing is written meanwhile.

use std::{fs, path::Path};

use jiff::Timestamp;
use rusqlite::{Connection, Params, Row, TransactionBehavior, params};
use slipway_model::RunId;

use super::{
    leases,
    open::{self, Place},
    schema::ENTRY_BITS,
};
use crate::{Acquired, Error, Lease, Owner, Result, Scope, Seq};

pub(crate) struct Export {
    db: Connection,
    place: Place,
    held: Vec<Lease>,
}

/// A row of `runs`; the number is of this file.
pub(crate) struct RunRow {
    pub(crate) number: i64,
    pub(crate) id: String,
    pub(crate) service: String,
    pub(crate) environment: String,
    pub(crate) steps: String,
    pub(crate) state: String,
    pub(crate) started: String,
    pub(crate) ended: Option<String>,
    pub(crate) plan: String,
    pub(crate) summary: String,
}

/// A row of `signals`.
pub(crate) struct SignalRow {
    pub(crate) number: i64,
    pub(crate) texts: [String; 4],
}

/// What a ledger holds of one scope, besides its runs.
pub(crate) struct ScopeRows {
    pub(crate) token: i64,
    pub(crate) environment: Option<(i64, String)>,
    /// By plugin.
    pub(crate) plugin_states: Vec<(String, String)>,
    pub(crate) cutovers: Vec<String>,
}

impl Export {
    /// Takes the lease on everything that is in there, or none.
    pub(crate) fn open(path: &Path, now: Timestamp) -> Result<Self> {
        let mut export = Self {
            db: open::open(path)?,
            place: Place {
                path: path.to_owned(),
            },
            held: Vec::new(),
        };
        export.hold(now)?;
        Ok(export)
    }

    fn hold(&mut self, now: Timestamp) -> Result<()> {
        let run: RunId = "migration".parse().expect("letters are a run id");
        let owner = Owner::current(run).map_err(|error| Error::Owner(error.into()))?;
        let scopes = self.scopes()?;
        let place = &self.place;
        let transaction = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|source| place.error("take the lease", source))?;
        let mut held = Vec::new();
        for scope in scopes {
            match leases::acquire(&transaction, place, &scope, &owner, now)? {
                Acquired::Lease(lease) => held.push(lease),
                // What was taken so far goes with the transaction.
                Acquired::Held(holder) => {
                    let holder = holder.owner.describe();
                    return Err(Error::Held { scope, holder });
                }
            }
        }
        transaction
            .commit()
            .map_err(|source| place.error("take the lease", source))?;
        self.held = held;
        Ok(())
    }

    pub(crate) fn scopes(&self) -> Result<Vec<Scope>> {
        let names: Vec<(String, String)> = self.rows(
            "SELECT service, environment FROM runs UNION SELECT service, environment FROM leases
             UNION SELECT service, environment FROM environments
             UNION SELECT service, environment FROM plugin_states
             UNION SELECT service, environment FROM cutovers ORDER BY 1, 2",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let scope = |(service, environment): (String, String)| {
            Ok(Scope {
                service: service.parse().map_err(|error| self.place.damaged(error))?,
                environment: environment.parse().map_err(|error| self.place.damaged(error))?,
            })
        };
        names.into_iter().map(scope).collect()
    }

    /// In the order in which they were begun.
    pub(crate) fn runs(&self) -> Result<Vec<RunRow>> {
        self.rows(
            "SELECT number, id, service, environment, steps, state, started, ended, plan, summary
             FROM runs ORDER BY number",
            [],
            |row| {
                Ok(RunRow {
                    number: row.get(0)?,
                    id: row.get(1)?,
                    service: row.get(2)?,
                    environment: row.get(3)?,
                    steps: row.get(4)?,
                    state: row.get(5)?,
                    started: row.get(6)?,
                    ended: row.get(7)?,
                    plan: row.get(8)?,
                    summary: row.get(9)?,
                })
            },
        )
    }

    /// Journal lines after a number, in order.
    pub(crate) fn lines(&self, run: &RunRow, after: Seq, limit: u32) -> Result<Vec<String>> {
        let first = run.number << ENTRY_BITS;
        self.rows(
            "SELECT line FROM entries WHERE key > ?1 AND key < ?2 ORDER BY key LIMIT ?3",
            params![
                first.saturating_add_unsigned(after),
                (run.number + 1) << ENTRY_BITS,
                limit
            ],
            |row| row.get(0),
        )
    }

    /// The names of its bodies.
    pub(crate) fn digests(&self, run: &RunRow) -> Result<Vec<String>> {
        self.rows(
            "SELECT digest FROM bodies WHERE run = ?1 ORDER BY digest",
            [run.number],
            |row| row.get(0),
        )
    }

    pub(crate) fn body(&self, run: &RunRow, digest: &str) -> Result<Vec<u8>> {
        let found = self.rows(
            "SELECT content FROM bodies WHERE run = ?1 AND digest = ?2",
            params![run.number, digest],
            |row| row.get(0),
        )?;
        let missing = || self.place.damaged(format!("body {digest} is missing"));
        found.into_iter().next().ok_or_else(missing)
    }

    pub(crate) fn signals(&self, run: &RunRow) -> Result<Vec<SignalRow>> {
        self.rows(
            "SELECT number, kind, by, reason, at FROM signals WHERE run = ?1 ORDER BY number",
            [run.number],
            |row| {
                Ok(SignalRow {
                    number: row.get(0)?,
                    texts: [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?],
                })
            },
        )
    }

    pub(crate) fn of_scope(&self, scope: &Scope) -> Result<ScopeRows> {
        let key = [scope.service.as_str(), scope.environment.as_str()];
        let text = |row: &Row<'_>| row.get::<_, String>(0);
        let of = "WHERE service = ?1 AND environment = ?2";
        let tokens = self.rows(&format!("SELECT token FROM leases {of}"), key, |row| row.get(0))?;
        let environments = self.rows(
            &format!("SELECT generation, state FROM environments {of}"),
            key,
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(ScopeRows {
            token: tokens.into_iter().next().unwrap_or(0),
            environment: environments.into_iter().next(),
            plugin_states: self.rows(
                &format!("SELECT plugin, state FROM plugin_states {of} ORDER BY plugin"),
                key,
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?,
            cutovers: self.rows(
                &format!("SELECT cutover FROM cutovers {of} ORDER BY number"),
                key,
                text,
            )?,
        })
    }

    /// Puts the file aside, still holding everything, so that nobody goes on in it.
    pub(crate) fn put_aside(&self, to: &Path) -> Result<()> {
        // All of it in the one file that is renamed.
        self.db
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .map_err(|source| self.place.error("put aside", source))?;
        let path = &self.place.path;
        fs::rename(path, to).map_err(|source| Error::Open {
            path: path.clone(),
            source: source.into(),
        })
    }

    fn rows<T>(
        &self,
        sql: &str,
        values: impl Params,
        row: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>> {
        let found = self
            .db
            .prepare_cached(sql)
            .and_then(|mut statement| statement.query_map(values, row)?.collect());
        found.map_err(|source| self.place.error("read what is to be moved", source))
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        for lease in &self.held {
            // Whoever comes next finds that this process has ended.
            let _ = leases::release(&self.db, &self.place, lease);
        }
    }
}

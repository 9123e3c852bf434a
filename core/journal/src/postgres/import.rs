//! A ledger's file, moved into the database: in one transaction, which is committed only when all of it was read back.
//!
//! What is there already has to begin with what is moved: then an earlier attempt had come through, and nothing is done.

use std::{sync::Arc, time::Duration};

use slipway_model::Digest;
use tokio_postgres::{Transaction, types::ToSql};

use super::{
    db::{Db, Trouble},
    place::Place,
    wire::{Server, Wire},
};
use crate::{
    Error, PostgresSettings, Record, Result, RunStatus, Scope, Seq,
    sqlite::{Export, RunRow},
};

const ANSWER: Duration = Duration::from_secs(24 * 60 * 60);
/// Entries that are read and written at once.
const PAGE: u32 = 1000;

/// What there is in a ledger, and whether it was there before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    pub scopes: Vec<Scope>,
    pub runs: u64,
    pub entries: u64,
    pub bodies: u64,
    /// Nothing had to be written: it had been moved before.
    pub before: bool,
}

/// On a thread of its own: it waits for the server.
pub(crate) fn take_in(settings: PostgresSettings, export: &Export) -> Result<Moved> {
    let server = Arc::new(Server::new(settings, true)?);
    let wire = Wire::new(server.clone()).map_err(|error| server.place.refused(error.to_string()));
    // It may be much, and is answered at the end.
    wire?
        .patient(ANSWER)
        .ask("take in what is moved", async |db, _| import(db, export).await)
}

async fn import(db: &mut Db, export: &Export) -> Result<Moved, Trouble> {
    let place = db.place.clone();
    let to = Target {
        sql: db.client.transaction().await?,
        place: &place,
    };
    let mut moved = Moved {
        scopes: export.scopes()?,
        ..Moved::default()
    };
    let mut known = Vec::new();
    for scope in &moved.scopes {
        if !to.claim(scope).await? {
            known.push(scope.clone());
        }
    }
    moved.before = !known.is_empty();
    if known.is_empty() {
        to.write(export, &moved.scopes).await?;
    }
    let same = to.begins_with(export, &mut moved).await?;
    match (known.first(), same) {
        (_, true) => {}
        (Some(scope), false) => {
            return Err(Trouble::Refused(Error::Occupied {
                ledger: place.ledger.clone(),
                scope: scope.clone(),
            }));
        }
        (None, false) => return Err(place.damaged("what was written is not what is read back").into()),
    }
    if !moved.before {
        to.sql.commit().await?;
    }
    Ok(moved)
}

struct Target<'a> {
    sql: Transaction<'a>,
    place: &'a Place,
}

impl Target<'_> {
    /// Makes the row of its lease, for which everybody who wants the scope waits; `false` if there is anything already.
    async fn claim(&self, scope: &Scope) -> Result<bool, Trouble> {
        let key: [&(dyn ToSql + Sync); 2] = [&scope.service.as_str(), &scope.environment.as_str()];
        let made = self
            .sql
            .execute(
                "INSERT INTO slipway.leases (service, environment, token, since, heartbeat)
                 VALUES ($1, $2, 0, clock_timestamp(), clock_timestamp()) ON CONFLICT DO NOTHING",
                &key,
            )
            .await?;
        let used = self
            .sql
            .query_one(
                "SELECT EXISTS (SELECT FROM slipway.runs WHERE service = $1 AND environment = $2)
                     OR EXISTS (SELECT FROM slipway.environments WHERE service = $1 AND environment = $2)",
                &key,
            )
            .await?;
        Ok(made == 1 && !used.get::<_, bool>(0))
    }

    async fn write(&self, export: &Export, scopes: &[Scope]) -> Result<(), Trouble> {
        for run in export.runs()? {
            self.write_run(export, &run).await?;
        }
        for scope in scopes {
            self.write_scope(export, scope).await?;
        }
        Ok(())
    }

    async fn write_run(&self, export: &Export, run: &RunRow) -> Result<(), Trouble> {
        let summary = serde_json::Value::from(run.summary.as_str()).to_string();
        let made = self
            .sql
            .query_opt(
                "INSERT INTO slipway.runs
                     (id, service, environment, steps, state, started, ended, plan, summary)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING number",
                &[
                    &run.id,
                    &run.service,
                    &run.environment,
                    &run.steps,
                    &run.state,
                    &run.started,
                    &run.ended,
                    &run.plan,
                    &summary,
                ],
            )
            .await?;
        let id = run.id.parse().map_err(|error| self.place.damaged(error))?;
        let number: i64 = made.ok_or(Error::RunExists(id))?.get(0);
        let mut after = 0;
        loop {
            let lines = export.lines(run, after, PAGE)?;
            self.sql
                .execute(
                    "INSERT INTO slipway.entries (run, seq, line)
                     SELECT $1, $2 + nth, line FROM unnest($3::text[]) WITH ORDINALITY AS given (line, nth)",
                    &[&number, &after.cast_signed(), &lines],
                )
                .await?;
            after += lines.len() as Seq;
            if lines.len() < PAGE as usize {
                break;
            }
        }
        for digest in export.digests(run)? {
            let content = export.body(run, &digest)?;
            let sql = "INSERT INTO slipway.bodies (run, digest, content) VALUES ($1, $2, $3)";
            self.sql.execute(sql, &[&number, &digest, &content]).await?;
        }
        for signal in export.signals(run)? {
            let [kind, by, reason, at] = &signal.texts;
            let sql = "INSERT INTO slipway.signals (run, number, kind, by, reason, at)
                VALUES ($1, $2, $3, $4, $5, $6)";
            let values: [&(dyn ToSql + Sync); 6] = [&number, &signal.number, kind, by, reason, at];
            self.sql.execute(sql, &values).await?;
        }
        Ok(())
    }

    async fn write_scope(&self, export: &Export, scope: &Scope) -> Result<(), Trouble> {
        let (service, environment) = (scope.service.as_str(), scope.environment.as_str());
        let rows = export.of_scope(scope)?;
        // The next one is above it.
        let sql = "UPDATE slipway.leases SET token = $3 WHERE service = $1 AND environment = $2";
        self.sql
            .execute(sql, &[&service, &environment, &rows.token])
            .await?;
        if let Some((generation, state)) = &rows.environment {
            let sql = "INSERT INTO slipway.environments (service, environment, generation, state)
                VALUES ($1, $2, $3, $4)";
            self.sql
                .execute(sql, &[&service, &environment, generation, state])
                .await?;
        }
        for (plugin, state) in &rows.plugin_states {
            let sql = "INSERT INTO slipway.plugin_states (service, environment, plugin, state)
                VALUES ($1, $2, $3, $4)";
            self.sql
                .execute(sql, &[&service, &environment, plugin, state])
                .await?;
        }
        for cutover in &rows.cutovers {
            let sql = "INSERT INTO slipway.cutovers (service, environment, cutover) VALUES ($1, $2, $3)";
            self.sql.execute(sql, &[&service, &environment, cutover]).await?;
        }
        Ok(())
    }

    /// Whether all that is moved is there, and is what it was; what came later may follow. Counts it.
    async fn begins_with(&self, export: &Export, moved: &mut Moved) -> Result<bool, Trouble> {
        for run in export.runs()? {
            let sql = "SELECT number FROM slipway.runs
                WHERE id = $1 AND service = $2 AND environment = $3 AND plan = $4";
            let values: [&(dyn ToSql + Sync); 4] = [&run.id, &run.service, &run.environment, &run.plan];
            let Some(found) = self.sql.query_opt(sql, &values).await? else {
                return Ok(false);
            };
            let number = found.get(0);
            let Some(entries) = self.has_entries(export, &run, number).await? else {
                return Ok(false);
            };
            let Some(bodies) = self.has_bodies(export, &run, number).await? else {
                return Ok(false);
            };
            moved.runs += 1;
            moved.entries += entries;
            moved.bodies += bodies;
        }
        for scope in &moved.scopes {
            if !self.has_scope(export, scope).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// By the same lines, which mean the same.
    async fn has_entries(&self, export: &Export, run: &RunRow, number: i64) -> Result<Option<u64>, Trouble> {
        let (mut here, mut there) = (RunStatus::default(), RunStatus::default());
        let mut after: Seq = 0;
        loop {
            let lines = export.lines(run, after, PAGE)?;
            let sql = "SELECT line FROM slipway.entries WHERE run = $1 AND seq > $2 ORDER BY seq LIMIT $3";
            let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
            let found = self
                .sql
                .query(sql, &[&number, &after.cast_signed(), &count])
                .await?;
            let found: Vec<&str> = found.iter().map(|row| row.get(0)).collect();
            if lines != found {
                return Ok(None);
            }
            for (line, found) in lines.iter().zip(found) {
                self.fold(run, &mut here, line)?;
                self.fold(run, &mut there, found)?;
            }
            after += lines.len() as Seq;
            if lines.len() < PAGE as usize {
                return Ok((here == there).then_some(after));
            }
        }
    }

    fn fold(&self, run: &RunRow, status: &mut RunStatus, line: &str) -> Result<()> {
        let damaged = |reason: String| self.place.damaged(format!("run {}: {reason}", run.id));
        let record = Record::from_line(line).map_err(|error| damaged(error.to_string()))?;
        status
            .apply(&record)
            .map_err(|illegal| damaged(illegal.to_string()))
    }

    async fn has_bodies(&self, export: &Export, run: &RunRow, number: i64) -> Result<Option<u64>, Trouble> {
        let mut count = 0;
        for digest in export.digests(run)? {
            let sql = "SELECT content FROM slipway.bodies WHERE run = $1 AND digest = $2";
            let found = self.sql.query_opt(sql, &[&number, &digest]).await?;
            let same = found.is_some_and(|row| Digest::of(row.get::<_, &[u8]>(0)).to_string() == digest);
            if !same {
                return Ok(None);
            }
            count += 1;
        }
        Ok(Some(count))
    }

    async fn has_scope(&self, export: &Export, scope: &Scope) -> Result<bool, Trouble> {
        let key: [&(dyn ToSql + Sync); 2] = [&scope.service.as_str(), &scope.environment.as_str()];
        let here = export.of_scope(scope)?;
        let sql =
            "SELECT generation, state FROM slipway.environments WHERE service = $1 AND environment = $2";
        let there = self.sql.query_opt(sql, &key).await?;
        let there: Option<(i64, String)> = there.map(|row| (row.get(0), row.get(1)));
        let follows = match (&here.environment, &there) {
            (None, _) => true,
            (Some(here), Some(there)) => here == there || here.0 < there.0,
            (Some(_), None) => false,
        };
        let sql = "SELECT plugin FROM slipway.plugin_states WHERE service = $1 AND environment = $2";
        let plugins = self.sql.query(sql, &key).await?;
        let has = |plugin: &String| plugins.iter().any(|row| row.get::<_, &str>(0) == plugin);
        let sql =
            "SELECT cutover FROM slipway.cutovers WHERE service = $1 AND environment = $2 ORDER BY number";
        let cutovers = self.sql.query(sql, &key).await?;
        let cutovers: Vec<&str> = cutovers.iter().map(|row| row.get(0)).collect();
        Ok(follows
            && here.plugin_states.iter().all(|(plugin, _)| has(plugin))
            && cutovers.len() >= here.cutovers.len()
            && here
                .cutovers
                .iter()
                .zip(cutovers)
                .all(|(here, there)| here == there))
    }
}

//! Leases: who may write, and the check that every write makes.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use slipway_model::RunId;

use super::open::Place;
use crate::{Acquired, Error, Holder, Lease, Liveness, Owner, Result, Scope};

pub(super) fn acquire(
    db: &Connection,
    place: &Place,
    scope: &Scope,
    owner: &Owner,
    now: Timestamp,
) -> Result<Acquired> {
    if let Some(holder) = holder(db, place, scope)?
        && holder.liveness(now) != Liveness::Dead
    {
        return Ok(Acquired::Held(holder));
    }
    let document = serde_json::to_string(owner).map_err(|error| place.damaged(error))?;
    let token: i64 = db
        .prepare_cached(
            "INSERT INTO leases (service, environment, token, owner, run, since, heartbeat)
             VALUES (?1, ?2, ?6, ?3, ?4, ?5, ?5)
             ON CONFLICT DO UPDATE SET token = max(token + 1, ?6), owner = ?3, run = ?4, since = ?5, heartbeat = ?5
             RETURNING token",
        )
        .and_then(|mut statement| {
            let (service, environment) = (scope.service.as_str(), scope.environment.as_str());
            let values = params![
                service,
                environment,
                document,
                owner.run.as_str(),
                now.to_string(),
                Lease::least_token(now)
            ];
            statement.query_row(values, |row| row.get(0))
        })
        .map_err(|source| place.error("take the lease", source))?;
    Ok(Acquired::Lease(Lease {
        scope: scope.clone(),
        token: token.unsigned_abs(),
        run: owner.run.clone(),
    }))
}

/// The lease is still the one that was given, in the transaction of what it guards.
pub(super) fn check(db: &Connection, place: &Place, lease: &Lease) -> Result<()> {
    let held = db
        .prepare_cached(
            "SELECT 1 FROM leases
             WHERE service = ?1 AND environment = ?2 AND token = ?3 AND run = ?4 AND owner IS NOT NULL",
        )
        .and_then(|mut statement| statement.exists(key(lease)))
        .map_err(|source| place.error("check the lease", source))?;
    if held {
        return Ok(());
    }
    Err(Error::Fenced {
        scope: lease.scope.clone(),
        token: lease.token,
    })
}

pub(super) fn heartbeat(db: &Connection, place: &Place, lease: &Lease, now: Timestamp) -> Result<()> {
    check(db, place, lease)?;
    db.execute(
        "UPDATE leases SET heartbeat = ?3 WHERE service = ?1 AND environment = ?2",
        params![
            lease.scope.service.as_str(),
            lease.scope.environment.as_str(),
            now.to_string()
        ],
    )
    .map(drop)
    .map_err(|source| place.error("renew the lease", source))
}

/// The row stays: its token must never be given again.
pub(super) fn release(db: &Connection, place: &Place, lease: &Lease) -> Result<()> {
    db.execute(
        "UPDATE leases SET owner = NULL, run = NULL
         WHERE service = ?1 AND environment = ?2 AND token = ?3 AND run = ?4",
        key(lease),
    )
    .map(drop)
    .map_err(|source| place.error("release the lease", source))
}

pub(super) fn holder(db: &Connection, place: &Place, scope: &Scope) -> Result<Option<Holder>> {
    db.query_row(
        "SELECT owner, since, heartbeat FROM leases WHERE service = ?1 AND environment = ?2 AND owner IS NOT NULL",
        params![scope.service.as_str(), scope.environment.as_str()],
        |row| Ok(from_columns(row, 0, place)),
    )
    .optional()
    .map_err(|source| place.error("read the lease", source))?
    .transpose()
}

/// From three columns: owner, since, heartbeat.
pub(super) fn from_columns(row: &Row<'_>, first: usize, place: &Place) -> Result<Holder> {
    let text = |index| {
        row.get::<_, String>(first + index)
            .map_err(|error| place.damaged(error))
    };
    Ok(Holder {
        owner: serde_json::from_str(&text(0)?).map_err(|error| place.damaged(error))?,
        since: place.time(&text(1)?)?,
        heartbeat: place.time(&text(2)?)?,
    })
}

fn key(lease: &Lease) -> (&str, &str, i64, &str) {
    let Lease { scope, token, run } = lease;
    (
        scope.service.as_str(),
        scope.environment.as_str(),
        token.cast_signed(),
        RunId::as_str(run),
    )
}

//! Leases: who may write, by the server's clock alone.
//!
//! Machines disagree about the time, so nobody's clock is compared with another's: a heartbeat is stamped by the server,
//! and how long somebody has been silent is the server's own difference. While the server was away nobody could be
//! heard, so silence begins at its start at the earliest. What is read is told as the reader's clock would have shown it.
//!
//! Whether an owner is dead for certain is known to this process, not to the server, so a lease is taken in two steps:
//! look, then take it if it is still as it was seen.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::SystemTime,
};

use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Row;

use super::{
    db::{Db, Trouble},
    place::Place,
};
use crate::{Acquired, Error, Holder, Lease, Liveness, Owner, Result, Scope};

/// How long ago something was, and how long its holder has been silent, in microseconds.
macro_rules! holder_columns {
    () => {
        "leases.owner,
         (extract(epoch FROM clock_timestamp() - leases.since) * 1000000)::bigint,
         (extract(epoch FROM clock_timestamp() - greatest(leases.heartbeat, pg_postmaster_start_time())) * 1000000)::bigint"
    };
}

/// Begins a statement that writes only under its lease: `lease` has a row if it is still the one that was given. The row
/// is locked as long as the statement runs, so that whoever takes over comes before it or after it. Its values are `$1`
/// to `$4`, as [`key`] has them.
macro_rules! under_lease {
    () => {
        "WITH lease AS MATERIALIZED (
             SELECT 1 FROM slipway.leases
             WHERE service = $1 AND environment = $2 AND token = $3 AND run = $4 AND owner IS NOT NULL
             FOR SHARE)"
    };
}
pub(super) use {holder_columns, under_lease};

/// Tells apart what this process has tried.
static ATTEMPTS: AtomicI64 = AtomicI64::new(1);

/// One wish to have a lease, however often it has to be said.
pub(super) struct Attempt {
    pub(super) scope: Scope,
    pub(super) owner: Owner,
    number: i64,
}

impl Attempt {
    pub(super) fn new(scope: &Scope, owner: &Owner) -> Self {
        Self {
            scope: scope.clone(),
            owner: owner.clone(),
            number: ATTEMPTS.fetch_add(1, Ordering::Relaxed),
        }
    }
}

struct Seen {
    token: i64,
    heartbeat: SystemTime,
    attempt: Option<i64>,
    holder: Option<Holder>,
}

pub(super) async fn acquire(db: &Db, attempt: &Attempt, again: bool) -> Result<Acquired, Trouble> {
    let Attempt { scope, owner, number } = attempt;
    let given = |token: i64| {
        Acquired::Lease(Lease {
            scope: scope.clone(),
            token: token.unsigned_abs(),
            run: owner.run.clone(),
        })
    };
    let document = serde_json::to_string(owner).map_err(|error| db.place.damaged(error))?;
    loop {
        let seen = look(db, scope).await?;
        if let Some(Seen {
            token,
            attempt,
            holder: Some(holder),
            ..
        }) = &seen
        {
            if again && *attempt == Some(*number) && holder.owner == *owner {
                return Ok(given(*token));
            }
            if holder.liveness(Timestamp::now()) != Liveness::Dead {
                return Ok(Acquired::Held(holder.clone()));
            }
        }
        let (token, heartbeat) =
            seen.map_or((0, SystemTime::UNIX_EPOCH), |seen| (seen.token, seen.heartbeat));
        let taken = db
            .row(
                "INSERT INTO slipway.leases AS known
                     (service, environment, token, owner, run, attempt, since, heartbeat)
                 VALUES ($1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, $3, $4, $5,
                     clock_timestamp(), clock_timestamp())
                 ON CONFLICT (service, environment) DO UPDATE
                 SET token = greatest(known.token + 1, excluded.token), owner = $3, run = $4, attempt = $5,
                     since = clock_timestamp(), heartbeat = clock_timestamp()
                 WHERE known.token = $6 AND known.heartbeat = $7
                 RETURNING token",
                &[
                    &scope.service.as_str(),
                    &scope.environment.as_str(),
                    &document,
                    &owner.run.as_str(),
                    number,
                    &token,
                    &heartbeat,
                ],
            )
            .await?;
        if let Some(row) = taken {
            return Ok(given(row.get(0)));
        }
    }
}

async fn look(db: &Db, scope: &Scope) -> Result<Option<Seen>, Trouble> {
    let row = db
        .row(
            concat!(
                "SELECT ",
                holder_columns!(),
                ", token, heartbeat, attempt FROM slipway.leases WHERE service = $1 AND environment = $2"
            ),
            &[&scope.service.as_str(), &scope.environment.as_str()],
        )
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    Ok(Some(Seen {
        token: row.get(3),
        heartbeat: row.get(4),
        attempt: row.get(5),
        holder: from_columns(&row, 0, &db.place)?,
    }))
}

pub(super) async fn holder(db: &Db, scope: &Scope) -> Result<Option<Holder>, Trouble> {
    Ok(look(db, scope).await?.and_then(|seen| seen.holder))
}

pub(super) async fn heartbeat(db: &Db, lease: &Lease) -> Result<(), Trouble> {
    let (service, environment, token, run) = key(lease);
    let renewed = db
        .row(
            "UPDATE slipway.leases SET heartbeat = clock_timestamp()
             WHERE service = $1 AND environment = $2 AND token = $3 AND run = $4 AND owner IS NOT NULL
             RETURNING 1",
            &[&service, &environment, &token, &run],
        )
        .await?;
    held(renewed.is_some(), lease)
}

/// The row stays: its token must never be given again.
pub(super) async fn release(db: &Db, lease: &Lease) -> Result<(), Trouble> {
    let (service, environment, token, run) = key(lease);
    db.rows(
        "UPDATE slipway.leases SET owner = NULL, run = NULL, attempt = NULL
         WHERE service = $1 AND environment = $2 AND token = $3 AND run = $4",
        &[&service, &environment, &token, &run],
    )
    .await?;
    Ok(())
}

pub(super) fn held(held: bool, lease: &Lease) -> Result<(), Trouble> {
    if held {
        return Ok(());
    }
    Err(Trouble::Refused(Error::Fenced {
        scope: lease.scope.clone(),
        token: lease.token,
    }))
}

/// From the three columns of `holder_columns`, all of them absent where nobody is.
pub(super) fn from_columns(row: &Row, first: usize, place: &Place) -> Result<Option<Holder>> {
    let Some(owner) = row.get::<_, Option<String>>(first) else {
        return Ok(None);
    };
    let now = Timestamp::now();
    let ago = |index: usize| now - SignedDuration::from_micros(row.get(first + index));
    Ok(Some(Holder {
        owner: serde_json::from_str(&owner).map_err(|error| place.damaged(error))?,
        since: ago(1),
        heartbeat: ago(2),
    }))
}

pub(super) fn key(lease: &Lease) -> (&str, &str, i64, &str) {
    let Lease { scope, token, run } = lease;
    (
        scope.service.as_str(),
        scope.environment.as_str(),
        token.cast_signed(),
        run.as_str(),
    )
}

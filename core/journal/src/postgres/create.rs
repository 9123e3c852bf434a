//! A run is made with its first entry.

use jiff::Timestamp;

use super::{
    db::{Db, Trouble},
    leases::{self, key, under_lease},
};
use crate::{Entry, Error, Lease, Line, NewRun, Record, Result, RunState};

pub(super) struct Creation {
    lease: Lease,
    run: NewRun,
    steps: String,
    at: Timestamp,
    first: Line,
}

impl Creation {
    pub(super) fn new(lease: &Lease, run: NewRun, at: Timestamp) -> Result<Self> {
        let steps = serde_json::to_string(&run.steps).map_err(|source| Error::Unwritable {
            what: "the steps",
            source: source.into(),
        })?;
        let entry = Entry::Started {
            steps: run.steps.clone(),
        };
        Ok(Self {
            lease: lease.clone(),
            first: Line::of(&Record { seq: 1, at, entry })?,
            run,
            steps,
            at,
        })
    }
}

pub(super) async fn create(db: &Db, creation: &Creation, again: bool) -> Result<(), Trouble> {
    if again && is_there(db, creation).await? {
        return Ok(());
    }
    let (service, environment, token, lease_run) = key(&creation.lease);
    let row = db
        .one(
            concat!(
                under_lease!(),
                ", made AS (
                     INSERT INTO slipway.runs (id, service, environment, steps, state, started, plan, summary)
                     SELECT $5, $1, $2, $6, $7, $8, $9, '\"\"' FROM lease
                     ON CONFLICT (id) DO NOTHING RETURNING number),
                 first AS (
                     INSERT INTO slipway.entries (run, seq, line) SELECT number, 1, $10 FROM made)
                 SELECT EXISTS (SELECT FROM lease), EXISTS (SELECT FROM made)"
            ),
            &[
                &service,
                &environment,
                &token,
                &lease_run,
                &creation.run.id.as_str(),
                &creation.steps,
                &RunState::Running.as_str(),
                &creation.at.to_string(),
                &creation.run.plan,
                &creation.first.text(),
            ],
        )
        .await?;
    leases::held(row.get(0), &creation.lease)?;
    if !row.get::<_, bool>(1) {
        return Err(Error::RunExists(creation.run.id.clone()).into());
    }
    Ok(())
}

/// Made by an earlier attempt of this one.
async fn is_there(db: &Db, creation: &Creation) -> Result<bool, Trouble> {
    let scope = &creation.lease.scope;
    let found = db
        .row(
            "SELECT 1 FROM slipway.runs JOIN slipway.entries ON run = number AND seq = 1
             WHERE id = $1 AND service = $2 AND environment = $3 AND plan = $4 AND line = $5",
            &[
                &creation.run.id.as_str(),
                &scope.service.as_str(),
                &scope.environment.as_str(),
                &creation.run.plan,
                &creation.first.text(),
            ],
        )
        .await?;
    Ok(found.is_some())
}

//! A run is made with its first entry.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{leases, open::Place, records};
use crate::{Entry, Error, Lease, Line, NewRun, Record, Result, RunState};

pub(super) fn create(
    db: &Connection,
    place: &Place,
    lease: &Lease,
    run: NewRun,
    now: Timestamp,
) -> Result<()> {
    leases::check(db, place, lease)?;
    let steps = serde_json::to_string(&run.steps).map_err(|source| Error::Unwritable {
        what: "the steps",
        source: source.into(),
    })?;
    let scope = &lease.scope;
    let state = RunState::Running.as_str();
    let made = db
        .execute(
            "INSERT INTO runs (id, service, environment, steps, state, started, plan, summary)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '') ON CONFLICT (id) DO NOTHING",
            params![
                run.id.as_str(),
                scope.service.as_str(),
                scope.environment.as_str(),
                steps,
                state,
                now.to_string(),
                run.plan
            ],
        )
        .map_err(|source| place.error("create the run", source))?;
    if made == 0 {
        return Err(Error::RunExists(run.id));
    }
    let started = Record {
        seq: 1,
        at: now,
        entry: Entry::Started { steps: run.steps },
    };
    records::insert(db, place, db.last_insert_rowid(), &Line::of(&started)?)
}

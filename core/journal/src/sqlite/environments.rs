//! What is deployed, what plugins remember, what was cut over: JSON documents per environment.

use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{leases, open::Place};
use crate::{Cutover, EnvironmentState, Error, Generation, Lease, Result, Scope};

pub(super) fn get(db: &Connection, place: &Place, scope: &Scope) -> Result<(Generation, EnvironmentState)> {
    let found = db
        .query_row(
            "SELECT generation, state FROM environments WHERE service = ?1 AND environment = ?2",
            params![scope.service.as_str(), scope.environment.as_str()],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
        )
        .optional()
        .map_err(|source| place.error("read what is deployed", source))?;
    let Some((generation, state)) = found else {
        return Ok((0, EnvironmentState::default()));
    };
    Ok((generation.unsigned_abs(), parse(place, &state)?))
}

pub(super) fn set(
    db: &Connection,
    place: &Place,
    lease: &Lease,
    expected: Generation,
    state: &EnvironmentState,
) -> Result<Generation> {
    leases::check(db, place, lease)?;
    let scope = &lease.scope;
    let (found, _) = get(db, place, scope)?;
    if found != expected {
        return Err(Error::Conflict {
            scope: scope.clone(),
            expected,
            found,
        });
    }
    let generation = found + 1;
    db.execute(
        "INSERT INTO environments (service, environment, generation, state) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET generation = ?3, state = ?4",
        params![
            scope.service.as_str(),
            scope.environment.as_str(),
            generation.cast_signed(),
            write("what is deployed", state)?
        ],
    )
    .map_err(|source| place.error("record what is deployed", source))?;
    Ok(generation)
}

pub(super) fn plugin_state(
    db: &Connection,
    place: &Place,
    scope: &Scope,
    plugin: &str,
) -> Result<Option<Value>> {
    document(
        db,
        place,
        "SELECT state FROM plugin_states WHERE service = ?1 AND environment = ?2 AND plugin = ?3",
        params![scope.service.as_str(), scope.environment.as_str(), plugin],
    )
}

pub(super) fn set_plugin_state(
    db: &Connection,
    place: &Place,
    lease: &Lease,
    plugin: &str,
    state: &Value,
) -> Result<()> {
    leases::check(db, place, lease)?;
    let scope = &lease.scope;
    db.execute(
        "INSERT INTO plugin_states (service, environment, plugin, state) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO UPDATE SET state = ?4",
        params![
            scope.service.as_str(),
            scope.environment.as_str(),
            plugin,
            write("the state of the plugin", state)?
        ],
    )
    .map(drop)
    .map_err(|source| place.error("keep the state of the plugin", source))
}

/// A run that is resumed records the same cut again: once is enough.
pub(super) fn record_cutover(db: &Connection, place: &Place, lease: &Lease, cutover: &Cutover) -> Result<()> {
    leases::check(db, place, lease)?;
    if last_cutover(db, place, &lease.scope)?.is_some_and(|last| {
        (&last.run, last.package, last.revision) == (&cutover.run, cutover.package, cutover.revision)
    }) {
        return Ok(());
    }
    let scope = &lease.scope;
    db.execute(
        "INSERT INTO cutovers (service, environment, cutover) VALUES (?1, ?2, ?3)",
        params![
            scope.service.as_str(),
            scope.environment.as_str(),
            write("the cutover", cutover)?
        ],
    )
    .map(drop)
    .map_err(|source| place.error("record the cutover", source))
}

pub(super) fn last_cutover(db: &Connection, place: &Place, scope: &Scope) -> Result<Option<Cutover>> {
    document(
        db,
        place,
        "SELECT cutover FROM cutovers WHERE service = ?1 AND environment = ?2 ORDER BY number DESC LIMIT 1",
        params![scope.service.as_str(), scope.environment.as_str()],
    )
}

fn document<T: DeserializeOwned>(
    db: &Connection,
    place: &Place,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Option<T>> {
    db.query_row(sql, values, |row| row.get::<_, String>(0))
        .optional()
        .map_err(|source| place.error("read a document", source))?
        .map(|text| parse(place, &text))
        .transpose()
}

fn parse<T: DeserializeOwned>(place: &Place, text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| place.damaged(error))
}

fn write(what: &'static str, document: &impl Serialize) -> Result<String> {
    serde_json::to_string(document).map_err(|source| Error::Unwritable {
        what,
        source: source.into(),
    })
}

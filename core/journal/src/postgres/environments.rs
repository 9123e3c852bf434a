//! What is deployed, what plugins remember, what was cut over: JSON documents per environment.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use tokio_postgres::Row;

use super::{
    db::{Db, Trouble},
    leases::{self, key, under_lease},
    place::Place,
};
use crate::{Cutover, EnvironmentState, Error, Generation, Lease, Result, Scope};

pub(super) async fn get(db: &Db, scope: &Scope) -> Result<(Generation, EnvironmentState), Trouble> {
    let row = db
        .row(
            "SELECT state, generation FROM slipway.environments WHERE service = $1 AND environment = $2",
            &[&scope.service.as_str(), &scope.environment.as_str()],
        )
        .await?;
    let generation = row.as_ref().map_or(0, |row| row.get::<_, i64>(1).unsigned_abs());
    Ok((generation, document(row, &db.place)?.unwrap_or_default()))
}

pub(super) async fn set(
    db: &Db,
    lease: &Lease,
    expected: Generation,
    state: &str,
    again: bool,
) -> Result<Generation, Trouble> {
    let (service, environment, token, run) = key(lease);
    let row = db
        .one(
            concat!(
                under_lease!(),
                ", found AS MATERIALIZED (
                     SELECT generation, state FROM slipway.environments WHERE service = $1 AND environment = $2),
                 written AS (
                     INSERT INTO slipway.environments AS known (service, environment, generation, state)
                     SELECT $1, $2, $5::bigint + 1, $6 FROM lease
                     WHERE coalesce((SELECT generation FROM found), 0) = $5
                     ON CONFLICT (service, environment) DO UPDATE
                     SET generation = excluded.generation, state = excluded.state WHERE known.generation = $5
                     RETURNING generation)
                 SELECT EXISTS (SELECT FROM lease), (SELECT generation FROM written),
                     (SELECT generation FROM found), (SELECT state FROM found)"
            ),
            &[
                &service,
                &environment,
                &token,
                &run,
                &expected.cast_signed(),
                &state,
            ],
        )
        .await?;
    let generation = |index: usize| row.get::<_, Option<i64>>(index).map(i64::unsigned_abs);
    let (written, found) = (generation(1), generation(2).unwrap_or(0));
    if let Some(written) = written {
        return Ok(written);
    }
    // By an earlier attempt of this one.
    if again && found == expected + 1 && row.get::<_, Option<&str>>(3) == Some(state) {
        return Ok(found);
    }
    leases::held(row.get(0), lease)?;
    Err(Trouble::Refused(Error::Conflict {
        scope: lease.scope.clone(),
        expected,
        found,
    }))
}

pub(super) async fn plugin_state(db: &Db, scope: &Scope, plugin: &str) -> Result<Option<Value>, Trouble> {
    let row = db
        .row(
            "SELECT state FROM slipway.plugin_states WHERE service = $1 AND environment = $2 AND plugin = $3",
            &[&scope.service.as_str(), &scope.environment.as_str(), &plugin],
        )
        .await?;
    Ok(document(row, &db.place)?)
}

pub(super) async fn set_plugin_state(
    db: &Db,
    lease: &Lease,
    plugin: &str,
    state: &str,
) -> Result<(), Trouble> {
    let (service, environment, token, run) = key(lease);
    let row = db
        .one(
            concat!(
                under_lease!(),
                ", written AS (
                     INSERT INTO slipway.plugin_states (service, environment, plugin, state)
                     SELECT $1, $2, $5, $6 FROM lease
                     ON CONFLICT (service, environment, plugin) DO UPDATE SET state = excluded.state)
                 SELECT EXISTS (SELECT FROM lease)"
            ),
            &[&service, &environment, &token, &run, &plugin, &state],
        )
        .await?;
    leases::held(row.get(0), lease)
}

/// A run that is resumed records the same cut again: once is enough.
pub(super) async fn record_cutover(db: &Db, lease: &Lease, cutover: &Cutover) -> Result<(), Trouble> {
    let (service, environment, token, run) = key(lease);
    // Nobody but who has the lease adds another one between the look and the statement.
    let known = last_cutover(db, &lease.scope).await?.is_some_and(|last| {
        (&last.run, last.package, last.revision) == (&cutover.run, cutover.package, cutover.revision)
    });
    let row = db
        .one(
            concat!(
                under_lease!(),
                ", written AS (
                     INSERT INTO slipway.cutovers (service, environment, cutover)
                     SELECT $1, $2, $5 FROM lease WHERE NOT $6)
                 SELECT EXISTS (SELECT FROM lease)"
            ),
            &[
                &service,
                &environment,
                &token,
                &run,
                &write("the cutover", cutover)?,
                &known,
            ],
        )
        .await?;
    leases::held(row.get(0), lease)
}

pub(super) async fn last_cutover(db: &Db, scope: &Scope) -> Result<Option<Cutover>, Trouble> {
    let row = db
        .row(
            "SELECT cutover FROM slipway.cutovers WHERE service = $1 AND environment = $2
             ORDER BY number DESC LIMIT 1",
            &[&scope.service.as_str(), &scope.environment.as_str()],
        )
        .await?;
    Ok(document(row, &db.place)?)
}

/// Of the first column.
fn document<T: DeserializeOwned>(row: Option<Row>, place: &Place) -> Result<Option<T>> {
    let parse = |row: Row| serde_json::from_str(row.get(0)).map_err(|error| place.damaged(error));
    row.map(parse).transpose()
}

pub(super) fn write(what: &'static str, document: &impl Serialize) -> Result<String> {
    serde_json::to_string(document).map_err(|source| Error::Unwritable {
        what,
        source: source.into(),
    })
}

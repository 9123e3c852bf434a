//! Runs: their list with who holds their environment, of one service where the store is one service's.

use slipway_model::{RunId, ServiceName};
use tokio_postgres::{Row, types::ToSql};

use super::{
    db::{Db, Trouble},
    leases::{self, holder_columns},
    place::Place,
};
use crate::{Error, Result, Run, RunFilter, RunState};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, runs.service, runs.environment, steps, state, started, ended, plan, summary, ",
            holder_columns!(),
            " FROM slipway.runs LEFT JOIN slipway.leases ON leases.run = runs.id
                  AND leases.service = runs.service AND leases.environment = runs.environment ",
            $rest
        )
    };
}

/// Both of the services, if there are two: that of the store and the one that is asked for.
pub(super) async fn list(
    db: &Db,
    own: Option<&ServiceName>,
    filter: &RunFilter,
) -> Result<Vec<Run>, Trouble> {
    select(
        db,
        select!(
            "WHERE ($1::text IS NULL OR runs.service = $1) AND ($2::text IS NULL OR runs.service = $2)
             AND ($3::text IS NULL OR runs.environment = $3) AND ($4::text IS NULL OR state = $4)
             ORDER BY number DESC LIMIT $5"
        ),
        &[
            &own.map(ServiceName::as_str),
            &filter.service.as_ref().map(ServiceName::as_str),
            &filter.environment.as_ref().map(|name| name.as_str()),
            &filter.state.map(RunState::as_str),
            &filter.limit.map(i64::from),
        ],
    )
    .await
}

pub(super) async fn by_prefix(db: &Db, own: Option<&ServiceName>, prefix: &str) -> Result<Run, Trouble> {
    let no_such = || Error::NoSuchRun(prefix.to_owned());
    // The server would refuse the text.
    if prefix.contains('\0') {
        return Err(no_such().into());
    }
    let mut found = select(
        db,
        select!(
            "WHERE ($1::text IS NULL OR runs.service = $1) AND starts_with(id, $2)
             ORDER BY id != $2, number DESC LIMIT 10"
        ),
        &[&own.map(ServiceName::as_str), &prefix],
    )
    .await?;
    match found.len() {
        0 => Err(no_such().into()),
        _ if found.len() == 1 || found[0].id.as_str() == prefix => Ok(found.swap_remove(0)),
        _ => Err(Trouble::Refused(Error::AmbiguousRun {
            prefix: prefix.to_owned(),
            candidates: found.into_iter().map(|run| run.id).collect(),
        })),
    }
}

async fn select(db: &Db, sql: &'static str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Run>, Trouble> {
    let rows = db.rows(sql, values).await?;
    let runs = rows.iter().map(|row| from_row(row, &db.place));
    Ok(runs.collect::<Result<_>>()?)
}

fn from_row(row: &Row, place: &Place) -> Result<Run> {
    let text = |index: usize| row.get::<_, &str>(index);
    let state = text(4);
    Ok(Run {
        id: text(0).parse::<RunId>().map_err(|error| place.damaged(error))?,
        service: text(1).parse().map_err(|error| place.damaged(error))?,
        environment: text(2).parse().map_err(|error| place.damaged(error))?,
        steps: serde_json::from_str(text(3)).map_err(|error| place.damaged(error))?,
        state: RunState::parse(state).ok_or_else(|| place.damaged(format!("state `{state}`")))?,
        started: place.time(text(5))?,
        ended: row
            .get::<_, Option<&str>>(6)
            .map(|ended| place.time(ended))
            .transpose()?,
        plan: text(7).to_owned(),
        summary: serde_json::from_str(text(8)).map_err(|error| place.damaged(error))?,
        holder: leases::from_columns(row, 9, place)?,
    })
}

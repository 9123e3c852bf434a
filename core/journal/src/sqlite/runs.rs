//! Runs: their states, and their list with who holds their environment.

use rusqlite::{Connection, Row, params};
use slipway_model::RunId;

use super::{leases, open::Place};
use crate::{Error, Result, Run, RunFilter, RunState, line::Turn};

pub(super) fn turn(db: &Connection, place: &Place, number: i64, turn: &Turn) -> Result<()> {
    let Turn { state, end } = turn;
    db.execute(
        "UPDATE runs SET state = ?2, ended = coalesce(?3, ended), summary = coalesce(?4, summary) WHERE number = ?1",
        params![
            number,
            state.as_str(),
            end.as_ref().map(|end| end.at.to_string()),
            end.as_ref().map(|end| &end.summary),
        ],
    )
    .map(drop)
    .map_err(|source| place.error("update the run", source))
}

const SELECT: &str = "SELECT id, runs.service, runs.environment, steps, state, started, ended, plan, summary,
    owner, since, heartbeat
    FROM runs LEFT JOIN leases ON leases.run = runs.id
        AND leases.service = runs.service AND leases.environment = runs.environment";

pub(super) fn list(db: &Connection, place: &Place, filter: &RunFilter) -> Result<Vec<Run>> {
    select(
        db,
        place,
        "WHERE (?1 IS NULL OR runs.service = ?1) AND (?2 IS NULL OR runs.environment = ?2)
         AND (?3 IS NULL OR state = ?3) ORDER BY number DESC LIMIT ?4",
        params![
            filter.service.as_ref().map(|name| name.as_str()),
            filter.environment.as_ref().map(|name| name.as_str()),
            filter.state.map(RunState::as_str),
            filter.limit.map_or(-1, i64::from),
        ],
    )
}

pub(super) fn by_prefix(db: &Connection, place: &Place, prefix: &str) -> Result<Run> {
    let mut found = select(
        db,
        place,
        "WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id != ?1, number DESC LIMIT 10",
        params![prefix],
    )?;
    match found.len() {
        0 => Err(Error::NoSuchRun(prefix.to_owned())),
        _ if found.len() == 1 || found[0].id.as_str() == prefix => Ok(found.swap_remove(0)),
        _ => Err(Error::AmbiguousRun {
            prefix: prefix.to_owned(),
            candidates: found.into_iter().map(|run| run.id).collect(),
        }),
    }
}

fn select(db: &Connection, place: &Place, rest: &str, values: impl rusqlite::Params) -> Result<Vec<Run>> {
    let sql = |source| place.error("read runs", source);
    let mut statement = db.prepare_cached(&format!("{SELECT} {rest}")).map_err(sql)?;
    let mut rows = statement.query(values).map_err(sql)?;
    let mut runs = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        runs.push(from_row(row, place)?);
    }
    Ok(runs)
}

fn from_row(row: &Row<'_>, place: &Place) -> Result<Run> {
    let maybe = |index| {
        row.get::<_, Option<String>>(index)
            .map_err(|error| place.damaged(error))
    };
    let text = |index| maybe(index).map(Option::unwrap_or_default);
    let state = text(4)?;
    Ok(Run {
        id: text(0)?.parse::<RunId>().map_err(|error| place.damaged(error))?,
        service: text(1)?.parse().map_err(|error| place.damaged(error))?,
        environment: text(2)?.parse().map_err(|error| place.damaged(error))?,
        steps: serde_json::from_str(&text(3)?).map_err(|error| place.damaged(error))?,
        state: RunState::parse(&state).ok_or_else(|| place.damaged(format!("state `{state}`")))?,
        started: place.time(&text(5)?)?,
        ended: maybe(6)?.map(|ended| place.time(&ended)).transpose()?,
        plan: text(7)?,
        summary: text(8)?,
        holder: maybe(9)?
            .map(|_| leases::from_columns(row, 9, place))
            .transpose()?,
    })
}

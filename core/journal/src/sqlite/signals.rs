//! Signals: written by who holds no lease, read by the run from where it had got to.

use rusqlite::{Connection, params};
use slipway_model::RunId;

use super::{open::Place, records::number};
use crate::{Result, Signal, SignalKind, Signalled};

pub(super) fn add(db: &Connection, place: &Place, run: &RunId, signal: &Signal) -> Result<()> {
    let Signal { kind, by, reason, at } = signal;
    db.execute(
        "INSERT INTO signals (run, kind, by, reason, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![number(db, place, run)?, kind.as_str(), by, reason, at.to_string()],
    )
    .map(drop)
    .map_err(|source| place.error("signal", source))
}

pub(super) fn after(db: &Connection, place: &Place, run: &RunId, after: u64) -> Result<Vec<Signalled>> {
    let sql = |source| place.error("read signals", source);
    let number = number(db, place, run)?;
    let mut statement = db
        .prepare_cached(
            "SELECT number, kind, by, reason, at FROM signals WHERE run = ?1 AND number > ?2 ORDER BY number",
        )
        .map_err(sql)?;
    let mut rows = statement
        .query(params![number, after.cast_signed()])
        .map_err(sql)?;
    let mut signals = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let text = |index| row.get::<_, String>(index).map_err(|error| place.damaged(error));
        let kind = text(1)?;
        signals.push(Signalled {
            cursor: row.get::<_, i64>(0).map_err(sql)?.unsigned_abs(),
            signal: Signal {
                kind: SignalKind::parse(&kind).ok_or_else(|| place.damaged(format!("signal `{kind}`")))?,
                by: text(2)?,
                reason: text(3)?,
                at: place.time(&text(4)?)?,
            },
        });
    }
    Ok(signals)
}

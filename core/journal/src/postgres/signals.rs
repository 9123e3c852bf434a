//! Signals: written by who holds no lease, read by the run from where it had got to.

use slipway_model::RunId;

use super::{
    db::{Db, Trouble},
    records::number,
};
use crate::{Error, Result, Signal, SignalKind, Signalled};

/// Two that come at once would have the same number: then one of them is told so and looks again.
pub(super) async fn add(db: &Db, run: &RunId, signal: &Signal, again: bool) -> Result<(), Trouble> {
    let Signal { kind, by, reason, at } = signal;
    let at = at.to_string();
    let [by, reason] = [by, reason].map(|text| text.replace('\0', "\u{fffd}"));
    if again {
        let there = db
            .row(
                "SELECT 1 FROM slipway.signals JOIN slipway.runs ON runs.number = run
                 WHERE id = $1 AND kind = $2 AND by = $3 AND reason = $4 AND at = $5 LIMIT 1",
                &[&run.as_str(), &kind.as_str(), &by, &reason, &at],
            )
            .await?;
        if there.is_some() {
            return Ok(());
        }
    }
    let added = db
        .row(
            "INSERT INTO slipway.signals (run, number, kind, by, reason, at)
             SELECT runs.number,
                 (SELECT coalesce(max(signals.number), 0) + 1 FROM slipway.signals WHERE run = runs.number),
                 $2, $3, $4, $5
             FROM slipway.runs WHERE id = $1 RETURNING 1",
            &[&run.as_str(), &kind.as_str(), &by, &reason, &at],
        )
        .await?;
    match added {
        Some(_) => Ok(()),
        None => Err(Trouble::Refused(Error::NoSuchRun(run.to_string()))),
    }
}

pub(super) async fn after(db: &Db, run: &RunId, after: u64) -> Result<Vec<Signalled>, Trouble> {
    let number = number(db, run).await?;
    let rows = db
        .rows(
            "SELECT number, kind, by, reason, at FROM slipway.signals
             WHERE run = $1 AND number > $2 ORDER BY number",
            &[&number, &after.cast_signed()],
        )
        .await?;
    let signal = |row: &tokio_postgres::Row| {
        let kind: &str = row.get(1);
        Ok(Signalled {
            cursor: row.get::<_, i64>(0).unsigned_abs(),
            signal: Signal {
                kind: SignalKind::parse(kind).ok_or_else(|| db.place.damaged(format!("signal `{kind}`")))?,
                by: row.get(2),
                reason: row.get(3),
                at: db.place.time(row.get(4))?,
            },
        })
    };
    Ok(rows.iter().map(signal).collect::<Result<_>>()?)
}

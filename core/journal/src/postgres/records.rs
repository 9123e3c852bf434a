//! Journal entries: appended without a gap, read in order. Their bodies: kept once in a run, read one by one.
//!
//! Appends that follow one another are one statement, which checks lease and number, writes and commits by itself: one
//! round trip, however many they are. One of which nobody knows whether it was committed is found by its entries.

use slipway_model::{Digest, RunId};

use super::{
    db::{Db, Trouble},
    leases::{self, key, under_lease},
};
use crate::{
    Body, Error, Lease, Line, Record, Result, Seq,
    line::{End, Turn},
};

/// Entries of one run under one lease, one after the other.
pub(super) struct Batch {
    pub(super) lease: Lease,
    pub(super) lines: Vec<Line>,
    pub(super) bodies: Vec<Body>,
}

/// What entries mean for the list of runs.
#[derive(Default)]
struct Change {
    state: Option<&'static str>,
    ended: Option<String>,
    summary: Option<String>,
}

impl Batch {
    /// Whether lines would follow without a gap, so that both may be refused or written together.
    pub(super) fn goes_on_with(&self, lease: &Lease, lines: &[Line]) -> bool {
        let follows = match (self.lines.last(), lines.first()) {
            (Some(last), Some(first)) => last.seq() + 1 == first.seq(),
            _ => false,
        };
        follows && self.lease == *lease && !has_gap(lines)
    }

    fn first(&self) -> Option<Seq> {
        self.lines.first().map(Line::seq)
    }

    fn change(&self) -> Change {
        let mut change = Change::default();
        for Turn { state, end } in self.lines.iter().filter_map(Line::turn) {
            change.state = Some(state.as_str());
            if let Some(End { at, summary }) = end {
                change.ended = Some(at.to_string());
                // As JSON: a text of the server's must not hold a zero.
                change.summary = Some(serde_json::Value::from(summary.as_str()).to_string());
            }
        }
        change
    }

    fn gap(&self, expected: Seq, found: Seq) -> Trouble {
        let run = self.lease.run.clone();
        Error::Gap { run, expected, found }.into()
    }
}

fn has_gap(lines: &[Line]) -> bool {
    lines.windows(2).any(|pair| pair[0].seq() + 1 != pair[1].seq())
}

pub(super) async fn append(db: &Db, batch: &Batch, again: bool) -> Result<(), Trouble> {
    if again && is_there(db, batch).await? {
        return Ok(());
    }
    let (service, environment, token, run) = key(&batch.lease);
    let Change {
        state,
        ended,
        summary,
    } = batch.change();
    let whole = !has_gap(&batch.lines);
    let first = batch.first().map(Seq::cast_signed);
    let lines: Vec<&str> = batch.lines.iter().map(Line::text).collect();
    let digests: Vec<String> = batch.bodies.iter().map(|body| body.digest.to_string()).collect();
    let bodies: Vec<&[u8]> = batch.bodies.iter().map(|body| body.bytes.as_slice()).collect();
    let row = db
        .one(
            concat!(
                under_lease!(),
                ", place AS MATERIALIZED (
                     SELECT number,
                         (SELECT coalesce(max(seq), 0) + 1 FROM slipway.entries WHERE run = number) AS next
                     FROM slipway.runs WHERE id = $4),
                 may AS MATERIALIZED (
                     SELECT number FROM place WHERE EXISTS (SELECT FROM lease) AND next = $5 AND $6),
                 kept AS (
                     INSERT INTO slipway.bodies (run, digest, content)
                     SELECT number, digest, content FROM may, unnest($7::text[], $8::bytea[]) AS given (digest, content)
                     ON CONFLICT DO NOTHING),
                 written AS (
                     INSERT INTO slipway.entries (run, seq, line)
                     SELECT number, $5 + nth - 1, line FROM may, unnest($9::text[]) WITH ORDINALITY AS given (line, nth)),
                 listed AS (
                     UPDATE slipway.runs
                     SET state = $10, ended = coalesce($11, ended), summary = coalesce($12, summary)
                     FROM may WHERE runs.number = may.number AND $10::text IS NOT NULL)
                 SELECT EXISTS (SELECT FROM lease), (SELECT next FROM place)"
            ),
            &[
                &service,
                &environment,
                &token,
                &run,
                &first,
                &whole,
                &digests,
                &bodies,
                &lines,
                &state,
                &ended,
                &summary,
            ],
        )
        .await?;
    leases::held(row.get(0), &batch.lease)?;
    let Some(next) = row.get::<_, Option<i64>>(1).map(i64::unsigned_abs) else {
        return Err(Error::NoSuchRun(batch.lease.run.to_string()).into());
    };
    // The first that is not where it should be.
    for (expected, line) in (next..).zip(&batch.lines) {
        if line.seq() != expected {
            return Err(batch.gap(expected, line.seq()));
        }
    }
    Ok(())
}

/// Written by an earlier attempt of this one: the same entries at the same places.
async fn is_there(db: &Db, batch: &Batch) -> Result<bool, Trouble> {
    let Some(first) = batch.first() else {
        return Ok(false);
    };
    let count = i64::try_from(batch.lines.len()).unwrap_or(i64::MAX);
    let found = db
        .rows(
            "SELECT line FROM slipway.entries
             WHERE run = (SELECT number FROM slipway.runs WHERE id = $1) AND seq >= $2 ORDER BY seq LIMIT $3",
            &[&batch.lease.run.as_str(), &first.cast_signed(), &count],
        )
        .await?;
    let same = |(row, line): (&tokio_postgres::Row, &Line)| row.get::<_, &str>(0) == line.text();
    Ok(found.len() == batch.lines.len() && found.iter().zip(&batch.lines).all(same))
}

pub(super) async fn entries(db: &Db, run: &RunId, after: Seq, limit: u32) -> Result<Vec<Record>, Trouble> {
    let number = number(db, run).await?;
    let rows = db
        .rows(
            "SELECT line FROM slipway.entries WHERE run = $1 AND seq > $2 ORDER BY seq LIMIT $3",
            &[
                &number,
                &after.min(i64::MAX as u64).cast_signed(),
                &i64::from(limit),
            ],
        )
        .await?;
    let record = |row: &tokio_postgres::Row| {
        Record::from_line(row.get(0)).map_err(|error| {
            db.place
                .damaged(format!("run {run}, after entry {after}: {error}"))
        })
    };
    Ok(rows.iter().map(record).collect::<Result<_>>()?)
}

pub(super) async fn body(db: &Db, run: &RunId, digest: Digest) -> Result<Option<Vec<u8>>, Trouble> {
    let number = number(db, run).await?;
    let row = db
        .row(
            "SELECT content FROM slipway.bodies WHERE run = $1 AND digest = $2",
            &[&number, &digest.to_string()],
        )
        .await?;
    Ok(row.map(|row| row.get(0)))
}

pub(super) async fn number(db: &Db, run: &RunId) -> Result<i64, Trouble> {
    let found = db
        .row("SELECT number FROM slipway.runs WHERE id = $1", &[&run.as_str()])
        .await?;
    let found = found.ok_or_else(|| Error::NoSuchRun(run.to_string()))?;
    Ok(found.get(0))
}

//! Journal entries: appended without a gap, read in order. Their bodies: kept once in a run, read one by one.

use rusqlite::{Connection, OptionalExtension as _, params};
use slipway_model::{Digest, RunId};

use super::{leases, open::Place, runs, schema::ENTRY_BITS};
use crate::{Body, Error, Lease, Line, Record, Result, Seq};

/// Where a run's journal ends, for who holds this lease: good for one transaction, in which nothing else is written.
pub(super) struct Cursor {
    pub(super) lease: Lease,
    number: i64,
    next: Seq,
}

impl Cursor {
    pub(super) fn find(db: &Connection, place: &Place, lease: &Lease) -> Result<Self> {
        leases::check(db, place, lease)?;
        let number = number(db, place, &lease.run)?;
        Ok(Self {
            lease: lease.clone(),
            number,
            next: last(db, place, number)? + 1,
        })
    }

    /// Nothing is written yet: what is refused here leaves others alone.
    pub(super) fn check(&self, lines: &[Line]) -> Result<()> {
        for (expected, line) in (self.next..).zip(lines) {
            if line.seq() != expected {
                return Err(Error::Gap {
                    run: self.lease.run.clone(),
                    expected,
                    found: line.seq(),
                });
            }
        }
        Ok(())
    }

    pub(super) fn append(
        &mut self,
        db: &Connection,
        place: &Place,
        lines: &[Line],
        bodies: &[Body],
    ) -> Result<()> {
        for Body { digest, bytes } in bodies {
            db.prepare_cached(
                "INSERT INTO bodies (run, digest, content) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )
            .and_then(|mut statement| statement.execute(params![self.number, digest.to_string(), bytes]))
            .map_err(|source| place.error("append a body", source))?;
        }
        for line in lines {
            insert(db, place, self.number, line)?;
            self.next += 1;
        }
        Ok(())
    }
}

pub(super) fn entries(
    db: &Connection,
    place: &Place,
    run: &RunId,
    after: Seq,
    limit: u32,
) -> Result<Vec<Record>> {
    let sql = |source| place.error("read entries", source);
    let number = number(db, place, run)?;
    let mut statement = db
        .prepare_cached("SELECT line FROM entries WHERE key > ?1 AND key < ?2 ORDER BY key LIMIT ?3")
        .map_err(sql)?;
    let mut rows = statement
        .query(params![key(number, after), key(number + 1, 0), limit])
        .map_err(sql)?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        let line = row
            .get_ref(0)
            .map_err(sql)?
            .as_str()
            .map_err(|error| place.damaged(error))?;
        let record = Record::from_line(line)
            .map_err(|error| place.damaged(format!("run {run}, after entry {after}: {error}")))?;
        records.push(record);
    }
    Ok(records)
}

pub(super) fn body(db: &Connection, place: &Place, run: &RunId, digest: Digest) -> Result<Option<Vec<u8>>> {
    let number = number(db, place, run)?;
    db.prepare_cached("SELECT content FROM bodies WHERE run = ?1 AND digest = ?2")
        .and_then(|mut statement| {
            statement
                .query_row(params![number, digest.to_string()], |row| row.get(0))
                .optional()
        })
        .map_err(|source| place.error("read a body", source))
}

/// Also what the entry means for the list of runs.
pub(super) fn insert(db: &Connection, place: &Place, number: i64, line: &Line) -> Result<()> {
    db.prepare_cached("INSERT INTO entries (key, line) VALUES (?1, ?2)")
        .and_then(|mut statement| statement.execute(params![key(number, line.seq()), line.text()]))
        .map_err(|source| place.error("append", source))?;
    line.turn()
        .map_or(Ok(()), |turn| runs::turn(db, place, number, turn))
}

pub(super) fn number(db: &Connection, place: &Place, run: &RunId) -> Result<i64> {
    db.prepare_cached("SELECT number FROM runs WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([run.as_str()], |row| row.get(0)).optional())
        .map_err(|source| place.error("look up the run", source))?
        .ok_or_else(|| Error::NoSuchRun(run.to_string()))
}

fn last(db: &Connection, place: &Place, number: i64) -> Result<Seq> {
    db.prepare_cached("SELECT max(key) FROM entries WHERE key > ?1 AND key < ?2")
        .and_then(|mut statement| {
            statement.query_row([key(number, 0), key(number + 1, 0)], |row| {
                row.get::<_, Option<i64>>(0)
            })
        })
        .map(|last| last.map_or(0, |last| (last - key(number, 0)).unsigned_abs()))
        .map_err(|source| place.error("find the last entry", source))
}

fn key(number: i64, seq: Seq) -> i64 {
    (number << ENTRY_BITS).saturating_add_unsigned(seq.min((1 << ENTRY_BITS) - 1))
}

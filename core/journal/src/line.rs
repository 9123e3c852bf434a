//! A record and the line of JSON as which it is kept: written by who appends, not by the one thread that everybody waits
//! for.

use jiff::Timestamp;

use crate::{Entry, Error, Record, Result, Seq};

#[derive(Debug, Clone)]
pub struct Line {
    record: Record,
    text: String,
}

/// An entry that has no place yet: what takes time is done before it is given one.
pub(crate) struct Draft {
    entry: Entry,
    json: String,
}

impl Line {
    pub fn of(record: Record) -> Result<Self> {
        let Record { seq, at, entry } = record;
        Ok(Draft::of(entry)?.at(seq, at))
    }

    pub fn record(&self) -> &Record {
        &self.record
    }

    pub fn into_record(self) -> Record {
        self.record
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn seq(&self) -> Seq {
        self.record.seq
    }
}

impl Draft {
    pub(crate) fn of(entry: Entry) -> Result<Self> {
        let json = entry.to_json().map_err(|source| Error::Unwritable {
            what: "the journal entry",
            source: source.into(),
        })?;
        Ok(Self { entry, json })
    }

    pub(crate) fn at(self, seq: Seq, at: Timestamp) -> Line {
        let Self { entry, json } = self;
        Line {
            text: entry.line(seq, at, &json),
            record: Record { seq, at, entry },
        }
    }
}

//! The line of JSON as which a record is kept, and what that means for the list of runs: made by who appends, not by the
//! one thread that everybody waits for.

use jiff::Timestamp;

use crate::{Entry, Error, Record, Result, RunState, Seq, entry};

#[derive(Debug, Clone)]
pub struct Line {
    seq: Seq,
    text: String,
    turn: Option<Turn>,
}

/// A run is in another state than before.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    pub(crate) state: RunState,
    pub(crate) end: Option<End>,
}

#[derive(Debug, Clone)]
pub(crate) struct End {
    pub(crate) at: Timestamp,
    pub(crate) summary: String,
}

/// An entry that has no place yet: what takes time is done before it is given one.
pub(crate) struct Draft {
    version: u32,
    json: String,
    turn: Option<RunState>,
    summary: Option<String>,
}

impl Line {
    pub fn of(record: &Record) -> Result<Self> {
        Ok(Draft::of(&record.entry)?.at(record.seq, record.at))
    }

    /// The record's line of JSON, which [`Record::from_line`] reads.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn seq(&self) -> Seq {
        self.seq
    }

    pub(crate) fn turn(&self) -> Option<&Turn> {
        self.turn.as_ref()
    }
}

impl Draft {
    pub(crate) fn of(entry: &Entry) -> Result<Self> {
        let json = entry.to_json().map_err(|source| Error::Unwritable {
            what: "the journal entry",
            source: source.into(),
        })?;
        let (turn, summary) = match entry {
            Entry::Waiting { .. } => (Some(RunState::Waiting), None),
            Entry::Continued { .. } => (Some(RunState::Running), None),
            Entry::Ended { ending, summary } => (Some((*ending).into()), Some(summary.clone())),
            _ => (None, None),
        };
        Ok(Self {
            version: entry.version(),
            json,
            turn,
            summary,
        })
    }

    pub(crate) fn at(self, seq: Seq, at: Timestamp) -> Line {
        let end = self.summary.map(|summary| End { at, summary });
        Line {
            seq,
            text: entry::line(self.version, seq, at, &self.json),
            turn: self.turn.map(|state| Turn { state, end }),
        }
    }
}

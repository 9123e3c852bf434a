//! Journal entries and the shape in which they are kept: one JSON line each, with its version.
//!
//! An entry outlives the program that wrote it. Within a version fields may be added, with a default; nothing is
//! renamed or removed. An entry is written in the oldest version that can say it. `tests/golden/` holds lines that have
//! to parse for ever.
//!
//! | version | since then there are |
//! |---|---|
//! | 1 | all entries but |
//! | 2 | bodies beside requests and outcomes, and decisions |

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Bodies, Ending};

/// Position in a run's journal: 1, 2, 3 ... without a gap.
pub type Seq = u64;

/// The bytes of a line around its entry, about.
const AROUND: usize = 96;

/// The latest.
const VERSION: u32 = 2;

/// What a plugin's effect promises about being repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Changes nothing outside.
    Read,
    /// Safe to repeat: twice has the effect of once.
    Idempotent,
    /// Must not be repeated: an intent without an outcome is asked about.
    Once,
}

/// When an append has to be on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Before the append is answered.
    Now,
    /// In order, at the latest together with the next `Now`.
    WithNext,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// Always the first.
    Started { steps: Vec<String> },
    /// Another process goes on with a run whose owner died.
    Reopened { by: String },
    /// An activity is about to happen. Its key is stable: a restarted run comes to the same one.
    Intent {
        activity: String,
        class: Class,
        request: Value,
        /// What was taken out of the request.
        #[serde(default, skip_serializing_if = "Bodies::is_empty")]
        bodies: Bodies,
        /// The activity (a plugin call) within which this one happens.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<String>,
    },
    /// What the activity gave.
    Outcome {
        activity: String,
        #[serde(with = "answer")]
        result: Result<Value, Value>,
        /// What was taken out of the result.
        #[serde(default, skip_serializing_if = "Bodies::is_empty")]
        bodies: Bodies,
    },
    /// A person says whether a `once` activity without an outcome happened.
    Decided {
        activity: String,
        happened: bool,
        by: String,
    },
    /// Something worth knowing that needs no intent.
    Event { kind: String, data: Value },
    /// The run stands still until somebody or something lets it go on.
    Waiting { reason: String },
    /// It goes on.
    Continued { reason: String },
    /// Always the last.
    Ended { ending: Ending, summary: String },
}

/// An entry with its place and its time.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub seq: Seq,
    pub at: Timestamp,
    pub entry: Entry,
}

impl Class {
    pub fn intent_durability(self) -> Durability {
        match self {
            Self::Read => Durability::WithNext,
            Self::Once if cfg!(feature = "planted-bug") => Durability::WithNext,
            Self::Idempotent | Self::Once => Durability::Now,
        }
    }

    pub fn outcome_durability(self) -> Durability {
        match self {
            Self::Read | Self::Idempotent => Durability::WithNext,
            Self::Once => Durability::Now,
        }
    }
}

impl Entry {
    /// The bodies that it names.
    pub fn bodies(&self) -> Option<&Bodies> {
        match self {
            Self::Intent { bodies, .. } | Self::Outcome { bodies, .. } => Some(bodies),
            _ => None,
        }
    }

    pub(crate) fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The oldest that can say it.
    pub(crate) fn version(&self) -> u32 {
        match self {
            Self::Decided { .. } => 2,
            _ if self.bodies().is_some_and(|bodies| !bodies.is_empty()) => 2,
            _ => 1,
        }
    }
}

#[derive(Deserialize)]
struct Line {
    v: u32,
    seq: Seq,
    at: Timestamp,
    entry: Entry,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

impl Record {
    /// One line of JSON, without the newline: what the store keeps and what `journal.jsonl` in an archive holds.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        let json = self.entry.to_json()?;
        Ok(line(self.entry.version(), self.seq, self.at, &json))
    }

    pub fn from_line(line: &str) -> Result<Self, serde_json::Error> {
        let read = serde_json::from_str(line);
        let version = match &read {
            Ok(Line { v, .. }) => Some(*v),
            // A later version may say what this one cannot read.
            Err(_) => serde_json::from_str(line).map(|Version { v }| v).ok(),
        };
        if let Some(v) = version.filter(|v| !(1..=VERSION).contains(v)) {
            return Err(serde::de::Error::custom(format!(
                "journal entry of version {v}, this slipway reads version {VERSION}: use a newer slipway"
            )));
        }
        read.map(|Line { seq, at, entry, .. }| Self { seq, at, entry })
    }
}

/// As [`Record::to_line`] is, of the entry's JSON.
pub(crate) fn line(version: u32, seq: Seq, at: Timestamp, entry: &str) -> String {
    let mut line = String::with_capacity(entry.len() + AROUND);
    // A text takes whatever is written to it.
    let _ = write!(
        line,
        r#"{{"v":{version},"seq":{seq},"at":"{at}","entry":{entry}}}"#
    );
    line
}

/// `{"ok": ..}` or `{"error": ..}`.
mod answer {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value;

    #[derive(Serialize)]
    #[serde(rename_all = "kebab-case")]
    enum Given<'a> {
        Ok(&'a Value),
        Error(&'a Value),
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Taken {
        Ok(Value),
        Error(Value),
    }

    pub(super) fn serialize<S: Serializer>(result: &Result<Value, Value>, to: S) -> Result<S::Ok, S::Error> {
        match result {
            Ok(value) => Given::Ok(value).serialize(to),
            Err(error) => Given::Error(error).serialize(to),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Result<Value, Value>, D::Error> {
        Ok(match Taken::deserialize(from)? {
            Taken::Ok(value) => Ok(value),
            Taken::Error(error) => Err(error),
        })
    }
}

//! What the judge says, and of what.

use serde::{Deserialize, Serialize};
use slipway_model::Digest;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The check or analysis.
    pub name: String,
    pub revision: Digest,
    pub outcome: Outcome,
    /// Why, in one line.
    pub detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Pass,
    Fail,
    /// Too little was seen to say. Never a pass.
    Inconclusive,
    /// The evidence could not be gathered.
    Error,
}

/// The evidence on one revision.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// For how long it was watched.
    pub seconds: f64,
    /// Log lines seen, and those that match.
    pub lines: u64,
    pub matches: u64,
    /// One of the lines that match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Measured values, one a look.
    #[serde(default)]
    pub values: Vec<f64>,
    /// Why a look brought nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}

impl Verdict {
    pub fn new(name: &str, revision: Digest, outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            revision,
            outcome,
            detail: detail.into(),
        }
    }
}

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
        }
    }
}

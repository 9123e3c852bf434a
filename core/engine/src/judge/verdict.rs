//! What the judge says, and of what.

use serde::{Deserialize, Serialize};
use slipway_judge::{Comparison, Kinds, Look, Spread, Tally};
use slipway_manifest::Analysis;
use slipway_model::Digest;

pub use slipway_judge::Outcome;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The check or analysis.
    pub name: String,
    pub revision: Digest,
    pub outcome: Outcome,
    /// Why, in one line.
    pub detail: String,
    /// What a plugin has to show for it, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
    /// Of an analysis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Box<Evidence>>,
}

/// What an analysis was judged by: whoever has it can judge again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Evidence {
    pub analysis: Analysis,
    pub look: Look,
    pub candidate: Sample,
    /// Of the revision that users are on, if there is one to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stable: Option<Sample>,
    /// The numbers that the comparison came to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// The evidence on one revision.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// For how long it was watched.
    pub seconds: f64,
    /// Events out of all, one tally a look: requests that count, lines that match, or what a program counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty", alias = "lines")]
    pub tallies: Vec<Tally>,
    /// Values of log lines.
    #[serde(default, skip_serializing_if = "Spread::is_empty")]
    pub spread: Spread,
    /// What lines that match say, where that is asked.
    #[serde(default, skip_serializing_if = "Kinds::is_empty")]
    pub kinds: Kinds,
    /// One of the lines that match, or what a plugin has to show for its numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
    /// Measured values, one a look.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
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
            lines: Vec::new(),
            evidence: None,
        }
    }
}

impl Sample {
    pub(super) fn total(&self) -> Tally {
        Tally::total(&self.tallies)
    }
}

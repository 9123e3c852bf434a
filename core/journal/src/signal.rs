//! Signals: what a person or CI tells a run from another process. Kept beside the journal, because the sender holds no
//! lease; the run records as an event what it did with one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    pub kind: SignalKind,
    pub by: String,
    pub reason: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignalKind {
    Pause,
    Resume,
    /// Skip the rest of a soak.
    Promote,
    /// Go back now.
    Abort,
    Approve,
    /// Do again what failed.
    Retry,
    /// Go on as though what failed had not.
    Skip,
    /// Go on without the instances that failed.
    Exclude,
    /// End, and leave everything as it stands.
    Hold,
}

/// A signal with its place among those of its run; reading goes on after the last place seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signalled {
    pub cursor: u64,
    pub signal: Signal,
}

impl SignalKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Promote => "promote",
            Self::Abort => "abort",
            Self::Approve => "approve",
            Self::Retry => "retry",
            Self::Skip => "skip",
            Self::Exclude => "exclude",
            Self::Hold => "hold",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        use SignalKind::{Abort, Approve, Exclude, Hold, Pause, Promote, Resume, Retry, Skip};
        [Pause, Resume, Promote, Abort, Approve, Retry, Skip, Exclude, Hold]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

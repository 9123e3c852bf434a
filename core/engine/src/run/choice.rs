//! How a run goes on that has failed and asks people.

use serde::{Deserialize, Serialize};
use slipway_journal::SignalKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// Do again what failed.
    Retry,
    /// Go on as though it had not failed.
    Skip,
    /// Go on without the instances that failed: they are stopped, and nothing more is done with them.
    Exclude,
    /// Bring the old revision back.
    RollBack,
    /// End, and leave everything as it stands.
    Hold,
}

impl Choice {
    pub const ALL: [Self; 5] = [Self::Retry, Self::Skip, Self::Exclude, Self::RollBack, Self::Hold];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Skip => "skip",
            Self::Exclude => "exclude",
            Self::RollBack => "roll-back",
            Self::Hold => "hold",
        }
    }

    /// What becomes of it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Retry => "does again what failed",
            Self::Skip => "goes on as though it had not failed",
            Self::Exclude => "goes on without the instances that failed",
            Self::RollBack => "brings back what users had",
            Self::Hold => "ends the run, and leaves everything as it stands",
        }
    }

    /// How the run is told.
    pub fn signal(self) -> SignalKind {
        match self {
            Self::Retry => SignalKind::Retry,
            Self::Skip => SignalKind::Skip,
            Self::Exclude => SignalKind::Exclude,
            Self::RollBack => SignalKind::Abort,
            Self::Hold => SignalKind::Hold,
        }
    }
}

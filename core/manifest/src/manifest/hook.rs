//! Programs that run at moments of a roll-out.

use serde::{Deserialize, Serialize};
use slipway_model::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hook {
    pub name: String,
    pub at: HookMoment,
    /// Program and arguments; no shell.
    pub run: Vec<String>,
    /// Never unlimited.
    pub timeout: Duration,
    /// Twice has the effect of once.
    pub repeatable: bool,
    pub on_failure: HookFailure,
    /// Once it has begun nothing goes back by itself.
    pub point_of_no_return: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookMoment {
    BeforeRun,
    AfterRun,
    OnFailure,
    OnRollBack,
    BeforeBatch,
    AfterBatch,
    BeforeStart,
    AfterStart,
    BeforeAttach,
    AfterAttach,
    BeforeDrain,
    AfterDrain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookFailure {
    Fail,
    GoOn,
}

impl HookMoment {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BeforeRun => "before-run",
            Self::AfterRun => "after-run",
            Self::OnFailure => "on-failure",
            Self::OnRollBack => "on-roll-back",
            Self::BeforeBatch => "before-batch",
            Self::AfterBatch => "after-batch",
            Self::BeforeStart => "before-start",
            Self::AfterStart => "after-start",
            Self::BeforeAttach => "before-attach",
            Self::AfterAttach => "after-attach",
            Self::BeforeDrain => "before-drain",
            Self::AfterDrain => "after-drain",
        }
    }

    /// Whether it comes on the way to the new revision, while there is a way back.
    pub fn is_forth(self) -> bool {
        !matches!(self, Self::AfterRun | Self::OnFailure | Self::OnRollBack)
    }
}

//! Programs that run at moments of a roll-out.

use serde::{Deserialize, Serialize};
use slipway_model::Duration;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Hook {
    pub name: String,
    pub at: HookMoment,
    /// Where it runs.
    #[serde(rename = "where", default, skip_serializing_if = "HookPlace::is_operator")]
    pub place: HookPlace,
    /// At the place: what it runs with. None where the service has only one artifact that runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// At the place: the part of the artifact that it runs as, in the target's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Program and arguments; no shell.
    pub run: Vec<String>,
    /// Never unlimited.
    pub timeout: Duration,
    /// Twice has the effect of once. At the place nothing runs twice.
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

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HookPlace {
    /// On the machine of Slipway.
    #[default]
    Operator,
    /// Where the instances run, with what they have.
    Place,
}

impl HookPlace {
    pub fn is_operator(&self) -> bool {
        *self == Self::Operator
    }
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

//! Runs: one execution of steps for one service and environment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{EnvironmentName, RunId, ServiceName};

use crate::{Holder, Liveness, Scope};

/// What is known when a run begins.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRun {
    pub id: RunId,
    pub steps: Vec<String>,
    /// The plan as it was shown, as JSON.
    pub plan: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub id: RunId,
    pub service: ServiceName,
    pub environment: EnvironmentName,
    pub steps: Vec<String>,
    /// As the journal says; whether anybody is still working on it is [`Run::is_interrupted`].
    pub state: RunState,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub plan: String,
    pub summary: String,
    /// Who holds the environment for this run.
    pub holder: Option<Holder>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    Running,
    Waiting,
    Succeeded,
    Failed,
    RolledBack,
    Aborted,
}

/// How a run can end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    Succeeded,
    Failed,
    RolledBack,
    Aborted,
}

/// Which runs to list, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFilter {
    pub service: Option<ServiceName>,
    pub environment: Option<EnvironmentName>,
    pub state: Option<RunState>,
    /// All of them when absent.
    pub limit: Option<u32>,
}

impl Run {
    pub fn scope(&self) -> Scope {
        Scope {
            service: self.service.clone(),
            environment: self.environment.clone(),
        }
    }

    /// Not ended, and nobody works on it: killed, and to be resumed. Derived, never stored.
    pub fn is_interrupted(&self, now: Timestamp) -> bool {
        let held = self
            .holder
            .as_ref()
            .is_some_and(|holder| holder.liveness(now) == Liveness::Alive);
        self.ended.is_none() && !held
    }
}

impl RunState {
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Running | Self::Waiting)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::RolledBack => "rolled-back",
            Self::Aborted => "aborted",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        use RunState::{Aborted, Failed, RolledBack, Running, Succeeded, Waiting};
        [Running, Waiting, Succeeded, Failed, RolledBack, Aborted]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

impl From<Ending> for RunState {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Succeeded => Self::Succeeded,
            Ending::Failed => Self::Failed,
            Ending::RolledBack => Self::RolledBack,
            Ending::Aborted => Self::Aborted,
        }
    }
}

//! What a run shall do, as it is kept with the run.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use slipway_journal::Scope;
use slipway_model::{Digest, EnvironmentName, Plan, RunId, ServiceName};

use crate::Failed;

/// What a run shall do. Kept with the run, so that it can be gone on with from another process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    pub service: ServiceName,
    /// Absent for a release on its own.
    pub environment: Option<EnvironmentName>,
    pub work: Work,
    /// The runs that have one verdict with this one, which leads them; in the order in which they go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<Member>,
    /// The run that leads this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<Lead>,
}

/// A run of another service that is released together with this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Member {
    pub service: ServiceName,
    /// Its manifest, from the folder of the one that leads.
    pub file: PathBuf,
    pub run: RunId,
    /// What it shall do, for the case that it has not begun when all of it is interrupted.
    pub work: Work,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Lead {
    pub service: ServiceName,
    /// Its manifest, from the folder of the one whose request this is.
    pub file: PathBuf,
    pub run: RunId,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Work {
    Steps {
        steps: Vec<Step>,
        version: Option<String>,
        update: bool,
        /// `--set NAME=VALUE`, as typed.
        set: Vec<(String, String)>,
        dependencies: BTreeMap<String, Digest>,
        /// What is adapted if nothing is released, instead of what deploy.lock has.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        package: Option<Digest>,
        /// A saved plan, to be applied as it was saved or not at all.
        expected: Option<Box<Plan>>,
        /// Why deploy and cutover go ahead outside of the environment's windows.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outside_window: Option<String>,
    },
    /// Back to a revision that was current before.
    RollBack { revision: Digest },
    /// A revision out of the archive.
    Redeploy { entry: String, revision: Digest },
    /// A candidate that nobody works on goes.
    Drop {
        revision: Digest,
        by: String,
        reason: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Release,
    Adapt,
    Deploy,
    Cutover,
    /// Instead of the two before: what others have deployed is taken over as it runs; what would have to change for it
    /// only with `changes`.
    Adopt {
        changes: bool,
    },
}

/// The scope of runs that have no environment.
const RELEASE: &str = "release";

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Adapt => "adapt",
            Self::Deploy => "deploy",
            Self::Cutover => "cutover",
            Self::Adopt { .. } => "adopt",
        }
    }

    /// Whether users may notice it: such a step has its time.
    pub fn changes(self) -> bool {
        matches!(self, Self::Deploy | Self::Cutover | Self::Adopt { changes: true })
    }
}

impl Request {
    /// For a service by itself.
    pub fn new(service: ServiceName, environment: Option<EnvironmentName>, work: Work) -> Self {
        Self {
            service,
            environment,
            work,
            together: Vec::new(),
            lead: None,
        }
    }

    pub(super) fn scope(&self) -> Result<Scope, Failed> {
        let environment = match &self.environment {
            Some(environment) => environment.clone(),
            None => RELEASE.parse().map_err(Failed::from_error)?,
        };
        Ok(Scope {
            service: self.service.clone(),
            environment,
        })
    }

    pub(super) fn steps(&self) -> Vec<String> {
        match &self.work {
            Work::Steps { steps, .. } => steps.iter().map(|step| step.name().to_owned()).collect(),
            Work::RollBack { .. } => vec!["roll-back".to_owned()],
            Work::Redeploy { .. } => vec!["redeploy".to_owned()],
            Work::Drop { .. } => vec!["abort".to_owned()],
        }
    }
}

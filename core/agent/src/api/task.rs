//! Tasks: what is asked for and what is seen.

use serde::{Deserialize, Serialize};
use slipway_model::{Digest, Duration, EnvironmentName, InstanceName, ServiceName};

use super::InstanceSpec;

/// A program that runs once. It is never started again under one name, however it ended and whoever died meanwhile, until
/// it is deleted: the same spec again is no change, another one is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TaskSpec {
    /// What it runs as. Its ports are told to it as to an instance; `health` and `restart` mean nothing here.
    pub instance: InstanceSpec,
    /// It is stopped, as an instance is, when it has run for so long.
    pub timeout: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TaskStatus {
    pub name: InstanceName,
    pub service: ServiceName,
    pub environment: EnvironmentName,
    pub revision: Digest,
    /// The process, while there is one.
    pub pid: Option<u32>,
    /// None: it runs, or is about to.
    pub end: Option<TaskEnd>,
    /// The end of what it said, once it has ended: the last whole lines, at most 4 KiB.
    pub said: String,
}

/// How it ended. Neither `code` nor `signal`: it was never begun, or nobody saw it, because no agent ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TaskEnd {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    /// It had run for too long.
    pub late: bool,
    /// One line for a person: why it was never begun. Empty when there is nothing to say.
    pub detail: String,
    /// When it was noticed, in milliseconds since 1970.
    pub at: u64,
}

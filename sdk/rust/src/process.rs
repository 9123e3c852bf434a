//! The workload of kind `process`: what a format says about a program and a target needs to run it. It is a file in
//! the deployment folder, so its fields are a format that lives longer than any plugin: they are only ever added to.
//!
//! `command` and `env` may hold `${app}`, `${config}`, `${data}`, `${instance}`, `${revision}` and `${port.NAME}`,
//! which are known when an instance starts, and `${secret.NAME}`, which only the host replaces.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Duration, Failure};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Process {
    /// Always [`Process::KIND`].
    pub kind: String,
    /// The artifact's name and the digest of its bytes.
    pub artifact: String,
    pub digest: String,
    /// Leading path elements that are dropped when the artifact is unpacked.
    pub strip: u32,
    pub instances: u32,
    pub command: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ports: BTreeMap<String, ProcessPort>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    #[serde(default, skip_serializing_if = "Data::is_none")]
    pub data: Data,
    /// Begins with `${app}` or `${data}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workdir: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<Restart>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogLimit>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ProcessPort {
    /// Without it the target chooses a free one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u16>,
}

/// Exactly one of `http` and `tcp`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Health {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<bool>,
    /// A format always fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthy_after: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unhealthy_after: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_period: Option<Duration>,
}

/// A folder of the service that outlives revisions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Data {
    #[default]
    None,
    /// Any number of instances may use it at once.
    Shared,
    /// One instance at a time.
    Exclusive,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Restart {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<RestartPolicy>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initial: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    Always,
    OnFailure,
    Never,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Stop {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<Signal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Signal {
    Term,
    Int,
    Quit,
    Hup,
    Usr1,
    Usr2,
    Kill,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LogLimit {
    /// Bytes of the newest output that are kept at least.
    pub max_size: u64,
}

impl Process {
    pub const KIND: &'static str = "process";

    /// One instance of it, with nothing else said.
    pub fn new(artifact: &str, digest: &str, command: Vec<String>) -> Self {
        Self {
            kind: Self::KIND.to_owned(),
            artifact: artifact.to_owned(),
            digest: digest.to_owned(),
            strip: 0,
            instances: 1,
            command,
            env: BTreeMap::new(),
            ports: BTreeMap::new(),
            health: None,
            data: Data::None,
            workdir: None,
            user: None,
            restart: None,
            stop: None,
            log: None,
        }
    }

    /// From the file in the deployment folder.
    pub fn read(file: &str, bytes: &[u8]) -> Result<Self, Failure> {
        let process: Self = serde_json::from_slice(bytes)
            .map_err(|error| Failure::invalid(format!("{file} is not a workload `process`: {error}")))?;
        if process.kind == Self::KIND {
            Ok(process)
        } else {
            Err(Failure::unsupported(format!(
                "{file} is a workload `{}`, not `process`",
                process.kind
            )))
        }
    }
}

impl Health {
    /// Well is what answers `GET path` at that port with a success.
    pub fn http(path: &str, port: &str) -> Self {
        Self {
            http: Some(path.to_owned()),
            tcp: None,
            port: Some(port.to_owned()),
            interval: None,
            timeout: None,
            healthy_after: None,
            unhealthy_after: None,
            start_period: None,
        }
    }
}

impl Data {
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

//! Instances: what is asked for and what is seen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_model::{Digest, Duration, EnvironmentName, InstanceName, ServiceName};

/// What an instance is. It never changes under one name: the same spec again is no change, another one is refused.
///
/// `command` and the values of `env` may hold `${port.NAME}`, `${app}`, `${config}`, `${data}`, `${instance}`,
/// `${revision}` and `${value.NAME}`. Any other `${...}` is refused; `$${` is a plain `${`.
///
/// The instance sees a clean environment: `PATH`, `LANG`, `HOME` (its working folder), `PORT` (if it has one port, or
/// one named `http`), `PORT_<NAME>` for each port, `SLIPWAY_SERVICE`, `SLIPWAY_ENVIRONMENT`, `SLIPWAY_REVISION`,
/// `SLIPWAY_INSTANCE`, and `env`, which wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InstanceSpec {
    pub service: ServiceName,
    pub environment: EnvironmentName,
    /// `sha256:<hex>` of the deployment folder.
    pub revision: Digest,
    pub folders: Folders,
    /// Program and arguments. A program with a slash is absolute or inside `folders.app`; one without is looked for
    /// there and then in `PATH`.
    pub command: Vec<String>,
    /// Environment variables.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What `${value.NAME}` stands for. It is put in as it is: nothing in it is taken for a placeholder. Secrets arrive
    /// here in the clear and stay in the agent's own files (mode 0600).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
    /// Ports that the instance listens on, by name. Free ones are chosen and kept for the life of the instance.
    #[serde(default)]
    pub ports: BTreeMap<String, Port>,
    /// Working folder: absolute or relative to the agent's folder, and inside it. Default: `folders.data`, otherwise
    /// `folders.app`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workdir: Option<String>,
    /// Name of the user to run as. Needs an agent that runs as root. Default: the agent's own user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How its health is found out. Default: healthy for as long as the process runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
    #[serde(default)]
    pub restart: Restart,
    #[serde(default)]
    pub stop: Stop,
    #[serde(default)]
    pub log: LogLimit,
}

/// Folders that the placeholders name: absolute or relative to the agent's folder, and inside it (links followed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Folders {
    /// The unpacked artifact. Must exist.
    pub app: String,
    /// The final configuration files. Must exist. Default: none, and `${config}` is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// What outlives revisions. Made if missing. Default: none, and `${data}` is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Port {
    /// A fixed number. Default: a free one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u16>,
}

/// A probe that is repeated: exactly one of `http` and `tcp`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Health {
    /// Path that answers 200 to 399 to a `GET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// `true`: the port accepts connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tcp: Option<bool>,
    /// Name of the port that is probed, on 127.0.0.1.
    pub port: String,
    /// Between two probes. Default `1s`.
    #[serde(default = "second")]
    pub interval: Duration,
    /// Of one probe. Default `1s`.
    #[serde(default = "second")]
    pub timeout: Duration,
    /// Probes in a row that make it healthy. Default 1.
    #[serde(default = "one")]
    pub healthy_after: u32,
    /// Failed probes in a row that make it unhealthy. Default 3. It is not restarted for that.
    #[serde(default = "three")]
    pub unhealthy_after: u32,
    /// How long failed probes do not count before it was healthy for the first time. Default `30s`.
    #[serde(default = "half_minute")]
    pub start_period: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Restart {
    /// Default `always`.
    pub policy: RestartPolicy,
    /// Wait before the first restart; each further one waits twice as long. Default `500ms`.
    pub initial: Duration,
    /// The longest wait. A process that ran for longer than this (and 10 s) begins again at `initial`. Default `30s`.
    pub max: Duration,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartPolicy {
    #[default]
    Always,
    /// Unless it ended with exit code 0.
    OnFailure,
    Never,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Stop {
    /// `TERM` (default), `INT`, `QUIT`, `HUP`, `USR1`, `USR2` or `KILL`: sent to the whole process group.
    pub signal: String,
    /// Then everything that is left gets `KILL`. Default `10s`.
    pub timeout: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LogLimit {
    /// Bytes of the newest output that are kept at least. Default 16777216 (16 MiB), at least 65536.
    pub max_size: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InstanceList {
    /// Sorted by name.
    pub instances: Vec<InstanceStatus>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InstanceStatus {
    pub name: InstanceName,
    pub service: ServiceName,
    pub environment: EnvironmentName,
    pub revision: Digest,
    pub state: InstanceState,
    /// The process, while there is one.
    pub pid: Option<u32>,
    /// Port numbers by name; the instance is reached at `127.0.0.1:<number>`.
    pub ports: BTreeMap<String, u16>,
    /// When the process started, in milliseconds since 1970.
    pub started: Option<u64>,
    /// Since when it is healthy without a break, in milliseconds since 1970.
    pub healthy_since: Option<u64>,
    /// How often it was started again.
    pub restarts: u32,
    pub last_exit: Option<LastExit>,
    /// One line for a person: why it is not healthy. Empty when there is nothing to say.
    pub detail: String,
    /// The last lines of its log (at most 20) when it is backing off, failed or unhealthy.
    pub log_tail: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstanceState {
    /// Runs, and was not healthy yet.
    Starting,
    Healthy,
    /// Runs, and its probes fail.
    Unhealthy,
    /// Has ended and is started again after a wait.
    BackingOff,
    /// Has ended badly and is not started again.
    Failed,
    /// Is being stopped; it is forgotten once it has ended.
    Stopping,
    /// Has ended well and is not started again.
    Stopped,
}

/// How the process ended. Neither `code` nor `signal`: nobody saw it, because it ended while no agent ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LastExit {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    /// When it was noticed, in milliseconds since 1970.
    pub at: u64,
}

impl Default for Restart {
    fn default() -> Self {
        Self {
            policy: RestartPolicy::Always,
            initial: Duration::from_millis(500),
            max: half_minute(),
        }
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            signal: "TERM".to_owned(),
            timeout: Duration::from_secs(10),
        }
    }
}

impl Default for LogLimit {
    fn default() -> Self {
        Self { max_size: 16 << 20 }
    }
}

const fn one() -> u32 {
    1
}

const fn three() -> u32 {
    3
}

const fn second() -> Duration {
    Duration::from_secs(1)
}

const fn half_minute() -> Duration {
    Duration::from_secs(30)
}

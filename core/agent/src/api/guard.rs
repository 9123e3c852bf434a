//! Guards: what is asked for and what is seen.

use serde::{Deserialize, Serialize};
use slipway_model::{Duration, EnvironmentName, ServiceName};

/// A dead man's switch over a service in an environment: unless it is put again in time, what runs there when it is put
/// for the first time comes back, and what was added goes. Putting it again with another time changes the time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GuardSpec {
    pub service: ServiceName,
    pub environment: EnvironmentName,
    /// At least a second. Counts anew when the agent is started again.
    pub within: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GuardStatus {
    pub name: String,
    pub spec: GuardSpec,
    pub state: GuardState,
    /// When it went off, in milliseconds since 1970.
    pub went_off: Option<u64>,
    /// One line for a person: what did not come back, and why. Empty when there is nothing to say.
    pub detail: String,
}

/// It is taken away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GuardGone {
    /// As it was; none if there was none.
    pub guard: Option<GuardStatus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GuardState {
    /// Somebody has to be heard from in time.
    Waiting,
    /// Nobody was: what ran comes back.
    Restoring,
    /// It is back, as far as it could be.
    Restored,
}

//! Version 1 of what is spoken on the agent's socket: the JSON of every request and answer. Plugins write the same
//! JSON by hand, so each field says what it means, what it defaults to and what is refused. No behaviour here.
//!
//! | method and path | body | answer |
//! |---|---|---|
//! | `GET /v1/agent` | | [`AgentInfo`] |
//! | `POST /v1/shutdown?keep-instances=BOOL` | | [`Done`]; instances and routes are stopped and forgotten, or kept for the next agent |
//! | `PUT /v1/instances/{name}` | [`InstanceSpec`] | [`InstanceStatus`]; 201 made, 200 was there, 409 another spec has the name, 422 refused |
//! | `GET /v1/instances?service=&environment=&revision=` | | [`InstanceList`] |
//! | `GET /v1/instances/{name}` | | [`InstanceStatus`], or 404 |
//! | `DELETE /v1/instances/{name}?timeout=DURATION&logs=BOOL` | | [`Done`], once it has ended; `logs=true` deletes its log too |
//! | `GET /v1/instances/{name}/logs?from=&limit=&follow=SECONDS` | | bytes, see below; also after the instance was deleted |
//! | `PUT /v1/routes/{name}` | [`RouteSpec`] | [`RouteStatus`]; 201 made, 200 changed or the same |
//! | `GET /v1/routes` | | [`RouteList`] |
//! | `GET /v1/routes/{name}` | | [`RouteStatus`], or 404 |
//! | `DELETE /v1/routes/{name}?logs=BOOL` | | [`Done`] |
//! | `GET /v1/routes/{name}/metrics` | | Prometheus text |
//! | `GET /v1/routes/{name}/access-log?from=&limit=&follow=SECONDS` | | lines of [`AccessEntry`], see below |
//! | `PUT /v1/tasks/{name}` | [`TaskSpec`] | [`TaskStatus`]; 201 made, 200 was there, 409 another spec has the name, 422 refused |
//! | `GET /v1/tasks/{name}?wait=DURATION` | | [`TaskStatus`], once it has ended or so long has passed (at most 5m), or 404 |
//! | `DELETE /v1/tasks/{name}` | | [`Done`], once it has ended; its log goes too |
//! | `PUT /v1/guards/{name}` | [`GuardSpec`] | [`GuardStatus`]; 201 made, 200 counts anew, or went off before |
//! | `GET /v1/guards/{name}` | | [`GuardStatus`], or 404 |
//! | `DELETE /v1/guards/{name}` | | [`GuardGone`], once nothing is being brought back any more |
//!
//! Logs are read by offsets that count from the first byte ever written. An answer's header `slipway-offset` says
//! where its first byte stands (later than `from` where older bytes were dropped) and `slipway-next-offset` where to
//! read on; `follow` waits up to that many seconds for a first byte. An answer ends with a line, unless it has no other, and
//! `slipway-log-end` says whether nothing more stands behind it.
//!
//! Every `PUT` and `DELETE` may carry `slipway-scope: <service>/<environment>` with `slipway-fence: <number>`. A
//! number below the greatest that the scope has seen is answered 412 and changes nothing. So is each that would change an
//! instance, a route or a task of a scope whose guard went off, until that is deleted.
//!
//! Errors are [`ErrorBody`] with the status 400 (not JSON, unknown field), 404, 409, 412, 422 or 500.

mod guard;
mod instance;
mod route;
mod task;

use serde::{Deserialize, Serialize};

pub use guard::{GuardGone, GuardSpec, GuardState, GuardStatus};
pub use instance::{
    Folders, Health, InstanceList, InstanceSpec, InstanceState, InstanceStatus, LastExit, LogLimit, Port,
    Restart, RestartPolicy, Stop,
};
pub use route::{
    AccessEntry, Backend, BackendInstance, InstanceFlow, Preview, RevisionFlow, RouteList, RouteSpec,
    RouteStatus, Sticky, Timeouts,
};
pub use task::{TaskEnd, TaskSpec, TaskStatus};

pub const FENCE_HEADER: &str = "slipway-fence";
pub const SCOPE_HEADER: &str = "slipway-scope";
pub const OFFSET_HEADER: &str = "slipway-offset";
pub const NEXT_OFFSET_HEADER: &str = "slipway-next-offset";
/// Whether nothing more stands behind a piece of a log: `true` or `false`.
pub const LOG_END_HEADER: &str = "slipway-log-end";

/// Who answers on the socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AgentInfo {
    /// Version of the agent's program.
    pub version: String,
    /// Process id of the worker, which changes when it is restarted.
    pub pid: u32,
    /// When this worker started, in milliseconds since 1970.
    pub started: u64,
    /// The agent's folder, absolute.
    pub dir: String,
}

/// A request was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Done {
    /// `true` if there was nothing to do because it was not there.
    pub gone: bool,
}

/// Why a request was not carried out. Holds no value of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ErrorBody {
    /// What, where, why and what to do, for a person.
    pub error: String,
}

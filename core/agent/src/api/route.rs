//! Routes: what is asked for and what is seen.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use slipway_model::{Baseline, Digest, Duration, InstanceName};

/// Where users come in and which revisions they are sent to. A `PUT` replaces the whole document; requests that
/// are under way end where they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RouteSpec {
    /// Address and port, such as `127.0.0.1:8080`. Port 0 takes a free one, which the status tells and later
    /// documents may keep writing as 0.
    pub listen: SocketAddr,
    /// None, or none with weight and instances: users get 503.
    #[serde(default)]
    pub backends: Vec<Backend>,
    /// Keeps a user on the revision that answered first, for as long as that has weight. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sticky: Option<Sticky>,
    /// Further instances that are tried when one cannot be reached and no byte of the request's body has left.
    /// Default 2.
    #[serde(default = "two")]
    pub retries: u32,
    /// An address of its own for one revision, before users see it. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    /// Adds `x-slipway-revision` and `x-slipway-instance` to answers. Default `false`.
    #[serde(default)]
    pub expose: bool,
    /// `true`: another proxy stands before this one and its `x-forwarded-*` headers are kept and added to. Default
    /// `false`: they are replaced, since anybody could have sent them.
    #[serde(default)]
    pub trust_forwarded: bool,
    #[serde(default)]
    pub timeouts: Timeouts,
}

/// The instances of one revision and its share of the requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Backend {
    /// `sha256:<hex>`, once in the list.
    pub revision: Digest,
    /// Share among all weights: of any N requests in a row, N being the sum of weights, exactly this many. 0 is none.
    /// At most 1000000.
    pub weight: u32,
    #[serde(default)]
    pub instances: Vec<BackendInstance>,
    /// Some of the instances, held apart. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BackendInstance {
    pub name: InstanceName,
    /// Such as `127.0.0.1:43121`. Spoken to in HTTP/1.1.
    pub address: SocketAddr,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Sticky {
    /// Name of the cookie.
    pub cookie: String,
    /// Default: until the browser is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Preview {
    /// As `listen` above; another address than that.
    pub listen: SocketAddr,
    /// One of the backends; its weight does not matter here.
    pub revision: Digest,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Timeouts {
    /// Until an instance has accepted the connection. Default `2s`.
    pub connect: Duration,
    /// Until an instance has begun to answer; bodies may take as long as they like. Default `60s`, 0 is no limit.
    pub response: Duration,
    /// Until a user has sent the head of a request, also the next one on a kept connection. Default `60s`. Applies
    /// to connections made afterwards.
    pub header: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            response: Duration::from_secs(60),
            header: Duration::from_secs(60),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RouteList {
    /// Sorted by name.
    pub routes: Vec<RouteStatus>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RouteStatus {
    pub name: String,
    /// As it was put.
    pub spec: RouteSpec,
    /// Where it really listens.
    pub address: SocketAddr,
    pub preview_address: Option<SocketAddr>,
    /// Every revision of `spec.backends`, and those taken out that still have requests under way.
    pub revisions: Vec<RevisionFlow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RevisionFlow {
    pub revision: Digest,
    /// 0 when it was taken out.
    pub weight: u32,
    /// Requests and tunnels that are under way.
    pub in_flight: u64,
    pub instances: Vec<InstanceFlow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct InstanceFlow {
    pub name: InstanceName,
    pub address: SocketAddr,
    /// Requests and tunnels that are under way.
    pub in_flight: u64,
    /// Taken out of the route: gets no new request, and is listed until `in-flight` is 0.
    pub draining: bool,
    /// Could not be reached a moment ago, and is left alone for a moment.
    pub unreachable: bool,
}

/// One line of the access log, written when the request has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AccessEntry {
    /// When the request came in, in milliseconds since 1970.
    pub time: u64,
    pub method: String,
    /// Without the query, which may hold secrets.
    pub path: String,
    pub status: u16,
    /// Empty when no instance answered.
    pub revision: String,
    /// Empty when no instance answered.
    pub instance: String,
    /// Until the last byte of the answer, or the end of the tunnel.
    pub duration_ms: f64,
    /// Of the answer's body.
    pub bytes: u64,
    /// Came in by the preview address.
    pub preview: bool,
}

const fn two() -> u32 {
    2
}

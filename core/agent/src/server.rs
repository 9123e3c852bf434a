//! The API on the agent's socket. Whoever can open the socket may do everything: its folder is the owner's alone.

mod guards;
mod instances;
mod routes;
mod tasks;

use std::sync::Arc;

use axum::{
    Json, Router as Paths,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use slipway_model::{EnvironmentName, InstanceName, ServiceName};
use tokio::{net::UnixListener, sync::watch, time::Duration};

use crate::{
    api::{
        AgentInfo, Done, ErrorBody, FENCE_HEADER, LOG_END_HEADER, NEXT_OFFSET_HEADER, OFFSET_HEADER,
        SCOPE_HEADER,
    },
    error::{AgentError, Result},
    fence::Fences,
    guards::Guards,
    layout::Layout,
    log,
    router::Router,
    supervisor::{Supervisor, Tasks},
};

pub(crate) struct Agent {
    pub(crate) layout: Layout,
    pub(crate) started: u64,
    pub(crate) supervisor: Supervisor,
    pub(crate) tasks: Tasks,
    pub(crate) router: Router,
    pub(crate) fences: Fences,
    pub(crate) guards: Guards,
    pub(crate) end: watch::Sender<Option<End>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    KeepInstances,
    StopAll,
    /// All is done, answer who is waiting.
    Now,
}

type Shared = State<Arc<Agent>>;

pub(crate) async fn serve(listener: UnixListener, agent: Arc<Agent>) -> std::io::Result<()> {
    let paths = Paths::new()
        .route("/v1/agent", get(info))
        .route("/v1/shutdown", post(shutdown))
        .route("/v1/instances", get(instances::list))
        .route(
            "/v1/instances/{name}",
            get(instances::get).put(instances::put).delete(instances::delete),
        )
        .route("/v1/instances/{name}/logs", get(instances::logs))
        .route("/v1/routes", get(routes::list))
        .route(
            "/v1/routes/{name}",
            get(routes::get).put(routes::put).delete(routes::delete),
        )
        .route("/v1/routes/{name}/metrics", get(routes::metrics))
        .route("/v1/routes/{name}/access-log", get(routes::access_log))
        .route(
            "/v1/guards/{name}",
            get(guards::get).put(guards::put).delete(guards::delete),
        )
        .route(
            "/v1/tasks/{name}",
            get(tasks::get).put(tasks::put).delete(tasks::delete),
        )
        .fallback(unknown)
        .with_state(agent);
    axum::serve(listener, paths).await
}

async fn info(State(agent): Shared) -> Json<AgentInfo> {
    Json(AgentInfo {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pid: std::process::id(),
        started: agent.started,
        dir: agent.layout.dir.to_string_lossy().into_owned(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ShutdownQuery {
    #[serde(default)]
    keep_instances: bool,
}

async fn shutdown(State(agent): Shared, query: Query<ShutdownQuery>) -> Json<Done> {
    let end = if query.keep_instances {
        End::KeepInstances
    } else {
        End::StopAll
    };
    agent.end.send_replace(Some(end));
    let mut ending = agent.end.subscribe();
    // The sender lives in `agent`, so waiting cannot fail.
    let _ended = ending.wait_for(|end| *end == Some(End::Now)).await;
    Json(Done { gone: false })
}

async fn unknown() -> Response {
    let error =
        "the agent has no such address; version 1 has /v1/agent, /v1/instances, /v1/routes, /v1/tasks and /v1/guards"
            .to_owned();
    (StatusCode::NOT_FOUND, Json(ErrorBody { error })).into_response()
}

impl IntoResponse for AgentError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (
            status,
            Json(ErrorBody {
                error: self.to_string(),
            }),
        )
            .into_response()
    }
}

fn name(what: &str, text: &str) -> Result<InstanceName> {
    text.parse()
        .map_err(|error| AgentError::Invalid(format!("name of the {what}: {error}")))
}

/// Our own reading of bodies, so that every error has one form. The library's own limit (2 MB) applies.
fn body<T: DeserializeOwned>(bytes: &Bytes) -> std::result::Result<T, Box<Response>> {
    serde_json::from_slice(bytes).map_err(|error| {
        let error = format!("the body is not what is expected here: {error}");
        Box::new((StatusCode::BAD_REQUEST, Json(ErrorBody { error })).into_response())
    })
}

/// The scope of a request that may change what runs.
fn fenced(agent: &Agent, headers: &HeaderMap) -> Result<Option<String>> {
    let scope = newest(agent, headers)?;
    scope
        .as_deref()
        .map_or(Ok(()), |scope| agent.guards.check(scope))?;
    Ok(scope)
}

/// The scope of a request, once its token was found to be the newest.
fn newest(agent: &Agent, headers: &HeaderMap) -> Result<Option<String>> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    match (text(SCOPE_HEADER), text(FENCE_HEADER)) {
        (None, None) => Ok(None),
        (Some(scope), Some(token)) if scope.split('/').count() == 2 && scope.len() <= 100 => {
            let token = token
                .parse()
                .map_err(|_| AgentError::Invalid(format!("`{FENCE_HEADER}`: `{token}` is not a number")))?;
            tokio::task::block_in_place(|| agent.fences.check(scope, token))?;
            Ok(Some(scope.to_owned()))
        }
        _ => Err(AgentError::Invalid(format!(
            "`{SCOPE_HEADER}: <service>/<environment>` and `{FENCE_HEADER}: <number>` go together"
        ))),
    }
}

/// What is put belongs to whom the lease is on.
fn of_its_own(
    scope: Option<String>,
    what: &str,
    (service, environment): (&ServiceName, &EnvironmentName),
) -> Result<()> {
    let own = format!("{service}/{environment}");
    match scope {
        Some(scope) if scope != own => Err(AgentError::Invalid(format!(
            "the lease is on {scope}, the {what} belongs to {own}"
        ))),
        _ => Ok(()),
    }
}

/// The answer to a `PUT`: whether it was made, and how it is.
fn made<T: Serialize>(put: Result<(bool, T)>) -> Response {
    match put {
        Ok((made, status)) => {
            let code = if made { StatusCode::CREATED } else { StatusCode::OK };
            (code, Json(status)).into_response()
        }
        Err(error) => error.into_response(),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LogQuery {
    #[serde(default)]
    from: u64,
    #[serde(default = "piece")]
    limit: u64,
    /// Seconds.
    #[serde(default)]
    follow: u64,
}

const PIECE: u64 = 1 << 20;
const LONGEST_PIECE: u64 = 16 << 20;
const LONGEST_FOLLOW: u64 = 300;

const fn piece() -> u64 {
    PIECE
}

async fn log_piece(path: &std::path::Path, query: &LogQuery, missing: AgentError) -> Response {
    let until = tokio::time::Instant::now() + Duration::from_secs(query.follow.min(LONGEST_FOLLOW));
    loop {
        let read =
            tokio::task::block_in_place(|| log::read(path, query.from, query.limit.min(LONGEST_PIECE)));
        let piece = match read {
            Ok(Some(piece)) => piece,
            Ok(None) => return missing.into_response(),
            Err(error) => return error.into_response(),
        };
        if piece.bytes.is_empty() && tokio::time::Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        let next = piece.offset + piece.bytes.len() as u64;
        let headers = [
            (OFFSET_HEADER, piece.offset.to_string()),
            (NEXT_OFFSET_HEADER, next.to_string()),
            (LOG_END_HEADER, piece.end.to_string()),
            (
                header::CONTENT_TYPE.as_str(),
                "application/octet-stream".to_owned(),
            ),
        ];
        return (headers, piece.bytes).into_response();
    }
}

fn remove_log(path: &std::path::Path) -> Result<()> {
    crate::store::remove(path)
}

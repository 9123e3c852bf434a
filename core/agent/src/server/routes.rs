//! `/v1/routes`.

use std::time::Duration;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;

use super::{LogQuery, Shared, body, fenced, log_piece, made, name, remove_log};
use crate::{
    api::{Done, RouteList, RouteSpec, RouteStatus},
    error::{AgentError, Result},
};

const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct DeleteQuery {
    #[serde(default)]
    logs: bool,
}

pub(super) async fn list(State(agent): Shared) -> Json<RouteList> {
    Json(RouteList {
        routes: agent.router.list(),
    })
}

pub(super) async fn get(State(agent): Shared, Path(route): Path<String>) -> Result<Json<RouteStatus>> {
    agent.router.get(&name("route", &route)?).map(Json)
}

pub(super) async fn put(
    State(agent): Shared,
    Path(route): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let spec: RouteSpec = match body(&bytes) {
        Ok(spec) => spec,
        Err(refused) => return *refused,
    };
    let put = || {
        let name = name("route", &route)?;
        fenced(&agent, &headers)?;
        agent.router.put(&name, spec, None)
    };
    made(put())
}

pub(super) async fn delete(
    State(agent): Shared,
    Path(route): Path<String>,
    Query(query): Query<DeleteQuery>,
    headers: HeaderMap,
) -> Result<Json<Done>> {
    let name = name("route", &route)?;
    fenced(&agent, &headers)?;
    let was = agent.router.delete(&name, PATIENCE).await?;
    if query.logs {
        remove_log(&agent.layout.access_log(name.as_str()))?;
    }
    Ok(Json(Done { gone: !was }))
}

pub(super) async fn metrics(State(agent): Shared, Path(route): Path<String>) -> Result<Response> {
    let text = agent.router.metrics(&name("route", &route)?)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response())
}

pub(super) async fn access_log(
    State(agent): Shared,
    Path(route): Path<String>,
    Query(query): Query<LogQuery>,
) -> Response {
    let name = match name("route", &route) {
        Ok(name) => name,
        Err(error) => return error.into_response(),
    };
    let missing = AgentError::NotFound {
        what: "access log of the route",
        name: name.to_string(),
    };
    log_piece(&agent.layout.access_log(name.as_str()), &query, missing).await
}

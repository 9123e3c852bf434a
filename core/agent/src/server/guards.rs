//! `/v1/guards`.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::HeaderMap,
    response::Response,
};
use slipway_model::InstanceName;

use super::{Agent, Shared, body, made, name, newest, of_its_own};
use crate::{
    api::{GuardGone, GuardSpec, GuardStatus, RouteSpec},
    error::Result,
    supervisor::Kept,
};

pub(super) async fn get(State(agent): Shared, Path(guard): Path<String>) -> Result<Json<GuardStatus>> {
    agent.guards.get(&name("guard", &guard)?).map(Json)
}

pub(super) async fn put(
    State(agent): Shared,
    Path(guard): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let spec: GuardSpec = match body(&bytes) {
        Ok(spec) => spec,
        Err(refused) => return *refused,
    };
    let put = || {
        let name = name("guard", &guard)?;
        let scope = newest(&agent, &headers)?;
        of_its_own(scope, "guard", (&spec.service, &spec.environment))?;
        tokio::task::block_in_place(|| agent.guards.put(&name, spec.clone(), || seen(&agent, &spec)))
    };
    made(put())
}

pub(super) async fn delete(
    State(agent): Shared,
    Path(guard): Path<String>,
    headers: HeaderMap,
) -> Result<Json<GuardGone>> {
    let name = name("guard", &guard)?;
    newest(&agent, &headers)?;
    let guard = agent.guards.delete(&name).await?;
    Ok(Json(GuardGone { guard }))
}

/// What runs of a service, and the routes that send users there.
fn seen(agent: &Agent, spec: &GuardSpec) -> (Vec<Kept>, Vec<(InstanceName, RouteSpec)>) {
    let instances = agent.supervisor.kept(&spec.service, &spec.environment);
    let sends = |route: &RouteSpec| {
        let mut backends = route.backends.iter().flat_map(|backend| &backend.instances);
        backends.any(|instance| instances.iter().any(|kept| kept.name == instance.name))
    };
    let mut routes = agent.router.specs();
    routes.retain(|(_, route)| sends(route));
    (instances, routes)
}

//! `/v1/guards`.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};

use slipway_model::InstanceName;

use super::{Agent, Shared, body, name, newest};
use crate::{
    api::{GuardGone, GuardSpec, GuardStatus, RouteSpec},
    error::{AgentError, Result},
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
        let own = format!("{}/{}", spec.service, spec.environment);
        if let Some(scope) = newest(&agent, &headers)?.filter(|scope| *scope != own) {
            return Err(AgentError::Invalid(format!(
                "the lease is on {scope}, the guard belongs to {own}"
            )));
        }
        tokio::task::block_in_place(|| agent.guards.put(&name, spec.clone(), || seen(&agent, &spec)))
    };
    match put() {
        Ok((made, status)) => {
            let code = if made { StatusCode::CREATED } else { StatusCode::OK };
            (code, Json(status)).into_response()
        }
        Err(error) => error.into_response(),
    }
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

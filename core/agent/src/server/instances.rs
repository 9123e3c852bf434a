//! `/v1/instances`.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use slipway_model::{Digest, Duration, EnvironmentName, ServiceName};

use super::{LogQuery, Shared, body, fenced, log_piece, made, name, of_its_own, remove_log};
use crate::{
    api::{Done, InstanceList, InstanceSpec, InstanceStatus},
    error::{AgentError, Result},
};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Filter {
    service: Option<ServiceName>,
    environment: Option<EnvironmentName>,
    revision: Option<Digest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct DeleteQuery {
    timeout: Option<Duration>,
    #[serde(default)]
    logs: bool,
}

pub(super) async fn list(State(agent): Shared, Query(filter): Query<Filter>) -> Json<InstanceList> {
    let mut instances = agent.supervisor.list();
    instances.retain(|instance| {
        filter
            .service
            .as_ref()
            .is_none_or(|service| *service == instance.service)
            && filter
                .environment
                .as_ref()
                .is_none_or(|environment| *environment == instance.environment)
            && filter
                .revision
                .is_none_or(|revision| revision == instance.revision)
    });
    Json(InstanceList { instances })
}

pub(super) async fn get(State(agent): Shared, Path(instance): Path<String>) -> Result<Json<InstanceStatus>> {
    agent.supervisor.get(&name("instance", &instance)?).map(Json)
}

pub(super) async fn put(
    State(agent): Shared,
    Path(instance): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let spec: InstanceSpec = match body(&bytes) {
        Ok(spec) => spec,
        Err(refused) => return *refused,
    };
    let put = || {
        let name = name("instance", &instance)?;
        let scope = fenced(&agent, &headers)?;
        of_its_own(scope, "instance", (&spec.service, &spec.environment))?;
        tokio::task::block_in_place(|| agent.supervisor.put(&name, spec))
    };
    made(put())
}

pub(super) async fn delete(
    State(agent): Shared,
    Path(instance): Path<String>,
    Query(query): Query<DeleteQuery>,
    headers: HeaderMap,
) -> Result<Json<Done>> {
    let name = name("instance", &instance)?;
    fenced(&agent, &headers)?;
    // In a task of its own, so that it is carried through even if the one who asked hangs up.
    let deleting = tokio::spawn(async move {
        let was = agent
            .supervisor
            .delete(&name, query.timeout.map(Duration::std))
            .await?;
        if query.logs {
            remove_log(&agent.layout.instance_log(name.as_str()))?;
        }
        Ok(Json(Done { gone: !was }))
    });
    deleting.await.unwrap_or_else(|error| {
        Err(AgentError::Invalid(format!(
            "stopping {instance} broke off: {error}"
        )))
    })
}

pub(super) async fn logs(
    State(agent): Shared,
    Path(instance): Path<String>,
    Query(query): Query<LogQuery>,
) -> Response {
    let name = match name("instance", &instance) {
        Ok(name) => name,
        Err(error) => return error.into_response(),
    };
    let missing = AgentError::NotFound {
        what: "log of the instance",
        name: name.to_string(),
    };
    log_piece(&agent.layout.instance_log(name.as_str()), &query, missing).await
}

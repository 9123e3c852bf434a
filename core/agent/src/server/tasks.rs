//! `/v1/tasks`.

use std::time::Duration as Time;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use slipway_model::Duration;

use super::{Shared, body, fenced, made, name, of_its_own};
use crate::{
    api::{Done, TaskSpec, TaskStatus},
    error::{AgentError, Result},
};

const LONGEST_WAIT: Time = Time::from_secs(300);

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct WaitQuery {
    wait: Option<Duration>,
}

pub(super) async fn get(
    State(agent): Shared,
    Path(task): Path<String>,
    Query(query): Query<WaitQuery>,
) -> Result<Json<TaskStatus>> {
    let wait = query.wait.map_or(Time::ZERO, Duration::std).min(LONGEST_WAIT);
    agent.tasks.get(&name("task", &task)?, wait).await.map(Json)
}

pub(super) async fn put(
    State(agent): Shared,
    Path(task): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let spec: TaskSpec = match body(&bytes) {
        Ok(spec) => spec,
        Err(refused) => return *refused,
    };
    let put = || {
        let name = name("task", &task)?;
        let scope = fenced(&agent, &headers)?;
        of_its_own(
            scope,
            "task",
            (&spec.instance.service, &spec.instance.environment),
        )?;
        tokio::task::block_in_place(|| agent.tasks.put(&name, spec))
    };
    made(put())
}

pub(super) async fn delete(
    State(agent): Shared,
    Path(task): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Done>> {
    let name = name("task", &task)?;
    fenced(&agent, &headers)?;
    // In a task of its own, so that it is carried through even if the one who asked hangs up.
    let deleting = tokio::spawn(async move { agent.tasks.delete(&name).await });
    let was = deleting
        .await
        .unwrap_or_else(|error| Err(AgentError::Invalid(format!("ending {task} broke off: {error}"))))?;
    Ok(Json(Done { gone: !was }))
}

//! Looking at an environment: what the ledger says, what runs, where users go, what is logged. Changes nothing.

use serde_json::json;
use slipway_journal::{EnvironmentState, Scope};
use slipway_manifest::Environment;
use slipway_model::{EnvironmentName, InstanceName};
use slipway_plugin::{Instance, LogChunk, ObservedRoute};

use crate::{Caller, Engine, Failed, RunError, project::Project, rollout::Site};

#[derive(Debug, Clone)]
pub struct Observed {
    pub state: EnvironmentState,
    pub instances: Vec<Instance>,
    /// Where users go; none without a router, or before the first route.
    pub route: Option<ObservedRoute>,
}

pub async fn observe(
    engine: &Engine,
    project: &Project,
    environment: &EnvironmentName,
) -> Result<Observed, RunError> {
    let site = look_at(engine, project, environment).await?;
    let scope = Scope {
        service: site.place.service.clone(),
        environment: site.place.environment.clone(),
    };
    let (_, state) = engine.store.environment(&scope).await?;
    let instances = Caller::Look
        .call("observe", json!(null), |call| {
            site.target.observe(site.grants(call), site.place.clone())
        })
        .await?;
    let mut route = None;
    if let Some(at) = &site.router {
        let observed: ObservedRoute = Caller::Look
            .call("observe/route", json!(null), |call| {
                at.router.observe(site.router_grants(call), at.place.clone())
            })
            .await?;
        route = Some(observed);
    }
    Ok(Observed {
        state,
        instances,
        route,
    })
}

/// The log of an instance after a cursor; empty is its beginning.
pub async fn logs(
    engine: &Engine,
    project: &Project,
    environment: &EnvironmentName,
    (instance, cursor): (&InstanceName, &str),
) -> Result<LogChunk, RunError> {
    let site = look_at(engine, project, environment).await?;
    Caller::Look
        .call("logs", json!(null), |call| {
            site.target.logs(
                site.grants(call),
                site.place.clone(),
                instance.clone(),
                cursor.to_owned(),
            )
        })
        .await
}

/// The log of the environment's router after a cursor.
pub async fn access_log(
    engine: &Engine,
    project: &Project,
    environment: &EnvironmentName,
    cursor: &str,
) -> Result<LogChunk, RunError> {
    let site = look_at(engine, project, environment).await?;
    let at = site
        .router
        .as_ref()
        .ok_or_else(|| Failed::new(format!("{environment} has no router")))?;
    Caller::Look
        .call("access-log", json!(null), |call| {
            at.router
                .logs(site.router_grants(call), at.place.clone(), cursor.to_owned())
        })
        .await
}

async fn look_at(
    engine: &Engine,
    project: &Project,
    environment: &EnvironmentName,
) -> Result<Site, RunError> {
    let manifest = &project.manifest;
    let Environment { target, router, .. } = manifest.environments.get(environment).ok_or_else(|| {
        let known: Vec<_> = manifest
            .environments
            .keys()
            .map(EnvironmentName::as_str)
            .collect();
        Failed::new(format!("there is no environment `{environment}`"))
            .hint(format!("there are: {}", known.join(", ")))
    })?;
    let names = (&manifest.service.name, environment);
    Site::open(engine, &engine.workspace, names, target, router.as_ref()).await
}

//! Looking at an environment: what the ledger says, what runs, where users go, what is logged. Changes nothing, and needs
//! no manifest: it looks where the revisions were deployed to, as they were deployed.

use serde_json::json;
use slipway_journal::{Deployed, EnvironmentState, RunFilter, Scope};
use slipway_model::{Digest, InstanceName};
use slipway_plugin::{Change, ChangeKind, Instance, LogChunk, ObservedRoute};

use super::{deployed_plan, plan::changes};
use crate::{Caller, Engine, Failed, RunError, carried::bring, revision::Rollout, rollout::Site};

#[derive(Debug, Clone, Default)]
pub struct Observed {
    pub instances: Vec<Instance>,
    /// Where users go; none without a router, or before the first route.
    pub route: Option<ObservedRoute>,
}

/// An environment to look at, opened once and looked at as often as one likes.
pub struct View {
    site: Site,
}

impl View {
    /// `None` where nothing was ever deployed.
    pub async fn open(
        engine: &Engine,
        scope: &Scope,
        state: &EnvironmentState,
    ) -> Result<Option<Self>, RunError> {
        let Some(revision) = latest(engine, scope, state).await? else {
            return Ok(None);
        };
        for deployed in state.current.iter().chain(&state.candidate) {
            bring(engine, deployed).await?;
        }
        let rollout = Rollout::read(&engine.workspace.revision(revision))?;
        let names = (&scope.service, &scope.environment);
        let (target, router) = (&rollout.target, rollout.router.as_ref());
        let site = Site::open(engine, &engine.workspace, names, target, router).await?;
        Ok(Some(Self { site }))
    }

    /// Before logs are read: secrets that instances have said are not among what is told of them.
    pub async fn hide_secrets(&mut self, engine: &Engine, state: &EnvironmentState) -> Result<(), RunError> {
        for deployed in state.current.iter().chain(&state.candidate) {
            self.site.hide(engine, deployed.revision).await?;
        }
        Ok(())
    }

    pub async fn observe(&self) -> Result<Observed, RunError> {
        let instances = self.instances().await?;
        let mut route = None;
        if let Some(at) = &self.site.router {
            let observed: ObservedRoute = Caller::Look
                .call("observe/route", json!(null), |call| {
                    at.router.observe(self.site.router_grants(call), at.place.clone())
                })
                .await?;
            route = Some(observed);
        }
        Ok(Observed { instances, route })
    }

    /// Where the target is not as the deployed revision wants it, beyond its instances: what somebody has changed there.
    pub async fn drift(&mut self, engine: &Engine, deployed: &Deployed) -> Result<Vec<Change>, RunError> {
        let revision = self.site.learn(engine, deployed.revision).await?.clone();
        let about = (deployed.revision, &revision);
        let mut changes = changes(&self.site, Caller::Look, "drift", about).await?;
        let instance = |change: &Change| change.subject.parse::<InstanceName>().ok();
        let observed = self.instances().await?;
        changes.retain(|change| {
            let instance = instance(change).filter(|name| {
                deployed.instances.contains(name) || observed.iter().any(|one| one.name == *name)
            });
            change.kind != ChangeKind::Keep && instance.is_none()
        });
        Ok(changes)
    }

    pub async fn instances(&self) -> Result<Vec<Instance>, RunError> {
        let site = &self.site;
        Caller::Look
            .call("observe", json!(null), |call| {
                site.target.observe(site.grants(call), site.place.clone())
            })
            .await
    }

    /// The log of an instance after a cursor; empty is its beginning.
    pub async fn logs(&self, instance: &InstanceName, cursor: &str) -> Result<LogChunk, RunError> {
        let site = &self.site;
        Caller::Look
            .call("logs", json!(null), |call| {
                let (place, cursor) = (site.place.clone(), cursor.to_owned());
                site.target
                    .logs(site.grants(call), place, instance.clone(), cursor)
            })
            .await
    }

    /// The log of the environment's router after a cursor.
    pub async fn access_log(&self, cursor: &str) -> Result<LogChunk, RunError> {
        let site = &self.site;
        let at = site
            .router
            .as_ref()
            .ok_or_else(|| Failed::new(format!("{} has no router", site.place.environment)))?;
        Caller::Look
            .call("access-log", json!(null), |call| {
                at.router
                    .logs(site.router_grants(call), at.place.clone(), cursor.to_owned())
            })
            .await
    }
}

/// What is deployed; where nothing is any more, what the last run has tried to deploy.
async fn latest(
    engine: &Engine,
    scope: &Scope,
    state: &EnvironmentState,
) -> Result<Option<Digest>, RunError> {
    if let Some(deployed) = state.candidate.as_ref().or(state.current.as_ref()) {
        return Ok(Some(deployed.revision));
    }
    let filter = RunFilter {
        service: Some(scope.service.clone()),
        environment: Some(scope.environment.clone()),
        limit: Some(1),
        ..RunFilter::default()
    };
    let Some(run) = engine.store.runs(filter).await?.into_iter().next() else {
        return Ok(None);
    };
    match deployed_plan(engine, &run.id).await {
        Ok(planned) => Ok(Some(planned.plan.new.revision)),
        Err(RunError::Failed(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

//! Starting and stopping instances, each in as many steps as its target takes.

use std::sync::{PoisonError, atomic::Ordering};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use slipway_manifest::{HookMoment, Method};
use slipway_model::{Digest, InstanceName};
use slipway_plugin::{Change, Instance, InstanceSpec, InstanceState};

use super::{Executor, hook::About};
use crate::{Event, Failed, RunError};

/// How many instances are started or stopped at the same time.
const AT_ONCE: usize = 8;

impl Executor<'_> {
    pub(super) async fn start(
        &self,
        key: &str,
        revision: Digest,
        instances: &[InstanceName],
    ) -> Result<(), RunError> {
        let started = instances.iter().map(|name| async move {
            match self.start_one(key, revision, name).await {
                Err(RunError::Failed(failed)) => Ok(Some((name, failed))),
                other => other.map(|()| None),
            }
        });
        let failures: Vec<(&InstanceName, Failed)> = stream::iter(started)
            .buffered(AT_ONCE)
            .try_filter_map(|failed| async move { Ok::<_, RunError>(failed) })
            .try_collect()
            .await?;
        // Those that were under way have ended by themselves: each hears it.
        if let Some((_, aborted)) = failures.iter().find(|(_, failed)| failed.is_aborted()) {
            return Err(aborted.clone().into());
        }
        *self.failing.lock().unwrap_or_else(PoisonError::into_inner) =
            failures.iter().map(|(name, _)| (*name).clone()).collect();
        let allowed = match &self.strategy.method {
            // A start that is part of the way back must bring back everything.
            Method::Rolling { max_failures, .. } if revision == self.plan.new.revision => {
                *max_failures as usize
            }
            _ => 0,
        };
        let count = failures.len();
        match failures.into_iter().next() {
            None => Ok(()),
            Some((_, first)) => {
                // Those of a start that failed do not count: it may be made again.
                let all = self.failures.load(Ordering::Relaxed) + count;
                if all > allowed {
                    return Err(first.into());
                }
                self.failures.store(all, Ordering::Relaxed);
                let text = format!("{}; going on, because `max-failures` is {allowed}", first.message);
                self.run.tell(Event::Note { text }).await
            }
        }
    }

    /// One after the other: each may say what there is to know.
    pub(super) async fn adopt(
        &self,
        key: &str,
        revision: Digest,
        instances: &[InstanceName],
        changes: bool,
    ) -> Result<(), RunError> {
        for name in instances {
            let spec = self.site.spec(revision, name)?;
            let (target, place) = (&self.site.target, self.site.place.clone());
            let blob = self.site.workspace.blob(spec.blob)?;
            let request = json!({ "adopt": spec, "changes": changes });
            let told: Vec<Change> = self
                .run
                .call(&format!("{key}/adopt/{name}"), request, |call| {
                    let grants = self.site.grants_for(call, (spec.revision, spec.blob), &blob);
                    target.adopt(grants, place.clone(), spec.clone(), changes)
                })
                .await?;
            for Change { subject, detail, .. } in told.into_iter().filter(|one| !one.detail.is_empty()) {
                let text = format!("{subject}: {detail}");
                self.run.tell(Event::Note { text }).await?;
            }
        }
        for name in instances {
            self.healthy(&format!("{key}/healthy/{name}"), name).await?;
        }
        Ok(())
    }

    pub(super) async fn stop(
        &self,
        key: &str,
        revision: Digest,
        instances: &[InstanceName],
        outage: bool,
    ) -> Result<(), RunError> {
        if !outage {
            self.guard(key, instances).await?;
        }
        stream::iter(instances)
            .map(|name| {
                let key = format!("{key}/stop/{name}");
                async move {
                    let request = json!({ "stop": name, "revision": revision });
                    let (target, place) = (&self.site.target, self.site.place.clone());
                    self.run
                        .call(&key, request, |call| {
                            target.stop(self.site.grants(call), place.clone(), name.clone())
                        })
                        .await
                }
            })
            .buffered(AT_ONCE)
            .try_collect::<Vec<()>>()
            .await?;
        let left = self
            .observe(&format!("{key}/stopped"))
            .await?
            .into_iter()
            .find(|instance| instances.contains(&instance.name) && instance.state != InstanceState::Stopped);
        match left {
            None => Ok(()),
            Some(instance) => Err(Failed::new(format!(
                "{} was stopped and still is {:?}",
                instance.name, instance.state
            ))
            .into()),
        }
    }

    /// What runs in the environment now, as the target says.
    pub(crate) async fn observe(&self, key: &str) -> Result<Vec<Instance>, RunError> {
        let (target, place) = (&self.site.target, self.site.place.clone());
        self.run
            .call(key, json!("observe"), |call| {
                target.observe(self.site.grants(call), place.clone())
            })
            .await
    }

    /// Refuses to take down the last healthy revision.
    async fn guard(&self, key: &str, leaving: &[InstanceName]) -> Result<(), RunError> {
        let observed = self.observe(&format!("{key}/guard")).await?;
        let healthy = |instance: &&Instance| instance.state == InstanceState::Healthy;
        let stay = observed
            .iter()
            .filter(healthy)
            .any(|instance| !leaving.contains(&instance.name));
        let leave = observed
            .iter()
            .filter(healthy)
            .any(|instance| leaving.contains(&instance.name));
        if leave && !stay {
            let text = "refused to stop the last healthy instances of the environment";
            return Err(Failed::new(text)
                .hint("`slipway status` shows why the others are not healthy")
                .into());
        }
        Ok(())
    }

    async fn start_one(&self, key: &str, revision: Digest, name: &InstanceName) -> Result<(), RunError> {
        let start = format!("{key}/start/{name}");
        if self.hears() && !self.run.has(&start) && self.run.untold().await?.abort {
            return Err(Failed::aborted().into());
        }
        self.hooks(
            &format!("{key}/{name}"),
            HookMoment::BeforeStart,
            About::Instance(name),
        )
        .await?;
        let spec = InstanceSpec {
            back: self.back || revision != self.plan.new.revision,
            ..self.site.spec(revision, name)?.clone()
        };
        let spec = &spec;
        let (target, place) = (&self.site.target, self.site.place.clone());
        let request = json!({ "start": spec });
        // Looked for before the intent: a working copy that is missing is found before anything is touched.
        let blob = self.site.workspace.blob(spec.blob)?;
        for step in 0_u32.. {
            // Most instances start in one: the first step has no number. What is below a key has a `/`.
            let step = if step == 0 {
                String::new()
            } else {
                format!("+{step}")
            };
            self.run
                .call(&format!("{start}{step}"), request.clone(), |call| {
                    target.start(
                        self.site.grants_for(call, (spec.revision, spec.blob), &blob),
                        place.clone(),
                        spec.clone(),
                    )
                })
                .await?;
            if self.healthy(&format!("{key}/healthy/{name}{step}"), name).await? {
                break;
            }
        }
        self.hooks(
            &format!("{key}/{name}"),
            HookMoment::AfterStart,
            About::Instance(name),
        )
        .await
    }
}

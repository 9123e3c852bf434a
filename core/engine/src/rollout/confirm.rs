//! Confirming: from here on the revision is what the environment has, and what is kept of the ones before it.

use serde_json::json;
use slipway_journal::{Class, Cutover, Deployed, EnvironmentState};
use slipway_model::{Digest, Fleet};
use slipway_plugin::{Instance, InstanceState};

use super::Executor;
use crate::{Failed, RunError};

impl Executor<'_> {
    pub(super) async fn confirm(&self, key: &str, revision: Digest) -> Result<(), RunError> {
        let request = json!({ "confirm": revision });
        self.run
            .activity(key, Class::Idempotent, request, || async {
                self.change(|state, deployed| {
                    state.candidate = None;
                    if state
                        .current
                        .as_ref()
                        .is_some_and(|current| current.run == deployed.run)
                    {
                        return;
                    }
                    let former = state.current.replace(deployed.clone());
                    state
                        .previous
                        .retain(|previous| previous.revision != deployed.revision);
                    if let Some(former) = former.filter(|former| former.revision != deployed.revision) {
                        state
                            .previous
                            .retain(|previous| previous.revision != former.revision);
                        state.previous.insert(0, former);
                    }
                })
                .await?;
                let now = self.run.now();
                let new = &self.plan.new;
                let cutover = Cutover {
                    package: new.package,
                    revision: new.revision,
                    version: new.version.clone(),
                    run: self.run.id().clone(),
                    at: now,
                };
                let journal = self.run.journal();
                Ok(journal.store().record_cutover(journal.lease(), cutover).await?)
            })
            .await
    }

    /// Says that the new revision is being brought up, before it is.
    pub(crate) async fn announce(&self, key: &str) -> Result<(), RunError> {
        let request = json!({ "candidate": self.plan.new.revision });
        self.run
            .activity(key, Class::Idempotent, request, || {
                self.change(|state, deployed| state.candidate = Some(deployed))
            })
            .await
    }

    /// Says that the new revision is gone again.
    pub(crate) async fn withdraw(&self, key: &str) -> Result<(), RunError> {
        let request = json!({ "withdraw": self.plan.new.revision });
        self.run
            .activity(key, Class::Idempotent, request, || {
                self.change(|state, _| state.candidate = None)
            })
            .await
    }

    /// What runs beside the confirmed revision has been left by a run that could not retire it: nobody is sent there, and
    /// nobody goes back to it by itself.
    pub(crate) async fn retire_left(&self, key: &str) -> Result<(), RunError> {
        let observed = self.observe(&format!("{key}/observe")).await?;
        let left = observed.into_iter().filter(|instance| {
            instance.revision != self.plan.new.revision && instance.state != InstanceState::Stopped
        });
        for Instance { name, revision, .. } in left {
            self.stop(&format!("{key}/{name}"), revision, &[name], false)
                .await?;
        }
        Ok(())
    }

    /// Revisions beyond what is kept leave nothing behind.
    pub(crate) async fn tidy(&self, key: &str, keep: u32) -> Result<(), RunError> {
        let journal = self.run.journal();
        let (_, state) = journal.store().environment(&journal.lease().scope).await?;
        let gone: Vec<Digest> = state
            .previous
            .iter()
            .skip(keep as usize)
            .map(|old| old.revision)
            .collect();
        let gone: Vec<Digest> = self
            .run
            .activity(&format!("{key}/gone"), Class::Read, json!(keep), || async {
                Ok(gone)
            })
            .await?;
        for revision in &gone {
            let (target, place) = (&self.site.target, &self.site.place);
            let key = format!("{key}/cleanup/{}", revision.short());
            self.run
                .call(&key, json!({ "cleanup": revision }), |call| {
                    target.cleanup(self.site.grants(call), place.clone(), *revision)
                })
                .await?;
        }
        if gone.is_empty() {
            return Ok(());
        }
        self.run
            .activity(
                &format!("{key}/forget"),
                Class::Idempotent,
                json!(gone),
                || async {
                    self.change(|state, _| state.previous.retain(|old| !gone.contains(&old.revision)))
                        .await?;
                    for revision in &gone {
                        let folder = self.site.workspace.revision(*revision);
                        match std::fs::remove_dir_all(&folder) {
                            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                                let text = format!("cannot remove {}: {error}", folder.display());
                                return Err(Failed::new(text).into());
                            }
                            _ => {}
                        }
                    }
                    Ok(())
                },
            )
            .await
    }

    async fn change(&self, change: impl FnOnce(&mut EnvironmentState, Deployed)) -> Result<(), RunError> {
        let journal = self.run.journal();
        let (generation, mut state) = journal.store().environment(&journal.lease().scope).await?;
        let Fleet {
            revision,
            package,
            version,
            mut instances,
        } = self.plan.new.clone();
        let excluded = self.excluded();
        instances.retain(|instance| !excluded.contains(instance));
        let deployed = Deployed {
            revision,
            package,
            version,
            instances,
            run: self.run.id().clone(),
            at: self.run.now(),
        };
        change(&mut state, deployed);
        journal
            .store()
            .set_environment(journal.lease(), generation, state)
            .await?;
        Ok(())
    }
}

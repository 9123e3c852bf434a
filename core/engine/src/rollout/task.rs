//! Hooks at the place: tasks of the target. The place knows each by its name, so whoever goes on with the run finds it again,
//! and nothing is asked about; and it ends each in time, also when nobody is there.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;
use slipway_journal::Class;
use slipway_manifest::Hook;
use slipway_model::Digest;
use slipway_plugin::{Ended, Task};

use super::{
    Executor, LocalBlob,
    hook::{Ran, SAID},
};
use crate::{Event, Failed, RunError};

/// How long the target waits for its end: what the run is told meanwhile is heard afterwards.
const WAIT: Duration = Duration::from_secs(1);
/// Looks after which it waits for longer, since what has taken so long may take much longer.
const SOON: u32 = 30;

impl Executor<'_> {
    /// Runs it, or goes on to wait for what an earlier process has begun. A run that stops in the midst leaves it running; one
    /// that is aborted ends it.
    pub(super) async fn hook_at_place(
        &self,
        key: &str,
        hook: &Hook,
        variables: BTreeMap<String, String>,
    ) -> Result<Ran, RunError> {
        let task = &self.task(key, hook, variables)?;
        let blob = &self.site.workspace.blob(task.blob)?;
        let (target, place) = (&self.site.target, &self.site.place);
        let ended = self
            .run
            .activity(key, Class::Read, json!({ "hook": hook }), || async move {
                for look in 0_u32.. {
                    if self.hears() && self.run.untold().await?.abort {
                        return Err(Failed::aborted().into());
                    }
                    // The same whenever it is asked again: no clock decides about it.
                    let wait = WAIT * (1 + look / SOON).min(5);
                    let ended: Option<Ended> = self
                        .run
                        .call(&format!("{key}/{look}"), json!({ "execute": task }), |call| {
                            let call = self.site.grants_for(call, (task.revision, task.blob), blob);
                            target.execute(call, place.clone(), task.clone(), look > 0, wait)
                        })
                        .await?;
                    if let Some(ended) = ended {
                        return Ok(self.ran(task, ended));
                    }
                }
                Err(Failed::new("it never ends").into())
            })
            .await;
        if let Err(RunError::Interrupted(_)) = &ended {
            return ended;
        }
        self.dismiss(&format!("{key}/dismiss"), hook, (task, blob))
            .await?;
        ended
    }

    /// How it ended is on record: the place need not know it any more.
    async fn dismiss(
        &self,
        key: &str,
        hook: &Hook,
        (task, blob): (&Task, &LocalBlob),
    ) -> Result<(), RunError> {
        let (target, place) = (&self.site.target, &self.site.place);
        let dismissed = self
            .run
            .call(key, json!({ "dismiss": task }), |call| {
                let call = self.site.grants_for(call, (task.revision, task.blob), blob);
                target.dismiss(call, place.clone(), task.clone())
            })
            .await;
        match dismissed {
            Err(RunError::Failed(failed)) => {
                let text = format!("hook {} has left something at the place: {failed}", hook.name);
                self.run.tell(Event::Note { text }).await
            }
            other => other,
        }
    }

    fn task(&self, key: &str, hook: &Hook, variables: BTreeMap<String, String>) -> Result<Task, Failed> {
        // Whoever goes back has the hooks of the revision that is left, which alone knows what it has done.
        let left = self.plan.old.as_ref().filter(|_| self.back);
        let digest = left.unwrap_or(&self.plan.new).revision;
        let revision = self.site.revision(digest)?;
        let workload = revision.runs(hook.artifact.as_deref())?;
        let mark = Digest::of(format!("{} {key}", self.run.id()));
        let name = format!(
            "{}-{}-{}-task-{}",
            revision.service,
            revision.environment,
            digest.short(),
            mark.short()
        );
        Ok(Task {
            name: name.parse().map_err(Failed::from_error)?,
            revision: digest,
            artifact: workload.artifact.clone(),
            blob: revision.blob(digest, &workload.artifact)?,
            workload: workload.file.clone(),
            part: hook.part.clone().unwrap_or_default(),
            run: hook.run.clone(),
            variables,
            timeout: hook.timeout,
        })
    }

    fn ran(&self, task: &Task, ended: Ended) -> Ran {
        let program = task.run.first().map_or("", String::as_str);
        let Ended { code, why, said } = ended;
        let failure = match code {
            Some(0) => None,
            Some(code) => Some(format!("`{program}` ended with exit code {code}")),
            None => Some(format!("`{program}` {why}")),
        };
        let said = self.site.mask(self.engine).mask(said.as_bytes());
        let said = String::from_utf8_lossy(&said).into_owned();
        let last = said.ceil_char_boundary(said.len().saturating_sub(SAID));
        Ran {
            failure,
            said: said[last..].to_owned(),
        }
    }
}

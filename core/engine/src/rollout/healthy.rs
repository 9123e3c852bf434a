//! Waiting until an instance is well. Success is what is observed, not what a call returned.

use std::time::Duration;

use serde_json::json;
use slipway_journal::Class;
use slipway_model::InstanceName;
use slipway_plugin::{InstanceState, Probed};
use tokio::time::Instant;

use super::{Executor, hold::Hold};
use crate::{Failed, RunError, run::Untold};

const POLL: Duration = Duration::from_millis(100);
/// How long a target waits for a change: what the run is told meanwhile is heard afterwards.
const WAIT: Duration = Duration::from_secs(1);
/// Between two looks no more than this counts towards the deadline: while this process or its machine is suspended,
/// nobody has watched.
const BETWEEN: Duration = Duration::from_secs(5);

impl Executor<'_> {
    /// Waits until an instance has been healthy for the minimum time. On the way forth whoever aborts the run is heard, and
    /// the time in which it is paused does not count. Answers whether it is wholly so: `partial` is healthy so far.
    pub(super) async fn healthy(&self, key: &str, name: &InstanceName) -> Result<bool, RunError> {
        let deadline = self.strategy.progress_deadline;
        let least = self.strategy.min_healthy_time.std();
        let request = json!({ "healthy": name });
        self.run
            .activity(key, Class::Read, request, || async move {
                let mut hold = Hold::found(self, key, name);
                let (mut watched, mut looked) = (Duration::ZERO, Instant::now());
                let mut well: Option<(Instant, bool)> = None;
                let (mut since, mut detail) = (String::new(), String::new());
                for look in 0_u32.. {
                    if self.paused(&mut hold).await? {
                        (watched, looked) = (Duration::ZERO, Instant::now());
                        well = None;
                    }
                    // The same whenever it is asked again: no clock decides about it.
                    let wait = well.map_or(WAIT, |_| least.clamp(POLL, WAIT));
                    let (target, place) = (&self.site.target, self.site.place.clone());
                    let probed: Option<Probed> = self
                        .run
                        .call(&format!("{key}/{look}"), json!({ "probe": name }), |call| {
                            let (place, name) = (place.clone(), name.clone());
                            target.probe(self.site.grants(call), place, name, since.clone(), wait)
                        })
                        .await?;
                    let mut pause = Duration::ZERO;
                    // None: nothing has changed.
                    if let Some(Probed { instance, next }) = probed {
                        let state = match instance {
                            Some(instance) => {
                                detail = instance.detail;
                                instance.state
                            }
                            None => {
                                "it is not there".clone_into(&mut detail);
                                InstanceState::Stopped
                            }
                        };
                        well = match state {
                            InstanceState::Healthy | InstanceState::Partial => {
                                let since = well.map_or_else(Instant::now, |(since, _)| since);
                                Some((since, state == InstanceState::Healthy))
                            }
                            InstanceState::Failed | InstanceState::Stopped => {
                                return Err(Failed::new(format!("{name} failed: {detail}")).into());
                            }
                            InstanceState::Starting | InstanceState::Unhealthy | InstanceState::Stopping => {
                                None
                            }
                        };
                        // A target that waits is not asked more rarely.
                        let turns = if next.is_empty() {
                            (1 + look / 20).min(10)
                        } else {
                            1
                        };
                        pause = POLL * turns;
                        since = next;
                    }
                    if let Some((_, whole)) = well.filter(|(since, _)| since.elapsed() >= least) {
                        return Ok(whole);
                    }
                    watched += looked.elapsed().min(BETWEEN);
                    looked = Instant::now();
                    if watched > deadline.std() + least {
                        let text = format!("{name} is not healthy after {deadline}: {detail}");
                        let hint =
                            format!("`slipway logs` shows what it said; `progress-deadline` is {deadline}");
                        return Err(Failed::new(text).hint(hint).into());
                    }
                    self.run.pause(pause).await?;
                }
                Ok(true)
            })
            .await
    }

    /// Whether the run is paused, or has just been. What can be held is held for as long, and nothing is looked at.
    async fn paused(&self, hold: &mut Hold<'_>) -> Result<bool, RunError> {
        let mut paused = false;
        while self.hears() {
            let Untold { abort, pause, .. } = self.run.untold().await?;
            if abort {
                return Err(Failed::aborted().into());
            }
            paused |= pause;
            if !hold.set(pause).await? {
                break;
            }
            self.run.pause(POLL).await?;
        }
        Ok(paused)
    }
}

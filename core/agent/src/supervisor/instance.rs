//! One instance: the loop that starts it, watches it, starts it again and stops it.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::Signal;
use tokio::{sync::watch, task::block_in_place, time::timeout};

use super::{
    health,
    record::Record,
    start,
    watch::{self as ends, Orphans, Watch},
};
use crate::{
    api::{InstanceSpec, InstanceState, InstanceStatus, LastExit, RestartPolicy},
    clock,
    error::Result,
    layout::Layout,
    log,
    process::signal_by_name,
};

const STEADY: Duration = Duration::from_secs(10);
const TAIL: usize = 20;

pub(super) struct Instance {
    layout: Layout,
    orphans: Arc<Orphans>,
    live: Mutex<Live>,
    spec: InstanceSpec,
    /// How long it may take to stop, once it was asked to.
    stop: watch::Sender<Option<Duration>>,
    ended: watch::Sender<bool>,
}

struct Live {
    record: Record,
    state: InstanceState,
    detail: String,
}

/// Why the loop goes on.
enum Event {
    Ended(LastExit),
    Stop(Duration),
}

impl Instance {
    pub(super) fn new(layout: Layout, orphans: Arc<Orphans>, record: Record) -> Self {
        let spec = record.spec.clone();
        let state = if record.stopping {
            InstanceState::Stopping
        } else {
            InstanceState::Starting
        };
        let stop = record.stopping.then(|| spec.stop.timeout.std());
        let live = Mutex::new(Live {
            record,
            state,
            detail: String::new(),
        });
        Self {
            layout,
            orphans,
            live,
            spec,
            stop: watch::Sender::new(stop),
            ended: watch::Sender::new(false),
        }
    }

    pub(super) fn spec(&self) -> &InstanceSpec {
        &self.spec
    }

    pub(super) fn ports(&self) -> BTreeMap<String, u16> {
        self.lock().record.ports.clone()
    }

    pub(super) fn status(&self) -> InstanceStatus {
        let live = self.lock();
        let record = &live.record;
        let tell = matches!(
            live.state,
            InstanceState::BackingOff | InstanceState::Failed | InstanceState::Unhealthy
        );
        let log = self.layout.instance_log(record.name.as_str());
        InstanceStatus {
            name: record.name.clone(),
            service: record.spec.service.clone(),
            environment: record.spec.environment.clone(),
            revision: record.spec.revision,
            state: live.state,
            pid: record.process.as_ref().map(|process| process.pid),
            ports: record.ports.clone(),
            started: record.started,
            healthy_since: record.healthy_since,
            restarts: record.restarts,
            last_exit: record.last_exit.clone(),
            detail: live.detail.clone(),
            log_tail: if tell {
                log::last_lines(&log, TAIL)
            } else {
                Vec::new()
            },
        }
    }

    /// Returns when nothing of it runs any more.
    pub(super) async fn stop(&self, timeout: Option<Duration>) {
        self.note(|live| {
            live.record.stopping = true;
            live.state = InstanceState::Stopping;
        });
        self.stop
            .send_replace(Some(timeout.unwrap_or(self.spec.stop.timeout.std())));
        until(&self.ended, |ended| *ended).await;
    }

    pub(super) async fn run(self: Arc<Self>) {
        let mut wait = self.spec.restart.initial.std();
        loop {
            let event = match self.process().await {
                Ok(Some(watch)) => self.watch(watch).await,
                Ok(None) => Event::Stop(Duration::ZERO),
                Err(error) => {
                    self.say(error.to_string());
                    Event::Ended(LastExit {
                        code: None,
                        signal: None,
                        at: clock::now(),
                    })
                }
            };
            let Event::Ended(exit) = event else { break };
            let ran = Duration::from_millis(
                exit.at
                    .saturating_sub(self.lock().record.started.unwrap_or(exit.at)),
            );
            if ran > self.spec.restart.max.std().max(STEADY) {
                wait = self.spec.restart.initial.std();
            }
            if self.finish(exit, wait) {
                until(&self.stop, Option::is_some).await;
                break;
            }
            if timeout(wait, until(&self.stop, Option::is_some)).await.is_ok() {
                break;
            }
            wait = (wait * 2).min(self.spec.restart.max.std());
            self.note(|live| live.record.restarts = live.record.restarts.saturating_add(1));
        }
        self.ended.send_replace(true);
    }

    /// The process that is on record, or a new one. `None` if there is none and it was asked to stop.
    async fn process(&self) -> Result<Option<Watch>> {
        let (process, stopping, finished) = {
            let live = self.lock();
            (
                live.record.process.clone(),
                live.record.stopping,
                live.record.finished,
            )
        };
        if let Some(process) = process {
            if let Some(watch) = Watch::adopt(&process) {
                tracing::info!(pid = process.pid, "adopted");
                return Ok(Some(watch));
            }
            let exit = ends::missed(&process, &self.orphans);
            self.change(|live| {
                live.record.process = None;
                live.record.last_exit = Some(exit);
                live.record.healthy_since = None;
                live.record.restarts = live.record.restarts.saturating_add(1);
            })?;
        }
        if stopping {
            return Ok(None);
        }
        if finished {
            let exit = self.lock().record.last_exit.clone();
            self.settle(exit.as_ref());
            until(&self.stop, Option::is_some).await;
            return Ok(None);
        }
        self.start().await.map(Some)
    }

    async fn start(&self) -> Result<Watch> {
        let (name, numbers) = {
            let mut live = self.lock();
            live.state = InstanceState::Starting;
            // Once it was healthy, its ports belong to an address that others know.
            if !live.record.was_healthy {
                start::move_ports(&self.spec, &mut live.record.ports);
            }
            (live.record.name.clone(), live.record.ports.clone())
        };
        let log = self.layout.instance_log(name.as_str());
        let waiting = start::start(&self.layout, &name, &self.spec, &numbers, (&log, None))?;
        self.change(|live| {
            live.record.process = Some(waiting.process.clone());
            live.record.started = Some(clock::now());
            live.record.healthy_since = None;
            live.detail.clear();
        })?;
        waiting.begin().await
    }

    async fn watch(&self, mut watch: Watch) -> Event {
        let mut asked = self.stop.subscribe();
        let event = tokio::select! {
            exit = watch.ended(&self.orphans) => Event::Ended(exit),
            never = self.keep_probing() => match never {},
            Ok(timeout) = asked.wait_for(Option::is_some) => Event::Stop(timeout.unwrap_or_default()),
        };
        let Some(process) = self.lock().record.process.clone() else {
            return event;
        };
        if let Event::Stop(patience) = event {
            process.signal(signal_by_name(&self.spec.stop.signal).unwrap_or(Signal::TERM));
            let gone = timeout(patience, watch.ended(&self.orphans)).await;
            let exit = if let Ok(exit) = gone {
                exit
            } else {
                process.signal(Signal::KILL);
                watch.ended(&self.orphans).await
            };
            process.kill_rest_of_group();
            self.note(|live| {
                live.record.process = None;
                live.record.last_exit = Some(exit);
            });
        } else {
            process.kill_rest_of_group();
        }
        event
    }

    async fn keep_probing(&self) -> Infallible {
        let (began, port) = {
            let live = self.lock();
            let healthy = live.record.healthy_since.is_some();
            let state = if healthy {
                InstanceState::Healthy
            } else {
                InstanceState::Starting
            };
            let port = self
                .spec
                .health
                .as_ref()
                .and_then(|health| live.record.ports.get(&health.port))
                .copied();
            (state, port)
        };
        self.found(began, None);
        match (&self.spec.health, port) {
            (Some(spec), Some(port)) => {
                health::probe(spec, port, began, |state, why| self.found(state, why)).await;
            }
            _ => self.found(InstanceState::Healthy, None),
        }
        std::future::pending().await
    }

    fn found(&self, state: InstanceState, why: Option<String>) {
        let mut live = self.lock();
        if live.record.stopping {
            return;
        }
        live.detail = why.unwrap_or_default();
        let healthy = state == InstanceState::Healthy;
        live.state = state;
        if healthy != live.record.healthy_since.is_some() {
            live.record.healthy_since = healthy.then(clock::now);
            live.record.was_healthy |= healthy;
            drop(live);
            self.note(|_| {});
        }
    }

    /// Notes how it ended. `true` if it is not started again.
    fn finish(&self, exit: LastExit, wait: Duration) -> bool {
        let again = match self.spec.restart.policy {
            RestartPolicy::Always => true,
            RestartPolicy::OnFailure => exit.code != Some(0),
            RestartPolicy::Never => false,
        };
        self.note(|live| {
            live.record.process = None;
            live.record.healthy_since = None;
            live.record.last_exit = Some(exit.clone());
            live.record.finished = !again;
        });
        if again {
            let mut live = self.lock();
            if !live.record.stopping {
                live.state = InstanceState::BackingOff;
            }
            let why = if live.detail.is_empty() {
                ended_how(&exit)
            } else {
                live.detail.clone()
            };
            live.detail = format!("{why}; is started again after {} ms", wait.as_millis());
        } else {
            self.settle(Some(&exit));
        }
        !again
    }

    fn settle(&self, exit: Option<&LastExit>) {
        let mut live = self.lock();
        let well = exit.is_some_and(|exit| exit.code == Some(0));
        live.state = if well {
            InstanceState::Stopped
        } else {
            InstanceState::Failed
        };
        live.detail = exit.map_or_else(String::new, ended_how);
    }

    fn say(&self, detail: String) {
        tracing::warn!(detail);
        self.lock().detail = detail;
    }

    fn change(&self, change: impl FnOnce(&mut Live)) -> Result<()> {
        let mut live = self.lock();
        change(&mut live);
        // Waits for the disk: the other tasks of this thread move elsewhere meanwhile.
        block_in_place(|| live.record.save(&self.layout))
    }

    /// As `change`, where going on is better than giving up: the next change writes it again.
    fn note(&self, change: impl FnOnce(&mut Live)) {
        if let Err(error) = self.change(change) {
            tracing::error!(%error, "an instance's record is behind");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) async fn until<T>(told: &watch::Sender<T>, fits: impl FnMut(&T) -> bool) {
    let mut receiver = told.subscribe();
    // The sender is there for as long as this borrows it, so waiting cannot fail.
    let _told = receiver.wait_for(fits).await;
}

fn ended_how(exit: &LastExit) -> String {
    match (exit.code, exit.signal) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended, nobody saw how".to_owned(),
    }
}

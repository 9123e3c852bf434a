//! One task: started once, watched until it has ended, stopped when it takes too long. However it ended, it is not started
//! again; and whoever starts it has it on record before it does anything.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use slipway_model::InstanceName;
use tokio::{
    sync::watch,
    task::block_in_place,
    time::{sleep, timeout},
};

use super::{
    instance::until,
    start,
    watch::{Orphans, Watch},
};
use crate::{
    api::{LastExit, TaskEnd, TaskSpec, TaskStatus},
    clock,
    error::Result,
    layout::Layout,
    log,
    process::{Process, signal_by_name},
    store,
};

const SAID: u64 = 4096;

pub(super) struct Task {
    layout: Layout,
    orphans: Arc<Orphans>,
    record: Mutex<Record>,
    spec: TaskSpec,
    /// It is to end now.
    stop: watch::Sender<bool>,
    ended: watch::Sender<bool>,
}

/// Written before what it says is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Record {
    version: u32,
    pub(super) name: InstanceName,
    pub(super) spec: TaskSpec,
    ports: BTreeMap<String, u16>,
    process: Option<Process>,
    /// It has run for too long, and is being stopped.
    late: bool,
    end: Option<TaskEnd>,
}

impl Record {
    pub(super) fn new(name: InstanceName, spec: TaskSpec, ports: BTreeMap<String, u16>) -> Self {
        Self {
            version: 1,
            name,
            spec,
            ports,
            process: None,
            late: false,
            end: None,
        }
    }

    pub(super) fn save(&self, layout: &Layout) -> Result<()> {
        store::write(&path(layout, &self.name), self)
    }
}

pub(super) fn path(layout: &Layout, name: &InstanceName) -> PathBuf {
    layout.tasks().join(format!("{name}.json"))
}

impl Task {
    pub(super) fn new(layout: Layout, orphans: Arc<Orphans>, record: Record) -> Self {
        Self {
            layout,
            orphans,
            spec: record.spec.clone(),
            record: Mutex::new(record),
            stop: watch::Sender::new(false),
            ended: watch::Sender::new(false),
        }
    }

    pub(super) fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    pub(super) fn ports(&self) -> impl Iterator<Item = u16> {
        self.lock().ports.clone().into_values()
    }

    pub(super) fn status(&self) -> TaskStatus {
        let record = self.lock().clone();
        let log = self.layout.task_log(record.name.as_str());
        TaskStatus {
            service: record.spec.instance.service,
            environment: record.spec.instance.environment,
            revision: record.spec.instance.revision,
            pid: record.process.map(|process| process.pid),
            said: match record.end {
                Some(_) => log::ending(&log, SAID),
                None => String::new(),
            },
            end: record.end,
            name: record.name,
        }
    }

    /// Returns when it has ended, or after so long.
    pub(super) async fn wait(&self, most: Duration) {
        let _over = timeout(most, until(&self.ended, |ended| *ended)).await;
    }

    /// Returns when nothing of it runs any more.
    pub(super) async fn stop(&self) {
        self.stop.send_replace(true);
        until(&self.ended, |ended| *ended).await;
    }

    pub(super) async fn run(self: Arc<Self>) {
        let over = self.lock().end.is_some();
        if !over {
            let end = match self.process().await {
                Ok(watch) => {
                    if let Some(watch) = watch {
                        self.watch(watch).await;
                    }
                    self.ended(String::new())
                }
                Err(error) => self.ended(error.to_string()),
            };
            self.note(|record| {
                record.process = None;
                record.end = Some(end);
            });
        }
        self.ended.send_replace(true);
    }

    /// The process that is on record, unless that has ended meanwhile; a new one only if there was never any.
    async fn process(&self) -> Result<Option<Watch>> {
        let (name, process, ports) = {
            let record = self.lock();
            (record.name.clone(), record.process.clone(), record.ports.clone())
        };
        if let Some(process) = process {
            let adopted = Watch::adopt(&process);
            tracing::info!(pid = process.pid, runs = adopted.is_some(), "adopted");
            return Ok(adopted);
        }
        let (log, end) = (
            self.layout.task_log(name.as_str()),
            self.layout.task_end(name.as_str()),
        );
        let files = (log.as_path(), Some(end));
        let waiting = start::start(&self.layout, &name, &self.spec.instance, &ports, files)?;
        self.change(|record| record.process = Some(waiting.process.clone()))?;
        waiting.begin().await.map(Some)
    }

    /// Returns when nothing of it runs any more.
    async fn watch(&self, mut watch: Watch) {
        let Some((process, late)) = self.on_record() else {
            return;
        };
        let left = match late {
            true => Duration::ZERO,
            false => self.spec.timeout.std().saturating_sub(process.age()),
        };
        let ended = tokio::select! {
            _ = watch.ended(&self.orphans) => true,
            () = sleep(left) => {
                self.note(|record| record.late = true);
                false
            }
            () = until(&self.stop, |stop| *stop) => false,
        };
        if !ended {
            let stop = &self.spec.instance.stop;
            process.signal(signal_by_name(&stop.signal).unwrap_or(Signal::TERM));
            let patience = timeout(stop.timeout.std(), watch.ended(&self.orphans)).await;
            if patience.is_err() {
                process.signal(Signal::KILL);
                watch.ended(&self.orphans).await;
            }
        }
        process.kill_rest_of_group();
    }

    /// As who stayed beside it has written down. If that was killed too, nobody knows.
    fn ended(&self, detail: String) -> TaskEnd {
        let (name, late) = {
            let record = self.lock();
            (record.name.clone(), record.late)
        };
        let seen = store::read::<LastExit>(&self.layout.task_end(name.as_str()));
        let exit = seen.ok().flatten().unwrap_or(LastExit {
            code: None,
            signal: None,
            at: clock::now(),
        });
        TaskEnd {
            code: exit.code,
            signal: exit.signal,
            late,
            detail,
            at: exit.at,
        }
    }

    fn on_record(&self) -> Option<(Process, bool)> {
        let record = self.lock();
        Some((record.process.clone()?, record.late))
    }

    fn change(&self, change: impl FnOnce(&mut Record)) -> Result<()> {
        let mut record = self.lock();
        change(&mut record);
        block_in_place(|| record.save(&self.layout))
    }

    fn note(&self, change: impl FnOnce(&mut Record)) {
        if let Err(error) = self.change(change) {
            tracing::error!(%error, "a task's record is behind");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

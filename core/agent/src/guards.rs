//! Guards: places that come back by themselves when nobody is heard from any more. One that has gone off keeps everybody
//! from changing its service until it is taken away, so that whoever comes back late cannot go on as if nothing had been.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use slipway_model::InstanceName;
use tokio::time::Instant;

use crate::{
    api::{GuardSpec, GuardState, GuardStatus, RouteSpec},
    clock,
    error::{AgentError, Result},
    layout::Layout,
    store,
    supervisor::Kept,
};

pub(crate) const TICK: Duration = Duration::from_millis(200);
const LEAST: Duration = Duration::from_secs(1);

pub(crate) struct Guards {
    layout: Layout,
    guards: Mutex<BTreeMap<InstanceName, Guard>>,
}

struct Guard {
    record: Record,
    deadline: Instant,
    /// Somebody brings back what it guards.
    busy: bool,
}

/// Written before what it says is done.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Record {
    version: u32,
    pub(crate) name: InstanceName,
    pub(crate) spec: GuardSpec,
    state: GuardState,
    went_off: Option<u64>,
    detail: String,
    /// What ran when it was put.
    pub(crate) instances: Vec<Kept>,
    /// Those that sent users there.
    pub(crate) routes: Vec<(InstanceName, RouteSpec)>,
}

impl Guards {
    /// Whoever was to be heard from gets the whole time again.
    pub(crate) fn resume(layout: Layout) -> Result<Self> {
        let records: Vec<Record> = store::read_all(&layout.guards())?;
        let guards = records.into_iter().map(|record| {
            let guard = Guard {
                deadline: Instant::now() + record.spec.within.std(),
                record,
                busy: false,
            };
            (guard.record.name.clone(), guard)
        });
        Ok(Self {
            guards: Mutex::new(guards.collect()),
            layout,
        })
    }

    /// `true` if it was made, `false` if it was there and counts anew, unless it has gone off.
    pub(crate) fn put(
        &self,
        name: &InstanceName,
        spec: GuardSpec,
        seen: impl FnOnce() -> (Vec<Kept>, Vec<(InstanceName, RouteSpec)>),
    ) -> Result<(bool, GuardStatus)> {
        if spec.within.std() < LEAST {
            return Err(AgentError::Invalid("`within`: at least 1s".to_owned()));
        }
        let mut guards = self.lock();
        let deadline = Instant::now() + spec.within.std();
        if let Some(guard) = guards.get_mut(name) {
            if guard.record.state != GuardState::Waiting {
                return Ok((false, guard.record.status()));
            }
            if (&guard.record.spec.service, &guard.record.spec.environment)
                != (&spec.service, &spec.environment)
            {
                return Err(AgentError::Invalid(format!(
                    "guard `{name}` is of {}",
                    guard.record.scope()
                )));
            }
            if guard.record.spec != spec {
                let changed = Record {
                    spec,
                    ..guard.record.clone()
                };
                store::write(&self.path(name), &changed)?;
                guard.record = changed;
            }
            guard.deadline = deadline;
            return Ok((false, guard.record.status()));
        }
        let (instances, routes) = seen();
        let record = Record {
            version: 1,
            name: name.clone(),
            spec,
            state: GuardState::Waiting,
            went_off: None,
            detail: String::new(),
            instances,
            routes,
        };
        store::write(&self.path(name), &record)?;
        let status = record.status();
        let guard = Guard {
            record,
            deadline,
            busy: false,
        };
        guards.insert(name.clone(), guard);
        Ok((true, status))
    }

    pub(crate) fn get(&self, name: &InstanceName) -> Result<GuardStatus> {
        let guards = self.lock();
        let guard = guards.get(name).ok_or_else(|| AgentError::NotFound {
            what: "guard",
            name: name.to_string(),
        })?;
        Ok(guard.record.status())
    }

    /// Answers it as it was. One that brings something back is waited for.
    pub(crate) async fn delete(&self, name: &InstanceName) -> Result<Option<GuardStatus>> {
        loop {
            {
                let mut guards = self.lock();
                let Some(record) = guards.get(name).map(|guard| &guard.record) else {
                    return Ok(None);
                };
                if record.state != GuardState::Restoring {
                    let status = record.status();
                    store::remove(&self.path(name))?;
                    guards.remove(name);
                    return Ok(Some(status));
                }
            }
            tokio::time::sleep(TICK).await;
        }
    }

    pub(crate) fn forget_all(&self) -> Result<()> {
        let mut guards = self.lock();
        for name in guards.keys() {
            store::remove(&self.path(name))?;
        }
        guards.clear();
        Ok(())
    }

    /// Refuses whoever would change what has come back by itself.
    pub(crate) fn check(&self, scope: &str) -> Result<()> {
        let guards = self.lock();
        let mut records = guards.values().map(|guard| &guard.record);
        let guard = records.find(|record| record.scope() == scope);
        guard.map_or(Ok(()), Record::stands)
    }

    /// Those whose time is over, and those that were interrupted while they brought something back.
    pub(crate) fn due(&self) -> Result<Vec<Record>> {
        let now = Instant::now();
        let mut due = Vec::new();
        for (name, guard) in self.lock().iter_mut().filter(|(_, guard)| !guard.busy) {
            let over = guard.record.state == GuardState::Waiting && guard.deadline <= now;
            if over {
                let gone_off = Record {
                    state: GuardState::Restoring,
                    went_off: Some(clock::now()),
                    ..guard.record.clone()
                };
                store::write(&self.path(name), &gone_off)?;
                guard.record = gone_off;
            }
            if guard.record.state == GuardState::Restoring {
                guard.busy = true;
                due.push(guard.record.clone());
            }
        }
        Ok(due)
    }

    pub(crate) fn restored(&self, name: &InstanceName, detail: String) -> Result<()> {
        if let Some(guard) = self.lock().get_mut(name) {
            guard.record.state = GuardState::Restored;
            guard.record.detail = detail;
            guard.busy = false;
            store::write(&self.path(name), &guard.record)?;
        }
        Ok(())
    }

    fn path(&self, name: &InstanceName) -> PathBuf {
        self.layout.guards().join(format!("{name}.json"))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<InstanceName, Guard>> {
        self.guards.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Record {
    fn scope(&self) -> String {
        format!("{}/{}", self.spec.service, self.spec.environment)
    }

    fn stands(&self) -> Result<()> {
        if self.state == GuardState::Waiting {
            return Ok(());
        }
        Err(AgentError::WentOff {
            scope: self.scope(),
            within: self.spec.within,
            detail: self.detail.clone(),
        })
    }

    fn status(&self) -> GuardStatus {
        GuardStatus {
            name: self.name.to_string(),
            spec: self.spec.clone(),
            state: self.state,
            went_off: self.went_off,
            detail: self.detail.clone(),
        }
    }
}

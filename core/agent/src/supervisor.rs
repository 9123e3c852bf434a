//! The supervisor: instances that are kept running, whoever asked for them and however often the agent itself dies.

mod difference;
mod health;
mod instance;
mod kept;
mod orders;
mod record;
mod start;
mod task;
mod tasks;
mod watch;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use slipway_model::{EnvironmentName, InstanceName, ServiceName};

use self::{instance::Instance, record::Record};
pub(crate) use self::{kept::Kept, tasks::Tasks, watch::Orphans};
use crate::{
    api::{InstanceSpec, InstanceState, InstanceStatus},
    error::{AgentError, Doing, Result},
    layout::Layout,
    log, ports, store,
};

pub(crate) struct Supervisor {
    layout: Layout,
    orphans: Arc<Orphans>,
    instances: Mutex<BTreeMap<InstanceName, Arc<Instance>>>,
}

impl Supervisor {
    /// Goes on with everything that is on record.
    pub(crate) fn resume(layout: Layout, orphans: Arc<Orphans>) -> Result<Self> {
        let records: Vec<Record> = store::read_all(&layout.instances())?;
        let supervisor = Self {
            layout,
            orphans,
            instances: Mutex::default(),
        };
        for record in records {
            supervisor.supervise(&mut supervisor.lock(), record);
        }
        Ok(supervisor)
    }

    /// `true` if it was made, `false` if it was there.
    pub(crate) fn put(&self, name: &InstanceName, spec: InstanceSpec) -> Result<(bool, InstanceStatus)> {
        let mut instances = self.lock();
        if let Some(there) = instances.get(name) {
            return match difference::first(there.spec(), &spec) {
                None => Ok((false, there.status())),
                Some(field) => Err(AgentError::Conflict {
                    what: "instance",
                    name: name.to_string(),
                    field,
                }),
            };
        }
        let mut taken: BTreeSet<u16> = instances
            .values()
            .flat_map(|other| other.ports().into_values())
            .collect();
        let numbers = numbers(name, &spec, &mut taken)?;
        orders::prepare(&self.layout, name, &spec, &numbers)?;
        // There from the first moment on, so that a reader can wait for its first line.
        log::append(&self.layout.instance_log(name.as_str()))?;
        let record = Record::new(name.clone(), spec, numbers);
        record.save(&self.layout)?;
        let instance = self.supervise(&mut instances, record);
        Ok((true, instance.status()))
    }

    pub(crate) fn list(&self) -> Vec<InstanceStatus> {
        self.lock().values().map(|instance| instance.status()).collect()
    }

    /// What runs of a service, to be brought back as it is.
    pub(crate) fn kept(&self, service: &ServiceName, environment: &EnvironmentName) -> Vec<Kept> {
        let mut kept = Vec::new();
        for (name, instance) in self.lock().iter() {
            let spec = instance.spec();
            let ends = matches!(
                instance.status().state,
                InstanceState::Stopping | InstanceState::Stopped | InstanceState::Failed
            );
            if !ends && (&spec.service, &spec.environment) == (service, environment) {
                kept.push(Kept {
                    name: name.clone(),
                    spec: spec.clone(),
                    ports: instance.ports(),
                });
            }
        }
        kept
    }

    pub(crate) fn get(&self, name: &InstanceName) -> Result<InstanceStatus> {
        self.lock()
            .get(name)
            .map(|instance| instance.status())
            .ok_or_else(|| AgentError::NotFound {
                what: "instance",
                name: name.to_string(),
            })
    }

    /// Returns when it has ended and is forgotten. `false` if there was none.
    pub(crate) async fn delete(&self, name: &InstanceName, timeout: Option<Duration>) -> Result<bool> {
        let Some(instance) = self.lock().get(name).cloned() else {
            return Ok(false);
        };
        instance.stop(timeout).await;
        let mut instances = self.lock();
        if instances.get(name).is_some_and(|now| Arc::ptr_eq(now, &instance)) {
            store::remove(&record::path(&self.layout, name))?;
            instances.remove(name);
        }
        Ok(true)
    }

    pub(crate) async fn delete_all(&self) -> Result<()> {
        let names: Vec<InstanceName> = self.lock().keys().cloned().collect();
        let all = names.iter().map(|name| self.delete(name, None));
        futures_util::future::try_join_all(all).await.map(|_| ())
    }

    pub(crate) fn trim_logs(&self) {
        let limits: Vec<_> = self
            .lock()
            .iter()
            .map(|(name, instance)| {
                (
                    self.layout.instance_log(name.as_str()),
                    instance.spec().log.max_size,
                )
            })
            .collect();
        for (path, max) in limits {
            if let Err(error) = log::trim(&path, max) {
                tracing::warn!(%error, "a log keeps growing");
            }
        }
    }

    fn supervise(
        &self,
        instances: &mut BTreeMap<InstanceName, Arc<Instance>>,
        record: Record,
    ) -> Arc<Instance> {
        let name = record.name.clone();
        let instance = Arc::new(Instance::new(
            self.layout.clone(),
            Arc::clone(&self.orphans),
            record,
        ));
        tokio::spawn(Arc::clone(&instance).run());
        instances.insert(name, Arc::clone(&instance));
        instance
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<InstanceName, Arc<Instance>>> {
        self.instances.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ports that it gets, by name.
fn numbers(
    name: &InstanceName,
    spec: &InstanceSpec,
    taken: &mut BTreeSet<u16>,
) -> Result<BTreeMap<String, u16>> {
    let mut numbers = BTreeMap::new();
    for (port, wish) in &spec.ports {
        let number = match wish.number {
            Some(number) => number,
            None => ports::free(taken).doing("find a free port for", name.as_str())?,
        };
        taken.insert(number);
        numbers.insert(port.clone(), number);
    }
    Ok(numbers)
}

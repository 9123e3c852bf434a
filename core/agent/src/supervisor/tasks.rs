//! The tasks of the agent, by name: what was begun under one is never begun again under it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use slipway_model::InstanceName;

use super::{
    Orphans, difference, numbers, orders,
    task::{self, Record, Task},
};
use crate::{
    api::{TaskSpec, TaskStatus},
    error::{AgentError, Result},
    layout::Layout,
    log, store,
};

pub(crate) struct Tasks {
    layout: Layout,
    orphans: Arc<Orphans>,
    tasks: Mutex<BTreeMap<InstanceName, Arc<Task>>>,
}

impl Tasks {
    /// Goes on with everything that is on record.
    pub(crate) fn resume(layout: Layout, orphans: Arc<Orphans>) -> Result<Self> {
        let records: Vec<Record> = store::read_all(&layout.tasks())?;
        let tasks = Self {
            layout,
            orphans,
            tasks: Mutex::default(),
        };
        for record in records {
            tasks.begin(&mut tasks.lock(), record);
        }
        Ok(tasks)
    }

    /// `true` if it was made, `false` if it was there.
    pub(crate) fn put(&self, name: &InstanceName, spec: TaskSpec) -> Result<(bool, TaskStatus)> {
        let mut tasks = self.lock();
        if let Some(there) = tasks.get(name) {
            return match difference::first(there.spec(), &spec) {
                None => Ok((false, there.status())),
                Some(field) => Err(AgentError::Conflict {
                    what: "task",
                    name: name.to_string(),
                    field,
                }),
            };
        }
        if spec.timeout.std().is_zero() {
            return Err(AgentError::Invalid("`timeout`: longer than 0".to_owned()));
        }
        let mut taken: BTreeSet<u16> = tasks.values().flat_map(|other| other.ports()).collect();
        let numbers = numbers(name, &spec.instance, &mut taken)?;
        orders::prepare(&self.layout, name, &spec.instance, &numbers)?;
        let record = Record::new(name.clone(), spec, numbers);
        record.save(&self.layout)?;
        let task = self.begin(&mut tasks, record);
        Ok((true, task.status()))
    }

    /// Once it has ended, or after so long.
    pub(crate) async fn get(&self, name: &InstanceName, wait: Duration) -> Result<TaskStatus> {
        let task = self.lock().get(name).cloned();
        let task = task.ok_or_else(|| AgentError::NotFound {
            what: "task",
            name: name.to_string(),
        })?;
        task.wait(wait).await;
        Ok(task.status())
    }

    /// Returns when it has ended and is forgotten. `false` if there was none.
    pub(crate) async fn delete(&self, name: &InstanceName) -> Result<bool> {
        let Some(task) = self.lock().get(name).cloned() else {
            return Ok(false);
        };
        task.stop().await;
        let mut tasks = self.lock();
        if tasks.get(name).is_some_and(|now| Arc::ptr_eq(now, &task)) {
            store::remove(&self.layout.task_log(name.as_str()))?;
            store::remove(&self.layout.task_end(name.as_str()))?;
            store::remove(&task::path(&self.layout, name))?;
            tasks.remove(name);
        }
        Ok(true)
    }

    pub(crate) async fn delete_all(&self) -> Result<()> {
        let names: Vec<InstanceName> = self.lock().keys().cloned().collect();
        let all = names.iter().map(|name| self.delete(name));
        futures_util::future::try_join_all(all).await.map(|_| ())
    }

    pub(crate) fn trim_logs(&self) {
        for (name, task) in self.lock().iter() {
            let most = task.spec().instance.log.max_size;
            if let Err(error) = log::trim(&self.layout.task_log(name.as_str()), most) {
                tracing::warn!(%error, "a log keeps growing");
            }
        }
    }

    fn begin(&self, tasks: &mut BTreeMap<InstanceName, Arc<Task>>, record: Record) -> Arc<Task> {
        let name = record.name.clone();
        let task = Arc::new(Task::new(self.layout.clone(), Arc::clone(&self.orphans), record));
        tokio::spawn(Arc::clone(&task).run());
        tasks.insert(name, Arc::clone(&task));
        task
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<InstanceName, Arc<Task>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

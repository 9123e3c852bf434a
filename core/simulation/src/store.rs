//! The store as one process has it: accepted in order, committed together, lost with the process.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use slipway_journal::{
    Acquired, Body, Cutover, Durability, EnvironmentState, Error, Generation, Holder, Lease, Line, NewRun,
    Owner, Record, Reply, Result, Run, RunFilter, Scope, Seq, Signal, Signalled, Store,
};
use slipway_model::{Digest, RunId};

use crate::{chance::Chance, disk::Disk, ledger::Ledger, process::Process};

/// Done with the ledger, or told why it cannot be.
type Job = Box<dyn FnOnce(Result<&mut Ledger>) + Send>;

#[derive(Clone)]
pub(crate) struct Handle {
    disk: Arc<Disk>,
    process: Arc<Process>,
    chance: Chance,
    accepted: Arc<Mutex<Vec<Job>>>,
}

impl Handle {
    pub(crate) fn new(disk: Arc<Disk>, process: Arc<Process>, chance: Chance) -> Self {
        disk.attach(&process);
        Self {
            disk,
            process,
            chance,
            accepted: Arc::default(),
        }
    }

    /// What is in no hurry was written in time, or is lost: nobody can know when a process is killed.
    pub(crate) fn lose(&self) {
        if self.chance.percent(50) {
            self.commit();
        }
        self.accepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn write<T: Send + 'static>(
        &self,
        what: &'static str,
        work: impl FnOnce(&mut Ledger) -> Result<T> + Send + 'static,
    ) -> Reply<T> {
        let done = Arc::new(Mutex::new(None));
        let of_job = done.clone();
        let job: Job = Box::new(move |ledger| {
            let result = ledger.and_then(work);
            *of_job.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        });
        self.accepted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(job);
        let handle = self.clone();
        let take = move || done.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async move {
            if let Some(result) = take() {
                return result;
            }
            handle.process.boundary(what).await;
            tokio::time::sleep(handle.chance.millis(0..=4)).await;
            handle.commit();
            handle.process.boundary(what).await;
            let ledger = "the simulated one".to_owned();
            take().unwrap_or(Err(Error::Closed { ledger }))
        })
    }

    fn read<T: Send + 'static>(
        &self,
        look: impl FnOnce(&mut Ledger) -> Result<T> + Send + 'static,
    ) -> Reply<T> {
        let handle = self.clone();
        Box::pin(async move {
            tokio::time::sleep(handle.chance.millis(0..=2)).await;
            handle.process.boundary("read").await;
            handle.disk.with(look)
        })
    }

    /// Everything that was accepted, at once.
    fn commit(&self) {
        let jobs = std::mem::take(&mut *self.accepted.lock().unwrap_or_else(PoisonError::into_inner));
        if jobs.is_empty() {
            return;
        }
        let room = self.disk.room(&self.chance);
        self.disk.with(|ledger| {
            for job in jobs {
                job(room.clone().map(|()| &mut *ledger));
            }
        });
    }
}

impl Store for Handle {
    fn acquire(&self, scope: &Scope, owner: &Owner, now: Timestamp) -> Reply<Acquired> {
        let (disk, number) = (self.disk.clone(), self.process.number);
        let (scope, owner) = (scope.clone(), owner.clone());
        self.write("acquire", move |ledger| {
            Ok(disk.acquire(ledger, (&scope, &owner, number), now))
        })
    }

    fn heartbeat(&self, lease: &Lease, now: Timestamp) -> Reply<()> {
        let lease = lease.clone();
        self.write("heartbeat", move |ledger| {
            ledger.check(&lease)?;
            let row = ledger.leases.get_mut(&lease.scope);
            if let Some(held) = row.and_then(|row| row.held.as_mut()) {
                held.holder.heartbeat = now;
            }
            Ok(())
        })
    }

    fn release(&self, lease: &Lease) -> Reply<()> {
        let lease = lease.clone();
        self.write("release", move |ledger| {
            if ledger.check(&lease).is_ok()
                && let Some(row) = ledger.leases.get_mut(&lease.scope)
            {
                row.held = None;
            }
            Ok(())
        })
    }

    fn holder(&self, scope: &Scope) -> Reply<Option<Holder>> {
        let scope = scope.clone();
        self.read(move |ledger| {
            let held = ledger.leases.get(&scope).and_then(|row| row.held.as_ref());
            Ok(held.map(|held| held.holder.clone()))
        })
    }

    fn create_run(&self, lease: &Lease, run: NewRun, now: Timestamp) -> Reply<()> {
        let lease = lease.clone();
        self.write("create run", move |ledger| ledger.create(&lease, run, now))
    }

    fn append(&self, lease: &Lease, lines: Vec<Line>, bodies: Vec<Body>, _: Durability) -> Reply<()> {
        let lease = lease.clone();
        self.write("append", move |ledger| ledger.append(&lease, lines, bodies))
    }

    fn flush(&self) -> Reply<()> {
        self.write("flush", |_| Ok(()))
    }

    fn entries(&self, run: &RunId, after: Seq, limit: u32) -> Reply<Vec<Record>> {
        let run = run.clone();
        self.read(move |ledger| {
            let records = ledger.kept(&run)?.records.iter();
            let after = usize::try_from(after).unwrap_or(usize::MAX);
            Ok(records.skip(after).take(limit as usize).cloned().collect())
        })
    }

    fn body(&self, run: &RunId, digest: Digest) -> Reply<Option<Vec<u8>>> {
        let run = run.clone();
        self.read(move |ledger| ledger.body(&run, digest))
    }

    fn runs(&self, filter: RunFilter) -> Reply<Vec<Run>> {
        self.read(move |ledger| Ok(ledger.list(&filter)))
    }

    fn run(&self, prefix: &str) -> Reply<Run> {
        let prefix = prefix.to_owned();
        self.read(move |ledger| ledger.by_prefix(&prefix))
    }

    fn signal(&self, run: &RunId, signal: Signal) -> Reply<()> {
        let run = run.clone();
        self.write("signal", move |ledger| ledger.signal(&run, signal))
    }

    fn signals(&self, run: &RunId, after: u64) -> Reply<Vec<Signalled>> {
        let run = run.clone();
        self.read(move |ledger| ledger.signals(&run, after))
    }

    fn environment(&self, scope: &Scope) -> Reply<(Generation, EnvironmentState)> {
        let scope = scope.clone();
        self.read(move |ledger| Ok(ledger.environment(&scope)))
    }

    fn set_environment(
        &self,
        lease: &Lease,
        expected: Generation,
        state: EnvironmentState,
    ) -> Reply<Generation> {
        let lease = lease.clone();
        self.write("environment", move |ledger| {
            ledger.set_environment(&lease, expected, state)
        })
    }

    fn plugin_state(&self, scope: &Scope, plugin: &str) -> Reply<Option<Value>> {
        let (scope, plugin) = (scope.clone(), plugin.to_owned());
        self.read(move |ledger| Ok(ledger.plugin_state(&scope, &plugin)))
    }

    fn set_plugin_state(&self, lease: &Lease, plugin: &str, state: Value) -> Reply<()> {
        let (lease, plugin) = (lease.clone(), plugin.to_owned());
        self.write("plugin state", move |ledger| {
            ledger.set_plugin_state(&lease, &plugin, state)
        })
    }

    fn record_cutover(&self, lease: &Lease, cutover: Cutover) -> Reply<()> {
        let lease = lease.clone();
        self.write("cutover", move |ledger| ledger.record_cutover(&lease, cutover))
    }

    fn last_cutover(&self, scope: &Scope) -> Reply<Option<Cutover>> {
        let scope = scope.clone();
        self.read(move |ledger| Ok(ledger.last_cutover(&scope)))
    }
}

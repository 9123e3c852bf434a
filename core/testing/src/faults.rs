//! A ledger at which the process dies: by SIGKILL, right before or right after a chosen write.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::Value;
use slipway_journal::{
    Acquired, Cutover, Durability, EnvironmentState, Generation, Holder, Lease, NewRun, Owner, Record, Reply,
    Run, RunFilter, Scope, Seq, Signal, Signalled, Store,
};
use slipway_model::RunId;

/// Where a process dies. Written `before:N`, `after:N` or, to learn how many there are, `count:FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    Before(u64),
    After(u64),
    Count(PathBuf),
}

/// Passes everything on, and counts the writes of runs.
pub struct Faulty {
    inner: Arc<dyn Store>,
    fault: Fault,
    writes: AtomicU64,
}

impl Fault {
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        match kind {
            "before" => rest.parse().ok().map(Self::Before),
            "after" => rest.parse().ok().map(Self::After),
            "count" => Some(Self::Count(rest.into())),
            _ => None,
        }
    }
}

impl Faulty {
    pub fn new(inner: Arc<dyn Store>, fault: Fault) -> Self {
        Self {
            inner,
            fault,
            writes: AtomicU64::new(0),
        }
    }

    fn write<T: Send + 'static>(&self, accept: impl FnOnce(&dyn Store) -> Reply<T>) -> Reply<T> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        if self.fault == Fault::Before(number) {
            die();
        }
        if let Fault::Count(file) = &self.fault {
            fs::write(file, number.to_string()).expect("the count can be written");
        }
        let reply = accept(self.inner.as_ref());
        let dies = self.fault == Fault::After(number);
        Box::pin(async move {
            let result = reply.await;
            if dies {
                die();
            }
            result
        })
    }
}

fn die() -> ! {
    let me = rustix::process::getpid();
    rustix::process::kill_process(me, rustix::process::Signal::KILL).expect("a process may kill itself");
    loop {
        std::thread::park();
    }
}

impl Store for Faulty {
    fn create_run(&self, lease: &Lease, run: NewRun, now: Timestamp) -> Reply<()> {
        self.write(|store| store.create_run(lease, run, now))
    }

    fn append(&self, lease: &Lease, records: Vec<Record>, durability: Durability) -> Reply<()> {
        self.write(|store| store.append(lease, records, durability))
    }

    fn set_environment(
        &self,
        lease: &Lease,
        expected: Generation,
        state: EnvironmentState,
    ) -> Reply<Generation> {
        self.write(|store| store.set_environment(lease, expected, state))
    }

    fn record_cutover(&self, lease: &Lease, cutover: Cutover) -> Reply<()> {
        self.write(|store| store.record_cutover(lease, cutover))
    }

    fn acquire(&self, scope: &Scope, owner: &Owner, now: Timestamp) -> Reply<Acquired> {
        self.inner.acquire(scope, owner, now)
    }

    fn heartbeat(&self, lease: &Lease, now: Timestamp) -> Reply<()> {
        self.inner.heartbeat(lease, now)
    }

    fn release(&self, lease: &Lease) -> Reply<()> {
        self.inner.release(lease)
    }

    fn holder(&self, scope: &Scope) -> Reply<Option<Holder>> {
        self.inner.holder(scope)
    }

    fn flush(&self) -> Reply<()> {
        self.inner.flush()
    }

    fn entries(&self, run: &RunId, after: Seq, limit: u32) -> Reply<Vec<Record>> {
        self.inner.entries(run, after, limit)
    }

    fn runs(&self, filter: RunFilter) -> Reply<Vec<Run>> {
        self.inner.runs(filter)
    }

    fn run(&self, prefix: &str) -> Reply<Run> {
        self.inner.run(prefix)
    }

    fn signal(&self, run: &RunId, signal: Signal) -> Reply<()> {
        self.inner.signal(run, signal)
    }

    fn signals(&self, run: &RunId, after: u64) -> Reply<Vec<Signalled>> {
        self.inner.signals(run, after)
    }

    fn environment(&self, scope: &Scope) -> Reply<(Generation, EnvironmentState)> {
        self.inner.environment(scope)
    }

    fn plugin_state(&self, scope: &Scope, plugin: &str) -> Reply<Option<Value>> {
        self.inner.plugin_state(scope, plugin)
    }

    fn set_plugin_state(&self, lease: &Lease, plugin: &str, state: Value) -> Reply<()> {
        self.inner.set_plugin_state(lease, plugin, state)
    }

    fn last_cutover(&self, scope: &Scope) -> Reply<Option<Cutover>> {
        self.inner.last_cutover(scope)
    }
}

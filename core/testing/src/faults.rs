//! A ledger at which the process dies: by SIGKILL, right before or right after a chosen write.

use std::{
    fs::File,
    io::Write as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use jiff::Timestamp;
use serde_json::Value;
use slipway_journal::{
    Acquired, Body, Cutover, Durability, Entry, EnvironmentState, Generation, Holder, Lease, Line, NewRun,
    Owner, Record, Reply, Run, RunFilter, Scope, Seq, Signal, Signalled, Store,
};
use slipway_model::{Digest, RunId};
use tokio::runtime::Builder;

use crate::boundaries::{Side, Unmet};

/// Where a process dies. Written `before:N`, `after:N`, `unmet:N:FOLDER` or, to learn which writes there are, `list:FILE`.
#[derive(Debug, Clone)]
pub enum Fault {
    Before(u64),
    After(u64),
    /// Where none has died yet, from the Nth write on, before it or when it is durable.
    Unmet(Unmet),
    /// Nowhere: each write becomes a line of this file.
    List(PathBuf),
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
            "unmet" => Unmet::parse(rest).map(Self::Unmet),
            "list" => Some(Self::List(rest.into())),
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

    fn write<T: Send + 'static>(
        &self,
        lease: &Lease,
        what: impl FnOnce() -> String,
        accept: impl FnOnce(&dyn Store) -> Reply<T>,
    ) -> Reply<T> {
        let number = self.writes.fetch_add(1, Ordering::SeqCst) + 1;
        let what = || format!("{} {}", lease.scope.service, what());
        let mut dies = false;
        match &self.fault {
            Fault::Before(at) if *at == number => die(),
            Fault::After(at) => dies = *at == number,
            Fault::Unmet(unmet) => match unmet.dies(&what()) {
                Some(Side::Before) => die(),
                Some(Side::After) => die_after(accept(self.inner.as_ref()), self.inner.flush()),
                None => {}
            },
            Fault::List(file) => {
                let list = File::options().create(true).append(true).open(file);
                let line = format!("{number} {}\n", what());
                list.and_then(|mut list| list.write_all(line.as_bytes()))
                    .expect("the list can be written");
            }
            Fault::Before(_) => {}
        }
        let reply = accept(self.inner.as_ref());
        Box::pin(async move {
            let result = reply.await;
            if dies {
                die();
            }
            result
        })
    }
}

/// Such as `intent once deploy/3/route/route#2`.
fn describe(lines: &[Line]) -> String {
    let entry = |line: &Line| {
        Record::from_line(line.text())
            .expect("a line is of a record")
            .entry
    };
    let describe = |line: &Line| match entry(line) {
        Entry::Intent { activity, class, .. } => {
            format!("intent {} {activity}", format!("{class:?}").to_lowercase())
        }
        Entry::Outcome { activity, .. } => format!("outcome {activity}"),
        Entry::Decided { activity, .. } => format!("decided {activity}"),
        Entry::Event { kind, .. } => format!("event {kind}"),
        Entry::Started { .. } => "started".to_owned(),
        Entry::Reopened { .. } => "reopened".to_owned(),
        Entry::Waiting { reason } => format!("waiting {reason}"),
        Entry::Continued { reason } => format!("continued {reason}"),
        Entry::Ended { ending, .. } => format!("ended {ending:?}").to_lowercase(),
    };
    lines.iter().map(describe).collect::<Vec<_>>().join(", ")
}

/// Also where nobody waits for the write, because it is in no hurry.
fn die_after<T: Send>(write: Reply<T>, flushed: Reply<()>) -> ! {
    let waits = || {
        let runtime = Builder::new_current_thread()
            .build()
            .expect("a runtime can be made");
        let written = runtime.block_on(write).is_ok() && runtime.block_on(flushed).is_ok();
        assert!(written, "the write after which to die was refused");
    };
    // The thread that called may be one on which nothing can be waited for.
    let _ = std::thread::scope(|scope| scope.spawn(waits).join());
    die()
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
        self.write(
            lease,
            || "run".to_owned(),
            |store| store.create_run(lease, run, now),
        )
    }

    fn append(
        &self,
        lease: &Lease,
        lines: Vec<Line>,
        bodies: Vec<Body>,
        durability: Durability,
    ) -> Reply<()> {
        let what = describe(&lines);
        self.write(
            lease,
            || what,
            |store| store.append(lease, lines, bodies, durability),
        )
    }

    fn set_environment(
        &self,
        lease: &Lease,
        expected: Generation,
        state: EnvironmentState,
    ) -> Reply<Generation> {
        self.write(
            lease,
            || "environment".to_owned(),
            |store| store.set_environment(lease, expected, state),
        )
    }

    fn record_cutover(&self, lease: &Lease, cutover: Cutover) -> Reply<()> {
        self.write(
            lease,
            || "cutover".to_owned(),
            |store| store.record_cutover(lease, cutover),
        )
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

    fn body(&self, run: &RunId, digest: Digest) -> Reply<Option<Vec<u8>>> {
        self.inner.body(run, digest)
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

//! The [`Store`]: two threads, and for each method the query that it runs on one of them.

use std::{
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{self, Sender},
    },
    thread::{self, JoinHandle},
};

use jiff::Timestamp;
use serde_json::Value;
use slipway_model::{Digest, RunId, ServiceName};
use tokio::sync::oneshot;

use super::{
    create::{self, Creation},
    db::{Db, Trouble},
    environments,
    leases::{self, Attempt},
    reader::{self, Query},
    records, runs,
    settings::PostgresSettings,
    signals,
    wire::{Server, Wire},
    writer::{self, Job, Work},
};
use crate::{
    Acquired, Body, Cutover, Durability, EnvironmentState, Error, Generation, Holder, Lease, Line, NewRun,
    Owner, Record, Reply, Result, Run, RunFilter, Scope, Seq, Signal, Signalled, Store,
    queue::{Answer, Append, Kind, Queue},
};

/// Dropping it writes what is still waiting and ends its threads.
pub struct PostgresStore {
    server: Arc<Server>,
    /// Runs of others are neither listed nor found.
    service: Option<ServiceName>,
    jobs: Arc<Queue<Work>>,
    /// `None` only while it is dropped.
    queries: Option<Sender<Query>>,
    threads: Vec<JoinHandle<()>>,
}

impl PostgresStore {
    /// Makes the ledger if there is none. With a service, other services' runs are not seen.
    pub async fn open(settings: PostgresSettings, service: Option<ServiceName>) -> Result<Self> {
        let store = Self::start(settings, service, true)?;
        // The first to be connected, so that what is wrong is said now.
        store.write("open", async |_, _| Ok(())).await?;
        Ok(store)
    }

    /// For who only looks: nothing is made, and `None` where there is nothing.
    pub async fn look(settings: PostgresSettings, service: Option<ServiceName>) -> Result<Option<Self>> {
        let store = Self::start(settings, service, false)?;
        match store.read("open", async |_| Ok(())).await {
            Ok(()) => Ok(Some(store)),
            Err(Error::NoLedger { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn start(settings: PostgresSettings, service: Option<ServiceName>, makes: bool) -> Result<Self> {
        let server = Arc::new(Server::new(settings, makes)?);
        let wire = || {
            let wire = Wire::new(server.clone());
            wire.map_err(|error| server.place.refused(error.to_string()))
        };
        let (mut write, mut read) = (wire()?, wire()?);
        let jobs = Arc::new(Queue::default());
        let queued = jobs.clone();
        let (queries, asked) = mpsc::channel();
        let threads = vec![
            thread::spawn(move || writer::run(&mut write, &queued)),
            thread::spawn(move || reader::run(&mut read, &asked)),
        ];
        Ok(Self {
            server,
            service,
            jobs,
            queries: Some(queries),
            threads,
        })
    }

    fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        attempt: impl AsyncFnMut(&mut Db, bool) -> Result<T, Trouble> + Send + 'static,
    ) -> Reply<T> {
        let (sender, reply) = self.reply();
        // Whoever asked may have stopped waiting.
        let work: Work = Box::new(move |wire: &mut Wire| drop(sender.send(wire.ask(operation, attempt))));
        let (durability, kind) = (Durability::Now, Kind::Other(work));
        self.jobs.push(Job { durability, kind });
        reply
    }

    fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        mut query: impl AsyncFnMut(&Db) -> Result<T, Trouble> + Send + 'static,
    ) -> Reply<T> {
        let (sender, reply) = self.reply();
        let query = Box::new(move |wire: &mut Wire| {
            let answer = wire.ask(operation, async |db, _| query(db).await);
            drop(sender.send(answer));
        });
        if let Some(queries) = &self.queries {
            // A thread that is gone drops what it is sent, which answers "closed".
            drop(queries.send(query));
        }
        reply
    }

    fn reply<T: Send + 'static>(&self) -> (oneshot::Sender<Result<T>>, Reply<T>) {
        let (sender, receiver) = oneshot::channel();
        let server = self.server.clone();
        let reply = async move { receiver.await.unwrap_or_else(|_| Err(server.place.closed())) };
        (sender, Box::pin(reply))
    }
}

impl Drop for PostgresStore {
    fn drop(&mut self) {
        self.server.closing.store(true, Ordering::Relaxed);
        self.jobs.close();
        self.queries = None;
        for thread in self.threads.drain(..) {
            // A panic over there has been reported by its hook already.
            let _ = thread.join();
        }
    }
}

/// The times that callers name are recorded and never compared: see [`leases`].
impl Store for PostgresStore {
    fn acquire(&self, scope: &Scope, owner: &Owner, _now: Timestamp) -> Reply<Acquired> {
        let attempt = Attempt::new(scope, owner);
        self.write("take the lease", async move |db, again| {
            leases::acquire(db, &attempt, again).await
        })
    }

    fn heartbeat(&self, lease: &Lease, _now: Timestamp) -> Reply<()> {
        let lease = lease.clone();
        self.write("renew the lease", async move |db, _| {
            leases::heartbeat(db, &lease).await
        })
    }

    fn release(&self, lease: &Lease) -> Reply<()> {
        let lease = lease.clone();
        self.write("release the lease", async move |db, _| {
            leases::release(db, &lease).await
        })
    }

    fn holder(&self, scope: &Scope) -> Reply<Option<Holder>> {
        let scope = scope.clone();
        self.read("read the lease", async move |db| leases::holder(db, &scope).await)
    }

    fn create_run(&self, lease: &Lease, run: NewRun, now: Timestamp) -> Reply<()> {
        match Creation::new(lease, run, now) {
            Ok(creation) => self.write("create the run", async move |db, again| {
                create::create(db, &creation, again).await
            }),
            Err(error) => refuse(error),
        }
    }

    fn append(
        &self,
        lease: &Lease,
        lines: Vec<Line>,
        bodies: Vec<Body>,
        durability: Durability,
    ) -> Reply<()> {
        let (sender, reply) = self.reply();
        let answer: Answer = Box::new(move |result| drop(sender.send(result)));
        let lease = lease.clone();
        let kind = Kind::Append(Append {
            lease,
            lines,
            bodies,
            answer,
        });
        self.jobs.push(Job { durability, kind });
        reply
    }

    fn flush(&self) -> Reply<()> {
        self.write("flush", async |_, _| Ok(()))
    }

    fn entries(&self, run: &RunId, after: Seq, limit: u32) -> Reply<Vec<Record>> {
        let run = run.clone();
        self.read("read entries", async move |db| {
            records::entries(db, &run, after, limit).await
        })
    }

    fn body(&self, run: &RunId, digest: Digest) -> Reply<Option<Vec<u8>>> {
        let run = run.clone();
        self.read("read a body", async move |db| {
            records::body(db, &run, digest).await
        })
    }

    fn runs(&self, filter: RunFilter) -> Reply<Vec<Run>> {
        let own = self.service.clone();
        self.read("read runs", async move |db| {
            runs::list(db, own.as_ref(), &filter).await
        })
    }

    fn run(&self, prefix: &str) -> Reply<Run> {
        let (own, prefix) = (self.service.clone(), prefix.to_owned());
        self.read("read runs", async move |db| {
            runs::by_prefix(db, own.as_ref(), &prefix).await
        })
    }

    fn signal(&self, run: &RunId, signal: Signal) -> Reply<()> {
        let run = run.clone();
        self.write("signal", async move |db, again| {
            signals::add(db, &run, &signal, again).await
        })
    }

    fn signals(&self, run: &RunId, after: u64) -> Reply<Vec<Signalled>> {
        let run = run.clone();
        self.read("read signals", async move |db| {
            signals::after(db, &run, after).await
        })
    }

    fn environment(&self, scope: &Scope) -> Reply<(Generation, EnvironmentState)> {
        let scope = scope.clone();
        self.read("read what is deployed", async move |db| {
            environments::get(db, &scope).await
        })
    }

    fn set_environment(
        &self,
        lease: &Lease,
        expected: Generation,
        state: EnvironmentState,
    ) -> Reply<Generation> {
        let lease = lease.clone();
        match environments::write("what is deployed", &state) {
            Ok(state) => self.write("record what is deployed", async move |db, again| {
                environments::set(db, &lease, expected, &state, again).await
            }),
            Err(error) => refuse(error),
        }
    }

    fn plugin_state(&self, scope: &Scope, plugin: &str) -> Reply<Option<Value>> {
        let (scope, plugin) = (scope.clone(), plugin.to_owned());
        self.read("read the state of the plugin", async move |db| {
            environments::plugin_state(db, &scope, &plugin).await
        })
    }

    fn set_plugin_state(&self, lease: &Lease, plugin: &str, state: Value) -> Reply<()> {
        let (lease, plugin) = (lease.clone(), plugin.to_owned());
        self.write("keep the state of the plugin", async move |db, _| {
            environments::set_plugin_state(db, &lease, &plugin, &state.to_string()).await
        })
    }

    fn record_cutover(&self, lease: &Lease, cutover: Cutover) -> Reply<()> {
        let lease = lease.clone();
        self.write("record the cutover", async move |db, _| {
            environments::record_cutover(db, &lease, &cutover).await
        })
    }

    fn last_cutover(&self, scope: &Scope) -> Reply<Option<Cutover>> {
        let scope = scope.clone();
        self.read("read the cutover", async move |db| {
            environments::last_cutover(db, &scope).await
        })
    }
}

fn refuse<T: Send + 'static>(error: Error) -> Reply<T> {
    Box::pin(async move { Err(error) })
}

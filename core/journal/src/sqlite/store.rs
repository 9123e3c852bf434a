//! The [`Store`]: two threads, and for each method the query that it runs on one of them.

use std::{
    path::Path,
    sync::{
        Arc,
        mpsc::{self, Sender},
    },
    thread::{self, JoinHandle},
};

use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::Value;
use slipway_model::{Digest, RunId};
use tokio::sync::oneshot;

use super::{
    create, environments, leases,
    open::{self, Place},
    reader::{self, Query},
    records, runs, signals,
    writer::{self, Done, Job, Work},
};
use crate::{
    Acquired, Body, Cutover, Durability, EnvironmentState, Generation, Holder, Lease, Line, NewRun, Owner,
    Record, Reply, Result, Run, RunFilter, Scope, Seq, Signal, Signalled, Store,
    queue::{Answer, Append, Kind, Queue},
};

/// Dropping it writes what is still waiting and ends its threads.
pub struct SqliteStore {
    place: Arc<Place>,
    jobs: Arc<Queue<Work>>,
    /// `None` only while it is dropped.
    queries: Option<Sender<Query>>,
    threads: Vec<JoinHandle<()>>,
}

impl SqliteStore {
    /// Opens the ledger, making it and its folder if there is none.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let place = Arc::new(Place {
            path: path.to_owned(),
        });
        let (write, read) = (open::open(path)?, open::open(path)?);
        let jobs = Arc::new(Queue::default());
        let (queries, asked) = mpsc::channel();
        let (of_writer, queued) = (place.clone(), jobs.clone());
        let threads = vec![
            thread::spawn(move || writer::run(&write, &of_writer, &queued)),
            thread::spawn(move || reader::run(&read, &asked)),
        ];
        Ok(Self {
            place,
            jobs,
            queries: Some(queries),
            threads,
        })
    }

    fn write<T: Send + 'static>(
        &self,
        durability: Durability,
        work: impl FnOnce(&Connection, &Place) -> Result<T> + Send + 'static,
    ) -> Reply<T> {
        let (sender, reply) = self.reply();
        let place = self.place.clone();
        let work: Work = Box::new(move |connection: Result<&Connection>| {
            let result = connection.and_then(|connection| work(connection, &place));
            let refused = result.as_ref().err().cloned();
            // Whoever asked may have stopped waiting.
            Done {
                refused,
                answer: Box::new(move |committed| drop(sender.send(committed.and(result)))),
            }
        });
        let kind = Kind::Other(work);
        self.jobs.push(Job { durability, kind });
        reply
    }

    fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, &Place) -> Result<T> + Send + 'static,
    ) -> Reply<T> {
        let (sender, reply) = self.reply();
        let place = self.place.clone();
        let query = Box::new(move |connection: &Connection| drop(sender.send(query(connection, &place))));
        if let Some(queries) = &self.queries {
            // A thread that is gone drops what it is sent, which answers "closed".
            drop(queries.send(query));
        }
        reply
    }

    fn reply<T: Send + 'static>(&self) -> (oneshot::Sender<Result<T>>, Reply<T>) {
        let (sender, receiver) = oneshot::channel();
        let place = self.place.clone();
        let reply = async move { receiver.await.unwrap_or_else(|_| Err(place.closed())) };
        (sender, Box::pin(reply))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.jobs.close();
        self.queries = None;
        for thread in self.threads.drain(..) {
            // A panic over there has been reported by its hook already.
            let _ = thread.join();
        }
    }
}

impl Store for SqliteStore {
    fn acquire(&self, scope: &Scope, owner: &Owner, now: Timestamp) -> Reply<Acquired> {
        let (scope, owner) = (scope.clone(), owner.clone());
        self.write(Durability::Now, move |db, place| {
            leases::acquire(db, place, &scope, &owner, now)
        })
    }

    fn heartbeat(&self, lease: &Lease, now: Timestamp) -> Reply<()> {
        let lease = lease.clone();
        self.write(Durability::Now, move |db, place| {
            leases::heartbeat(db, place, &lease, now)
        })
    }

    fn release(&self, lease: &Lease) -> Reply<()> {
        let lease = lease.clone();
        self.write(Durability::Now, move |db, place| {
            leases::release(db, place, &lease)
        })
    }

    fn holder(&self, scope: &Scope) -> Reply<Option<Holder>> {
        let scope = scope.clone();
        self.read(move |db, place| leases::holder(db, place, &scope))
    }

    fn create_run(&self, lease: &Lease, run: NewRun, now: Timestamp) -> Reply<()> {
        let lease = lease.clone();
        self.write(Durability::Now, move |db, place| {
            create::create(db, place, &lease, run, now)
        })
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
        let kind = Kind::Append(Append {
            lease: lease.clone(),
            lines,
            bodies,
            answer,
        });
        self.jobs.push(Job { durability, kind });
        reply
    }

    fn flush(&self) -> Reply<()> {
        self.write(Durability::Now, |_, _| Ok(()))
    }

    fn entries(&self, run: &RunId, after: Seq, limit: u32) -> Reply<Vec<Record>> {
        let run = run.clone();
        self.read(move |db, place| records::entries(db, place, &run, after, limit))
    }

    fn body(&self, run: &RunId, digest: Digest) -> Reply<Option<Vec<u8>>> {
        let run = run.clone();
        self.read(move |db, place| records::body(db, place, &run, digest))
    }

    fn runs(&self, filter: RunFilter) -> Reply<Vec<Run>> {
        self.read(move |db, place| runs::list(db, place, &filter))
    }

    fn run(&self, prefix: &str) -> Reply<Run> {
        let prefix = prefix.to_owned();
        self.read(move |db, place| runs::by_prefix(db, place, &prefix))
    }

    fn signal(&self, run: &RunId, signal: Signal) -> Reply<()> {
        let run = run.clone();
        self.write(Durability::Now, move |db, place| {
            signals::add(db, place, &run, &signal)
        })
    }

    fn signals(&self, run: &RunId, after: u64) -> Reply<Vec<Signalled>> {
        let run = run.clone();
        self.read(move |db, place| signals::after(db, place, &run, after))
    }

    fn environment(&self, scope: &Scope) -> Reply<(Generation, EnvironmentState)> {
        let scope = scope.clone();
        self.read(move |db, place| environments::get(db, place, &scope))
    }

    fn set_environment(
        &self,
        lease: &Lease,
        expected: Generation,
        state: EnvironmentState,
    ) -> Reply<Generation> {
        let lease = lease.clone();
        self.write(Durability::Now, move |db, place| {
            environments::set(db, place, &lease, expected, &state)
        })
    }

    fn plugin_state(&self, scope: &Scope, plugin: &str) -> Reply<Option<Value>> {
        let (scope, plugin) = (scope.clone(), plugin.to_owned());
        self.read(move |db, place| environments::plugin_state(db, place, &scope, &plugin))
    }

    fn set_plugin_state(&self, lease: &Lease, plugin: &str, state: Value) -> Reply<()> {
        let (lease, plugin) = (lease.clone(), plugin.to_owned());
        self.write(Durability::Now, move |db, place| {
            environments::set_plugin_state(db, place, &lease, &plugin, &state)
        })
    }

    fn record_cutover(&self, lease: &Lease, cutover: Cutover) -> Reply<()> {
        let lease = lease.clone();
        self.write(Durability::Now, move |db, place| {
            environments::record_cutover(db, place, &lease, &cutover)
        })
    }

    fn last_cutover(&self, scope: &Scope) -> Reply<Option<Cutover>> {
        let scope = scope.clone();
        self.read(move |db, place| environments::last_cutover(db, place, &scope))
    }
}

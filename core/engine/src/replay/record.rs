//! The ledger of a run that is replayed: it is read, and what would be written is not.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use slipway_journal::{
    Acquired, Body, Cutover, Durability, Entry, EnvironmentState, Error, Generation, Holder, Lease, Line,
    NewRun, Owner, Record, Reply, Result, Run, RunFilter, Scope, Seq, Signal, Signalled, Store,
};
use slipway_model::{Digest, RunId};

pub(super) struct Recorded(pub(super) Arc<dyn Store>);

fn done<T: Send + 'static>(value: T) -> Reply<T> {
    Box::pin(async move { Ok(value) })
}

impl Store for Recorded {
    fn acquire(&self, scope: &Scope, _: &Owner, _: Timestamp) -> Reply<Acquired> {
        let (scope, token) = (scope.clone(), 0);
        Box::pin(async move { Err(Error::Fenced { scope, token }) })
    }

    fn heartbeat(&self, _: &Lease, _: Timestamp) -> Reply<()> {
        done(())
    }

    fn release(&self, _: &Lease) -> Reply<()> {
        done(())
    }

    fn holder(&self, scope: &Scope) -> Reply<Option<Holder>> {
        self.0.holder(scope)
    }

    fn create_run(&self, _: &Lease, _: NewRun, _: Timestamp) -> Reply<()> {
        done(())
    }

    fn append(&self, _: &Lease, _: Vec<Line>, _: Vec<Body>, _: Durability) -> Reply<()> {
        done(())
    }

    fn flush(&self) -> Reply<()> {
        done(())
    }

    /// As if the run had not ended: it comes to its end by itself.
    fn entries(&self, run: &RunId, after: Seq, limit: u32) -> Reply<Vec<Record>> {
        let read = self.0.entries(run, after, limit);
        Box::pin(async move {
            let mut records: Result<Vec<Record>> = read.await;
            if let Ok(records) = &mut records {
                records.retain(|record| !matches!(record.entry, Entry::Ended { .. }));
            }
            records
        })
    }

    fn body(&self, run: &RunId, digest: Digest) -> Reply<Option<Vec<u8>>> {
        self.0.body(run, digest)
    }

    fn runs(&self, filter: RunFilter) -> Reply<Vec<Run>> {
        self.0.runs(filter)
    }

    fn run(&self, prefix: &str) -> Reply<Run> {
        self.0.run(prefix)
    }

    fn signal(&self, _: &RunId, _: Signal) -> Reply<()> {
        done(())
    }

    fn signals(&self, run: &RunId, after: u64) -> Reply<Vec<Signalled>> {
        self.0.signals(run, after)
    }

    fn environment(&self, scope: &Scope) -> Reply<(Generation, EnvironmentState)> {
        self.0.environment(scope)
    }

    fn set_environment(&self, _: &Lease, expected: Generation, _: EnvironmentState) -> Reply<Generation> {
        done(expected)
    }

    fn plugin_state(&self, scope: &Scope, plugin: &str) -> Reply<Option<Value>> {
        self.0.plugin_state(scope, plugin)
    }

    fn set_plugin_state(&self, _: &Lease, _: &str, _: Value) -> Reply<()> {
        done(())
    }

    fn record_cutover(&self, _: &Lease, _: Cutover) -> Reply<()> {
        done(())
    }

    fn last_cutover(&self, scope: &Scope) -> Reply<Option<Cutover>> {
        self.0.last_cutover(scope)
    }
}

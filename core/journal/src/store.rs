//! What keeps runs, journals, leases and environment states: the port behind which SQLite and PostgreSQL stand.

use std::pin::Pin;

use jiff::Timestamp;
use serde_json::Value;
use slipway_model::{Digest, RunId};

use crate::{
    Acquired, Body, Cutover, Durability, EnvironmentState, Generation, Holder, Lease, Line, NewRun, Owner,
    Record, Result, Run, RunFilter, Scope, Seq, Signal, Signalled,
};

/// The work is accepted, in order, when the method is called, and done whether or not the reply is awaited.
pub type Reply<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;

/// A time that is given is when something happened, as its caller knows it. Silence is measured by it only where all
/// callers have the same clock.
///
/// Every write that carries a lease is checked against its token in its own transaction: `Error::Fenced`.
pub trait Store: Send + Sync {
    fn acquire(&self, scope: &Scope, owner: &Owner, now: Timestamp) -> Reply<Acquired>;
    fn heartbeat(&self, lease: &Lease, now: Timestamp) -> Reply<()>;
    /// Releasing what is lost already is not an error.
    fn release(&self, lease: &Lease) -> Reply<()>;
    fn holder(&self, scope: &Scope) -> Reply<Option<Holder>>;

    /// The run and its first entry, durable together.
    fn create_run(&self, lease: &Lease, run: NewRun, now: Timestamp) -> Reply<()>;
    /// Resolves when the records are durable; `WithNext` only says that there is no hurry.
    /// The bodies that the records name come with them; what the run has already is not kept twice.
    fn append(&self, lease: &Lease, lines: Vec<Line>, bodies: Vec<Body>, durability: Durability)
    -> Reply<()>;
    /// Everything accepted before is durable.
    fn flush(&self) -> Reply<()>;
    /// In order, those after `after` (0: all), at most `limit`.
    fn entries(&self, run: &RunId, after: Seq, limit: u32) -> Reply<Vec<Record>>;
    /// As it is kept: whoever reads it holds it against its digest. `None` if the run has none of that name.
    fn body(&self, run: &RunId, digest: Digest) -> Reply<Option<Vec<u8>>>;

    fn runs(&self, filter: RunFilter) -> Reply<Vec<Run>>;
    /// By a prefix of its id that only one run has.
    fn run(&self, prefix: &str) -> Reply<Run>;

    fn signal(&self, run: &RunId, signal: Signal) -> Reply<()>;
    fn signals(&self, run: &RunId, after: u64) -> Reply<Vec<Signalled>>;

    fn environment(&self, scope: &Scope) -> Reply<(Generation, EnvironmentState)>;
    /// Only if the generation is still the one that was read; answers the new one.
    fn set_environment(
        &self,
        lease: &Lease,
        expected: Generation,
        state: EnvironmentState,
    ) -> Reply<Generation>;
    /// A small document of a plugin's own.
    fn plugin_state(&self, scope: &Scope, plugin: &str) -> Reply<Option<Value>>;
    fn set_plugin_state(&self, lease: &Lease, plugin: &str, state: Value) -> Reply<()>;

    fn record_cutover(&self, lease: &Lease, cutover: Cutover) -> Reply<()>;
    fn last_cutover(&self, scope: &Scope) -> Reply<Option<Cutover>>;
}

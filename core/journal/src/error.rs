//! What can go wrong with the ledger, with the file or database and the next step.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use slipway_model::RunId;

use crate::{Generation, IllegalEntry, Scope, Seq};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Cheap to clone: one failed commit answers everybody who was waiting for it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    #[error("cannot open the ledger {path}: {source}; check that its folder exists and may be written to")]
    Open { path: PathBuf, source: Arc<io::Error> },
    #[error("{path} is not a ledger (not an SQLite database); move it away, or restore it from a backup")]
    NotALedger { path: PathBuf },
    #[error(
        "the ledger {ledger} is damaged ({reason}); restore it from a backup, its archive is not affected"
    )]
    Damaged { ledger: String, reason: String },
    #[error(
        "the ledger {ledger} has schema {found}, made by a newer slipway (this one knows {known}); use that one"
    )]
    Newer { ledger: String, found: u32, known: u32 },
    #[error(
        "no room to write the ledger {ledger} (disk, quota or file size limit); make room and resume the run"
    )]
    NoRoom { ledger: String },
    #[error("the ledger {path} is locked by another process for too long; see which one with `fuser {path}`")]
    Locked { path: PathBuf },
    #[error("cannot {operation} in the ledger {path}: {source}")]
    Sql {
        path: PathBuf,
        operation: &'static str,
        source: Arc<rusqlite::Error>,
    },
    #[error("the ledger {ledger} was closed while a request was under way")]
    Closed { ledger: String },
    #[error("the address of the ledger cannot be used: {reason}")]
    Address { reason: String },
    #[error("cannot use the ledger {ledger}: {reason}")]
    Refused { ledger: String, reason: String },
    #[error(
        "the ledger {ledger} does not answer ({reason}); check that the server runs and can be reached from here"
    )]
    Unreachable { ledger: String, reason: String },
    #[error(
        "the ledger {ledger} has not answered for {} s ({reason}); nothing that was confirmed is lost: when it \
         answers again, `slipway resume` goes on where the run stopped", waited.as_secs()
    )]
    Lost {
        ledger: String,
        waited: Duration,
        reason: String,
    },
    #[error("there is no ledger in {ledger} yet; the first run makes it")]
    NoLedger { ledger: String },
    #[error("cannot {operation} in the ledger {ledger}: {reason}")]
    Server {
        ledger: String,
        operation: &'static str,
        reason: String,
    },
    #[error("the lease on {scope} is lost (token {token}): another process took over; nothing was written")]
    Fenced { scope: Scope, token: u64 },
    #[error("{holder} works on {scope}; nothing is moved until that has ended")]
    Held { scope: Scope, holder: String },
    #[error(
        "the ledger {ledger} has runs of {scope} already, and others than those that were to be moved there"
    )]
    Occupied { ledger: String, scope: Scope },
    #[error("cannot tell who this process is: {0}; is /proc mounted?")]
    Owner(Arc<io::Error>),
    #[error("run {0} exists already")]
    RunExists(RunId),
    #[error("there is no run `{0}`; `slipway history` lists them")]
    NoSuchRun(String),
    #[error("`{prefix}` may mean any of {}; give more of it", list(candidates))]
    AmbiguousRun { prefix: String, candidates: Vec<RunId> },
    #[error("run {run}: entry {found} would leave a gap, the next one is {expected}; resume the run")]
    Gap { run: RunId, expected: Seq, found: Seq },
    #[error("run {run}: {illegal}")]
    Illegal { run: RunId, illegal: IllegalEntry },
    #[error("run {run}: {reason}; restore the ledger from a backup, its archive is not affected")]
    Body { run: RunId, reason: String },
    #[error("{scope} has changed meanwhile: generation {found}, expected {expected}; plan again")]
    Conflict {
        scope: Scope,
        expected: Generation,
        found: Generation,
    },
    #[error("cannot write {what} as JSON: {source}")]
    Unwritable {
        what: &'static str,
        source: Arc<serde_json::Error>,
    },
}

fn list(runs: &[RunId]) -> String {
    runs.iter().map(RunId::as_str).collect::<Vec<_>>().join(", ")
}

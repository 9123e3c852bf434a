//! What happened, durably: runs and their journals, signals, leases, environment states, in one SQLite file or in a
//! PostgreSQL database.
//!
//! **The journal is the truth.** Every effect is an [`Entry::Intent`] before and an [`Entry::Outcome`] after; the status
//! of a run is a pure fold over its entries ([`RunStatus`]). There is no clock in here: whoever records says when.
//!
//! **What has to be on disk when.** An intent must survive whatever the effect did, or a restart would not know that
//! it may have happened. An outcome must survive only if asking again is not safe. Hence [`Class`]:
//!
//! | class | intent | outcome | an intent without an outcome means |
//! |---|---|---|---|
//! | `read` | with the next | with the next | read again |
//! | `idempotent` | now | with the next | do it again, which is safe by its class |
//! | `once` | now | now | ask a person, never guess |
//!
//! What goes "with the next" is written in order before the next "now", so a journal on disk is always a prefix of what
//! was appended. One idempotent effect therefore costs one commit: its intent. The outcome that is lost in a crash is
//! the last thing that was known; the effect is repeated and the same outcome recorded.
//!
//! What the person who is asked about a `once` effect says is an entry as well ([`Entry::Decided`]). If it happened, its
//! outcome is recorded next, as an empty success; if it did not, it is intended anew and performed.
//!
//! **Large things stand beside.** What an effect was asked or gave is kept in the entry while it is small; large parts
//! are bodies, named by digest, written in the same transaction and loaded only by who replays the effect ([`Content`]).
//!
//! **One writer per environment.** A [`Lease`] carries a fencing token, checked in the transaction of every write.
//!
//! Storage stands behind [`Store`]; [`SqliteStore`] is the one for a single machine, [`PostgresStore`] the one for a team.
//! Nothing here knows what an effect does, what a plan says or what a plugin is.

mod content;
mod entry;
mod environment;
mod error;
mod journal;
mod lease;
mod line;
mod migrate;
mod owner;
mod postgres;
mod queue;
mod read;
mod run;
mod signal;
mod sqlite;
mod status;
mod store;

pub use content::{Bodies, Body, BodyRef, Content, LARGE, Parted, Unjoinable};
pub use entry::{Class, Durability, Entry, Record, Seq};
pub use environment::{Cutover, Deployed, EnvironmentState, Generation};
pub use error::{Error, Result};
pub use journal::Journal;
pub use lease::{Acquired, Holder, LEASE_TIME, Lease, Scope};
pub use line::Line;
pub use migrate::migrate;
pub use owner::{Liveness, Owner};
pub use postgres::{Moved, PostgresSettings, PostgresStore};
pub use read::records;
pub use run::{Ending, NewRun, Run, RunFilter, RunState};
pub use signal::{Signal, SignalKind, Signalled};
pub use sqlite::SqliteStore;
pub use status::{Activity, Event, IllegalEntry, RunStatus};
pub use store::{Reply, Store};

//! The store for one machine: one SQLite file, write-ahead logged, fully synchronised.
//!
//! One thread writes and commits in groups ([`writer`]); another reads. Both answer through one-shot channels, so that
//! an async caller never blocks. One file of queries per concept; none of them opens a transaction.

mod create;
mod environments;
mod export;
mod leases;
mod open;
mod reader;
mod records;
mod runs;
mod schema;
mod signals;
mod store;
mod writer;

pub(crate) use export::{Export, RunRow};
pub use store::SqliteStore;

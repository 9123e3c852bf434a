//! The store for a team: one PostgreSQL database (12 or later) for the ledgers of many services, operators and machines.
//!
//! One thread writes, with a connection of its own, and commits in groups ([`writer`]); another reads. Every write is one
//! statement, which checks its lease, writes and commits by itself: one round trip, nothing held in between, and so
//! nothing that a stopped or lost program could leave behind. A server that is lost is waited for ([`wire`]); what may
//! have been committed before it was lost is looked for, and not written twice. Leases go by the server's clock
//! ([`leases`]). One file of queries per concept.

mod create;
mod db;
mod environments;
mod import;
mod leases;
mod place;
mod reader;
mod records;
mod runs;
mod schema;
mod settings;
mod signals;
mod store;
mod tls;
mod wire;
mod writer;

pub use import::Moved;
pub(crate) use import::take_in;
pub use settings::PostgresSettings;
pub use store::PostgresStore;

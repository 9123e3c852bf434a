//! Real servers that tests start beside themselves; never a dependency of what ships, and it depends on nothing of ours,
//! so that every crate may use it in its tests.

mod postgres;

pub use postgres::Postgres;

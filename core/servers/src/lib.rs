//! Real servers that tests start beside themselves; never a dependency of what ships, and it depends on nothing of ours,
//! so that every crate may use it in its tests.

mod postgres;
mod prometheus;

pub use postgres::Postgres;
pub use prometheus::Prometheus;

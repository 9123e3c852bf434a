//! The engine as it is, over a world of which everything is drawn from one seed: targets, network, disk, clock, people,
//! and at which points its processes are killed or stopped. Time is simulated, so that an hour takes milliseconds, and
//! a seed that fails fails again.
//!
//! What has to be true whatever happens is in `world.rs` (while it happens) and `oracle.rs` (when a run has ended).

mod attempt;
mod chance;
mod check;
mod disk;
mod guard;
mod ledger;
mod manifest;
mod meddler;
mod operator;
mod oracle;
mod plugins;
mod process;
mod router;
mod scenario;
mod simulate;
mod store;
mod target;
mod tasks;
mod trace;
mod wire;
mod world;

pub use scenario::Scenario;
pub use simulate::{Told, simulate};

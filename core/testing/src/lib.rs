//! Fault injection and load for tests and the demo; never a dependency of what ships.

mod boundaries;
mod faults;
mod load;

pub use boundaries::{Names, Unmet, another_run, met};
pub use faults::{Fault, Faulty};
pub use load::{Load, Tally};

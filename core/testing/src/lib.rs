//! Fault injection and load for tests and the demo; never a dependency of what ships.

mod faults;
mod load;

pub use faults::{Fault, Faulty};
pub use load::{Load, Tally};

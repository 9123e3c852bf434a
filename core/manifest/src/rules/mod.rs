//! What must hold beyond shapes and types. One rule a file, each with its code, what it is for, and how it is found.
//!
//! A rule reports and goes on. It says nothing about what could not be read: that has been reported already.

mod baseline;
mod catalogue;
mod clusters;
mod contradiction;
mod cycle;
mod deadline;
mod default;
mod duplicate;
mod empty;
mod exactly_one;
mod hooks;
mod http;
mod log_values;
mod misplaced;
mod paths;
mod platforms;
mod port;
mod references;
mod rolling;
mod rule;
mod secrets;
mod strictness;
mod traffic;
mod type_bounds;
mod unbounded;
mod unused;
mod urls;
mod values;
mod weights;
mod window;

pub use catalogue::codes;
pub use rule::Rule;

pub(crate) use catalogue::check;
use rule::{asked, each, items, many, shown};

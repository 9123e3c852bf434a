//! The command line: arguments, wiring, printing and exit codes. The only crate that prints.
//!
//! stdout is data, stderr is talk. What a command does is in the file of its name under `commands/`.

mod ambient;
mod annotations;
mod args;
mod clusters;
mod commands;
mod context;
mod copies;
mod error;
mod ledger;
mod log_time;
mod observer;
mod operator;
mod plugins;
mod program;
mod progress;
mod questions;
mod reports;
mod tail;
mod telemetry;
mod ui;
mod values_file;

pub use ambient::Clock;
pub use args::Cli;
pub use clusters::ValuesOfSecrets;
pub use context::{Hooks, StoreHook};
pub use program::{main, main_with};

//! The command line: arguments, wiring, printing and exit codes. The only crate that prints.
//!
//! stdout is data, stderr is talk. What a command does is in the file of its name under `commands/`.

mod ambient;
mod args;
mod commands;
mod context;
mod error;
mod observer;
mod operator;
mod plugins;
mod progress;
mod ui;

use std::process::ExitCode;

use clap::Parser as _;

pub use args::Cli;
pub use context::{Hooks, StoreHook};

/// The whole program.
pub fn main() -> ExitCode {
    main_with(Hooks::default())
}

/// The whole program, with faults that tests inject.
pub fn main_with(hooks: Hooks) -> ExitCode {
    let cli = Cli::parse();
    commands::dispatch(cli, hooks)
}

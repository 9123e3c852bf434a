//! Where the program begins.

use std::process::ExitCode;

use clap::Parser as _;

use crate::{args::Cli, commands, context::Hooks};

/// The whole program.
pub fn main() -> ExitCode {
    main_with(Hooks::default())
}

/// The whole program, with faults that tests inject.
pub fn main_with(hooks: Hooks) -> ExitCode {
    commands::dispatch(Cli::parse(), hooks)
}

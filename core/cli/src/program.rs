//! Where the program begins.

use std::{env, process::ExitCode};

use clap::Parser as _;

use crate::{args::Cli, commands, context::Hooks};

/// The one argument with which this program starts itself as the process of a native library.
pub(crate) const NATIVE: &str = "__native";

/// The whole program.
pub fn main() -> ExitCode {
    main_with(Hooks::default())
}

/// The whole program, with faults that tests inject.
pub fn main_with(hooks: Hooks) -> ExitCode {
    if env::args_os().nth(1).is_some_and(|argument| argument == NATIVE) {
        return slipway_host::serve_native();
    }
    commands::dispatch(Cli::parse(), hooks)
}

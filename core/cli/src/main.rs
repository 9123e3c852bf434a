//! `slipway`: see the library for everything.

use std::process::ExitCode;

fn main() -> ExitCode {
    slipway_cli::main()
}

//! The process of a native library alone: for tests. `slipway` is one too, when a host starts it so.

use std::process::ExitCode;

fn main() -> ExitCode {
    slipway_host::serve_native()
}

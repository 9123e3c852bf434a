//! `cargo xtask simulate`: the engine over a simulated world; and whether that would find a bug that is planted for it.

use crate::talk::{Failed, cargo, run};

pub(crate) fn simulate(arguments: &[&str]) -> Result<(), Failed> {
    let program = [
        "run",
        "--quiet",
        "--locked",
        "--package",
        "slipway-simulation",
        "--",
    ];
    run(cargo().args(program).args(arguments))
}

/// The test of the test. With the whole workspace, so that only what has the bug is compiled again.
pub(crate) fn planted() -> Result<(), Failed> {
    let features = ["--features", "slipway-simulation/planted-bug"];
    let tests = ["test", "--quiet", "--locked", "--workspace", "--test", "seeds"];
    run(cargo().args(tests).args(features))
}

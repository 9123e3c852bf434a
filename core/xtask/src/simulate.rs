//! `cargo xtask simulate`: the engine over a simulated world; and whether that would find a bug that is planted for it.

use crate::talk::{Failed, cargo, run};

/// The features of the whole workspace, so that nothing is compiled for this alone.
const SIMULATION: [&str; 6] = ["run", "--quiet", "--locked", "--bin", "slipway-simulation", "--"];
const PLANTED: [&str; 7] = [
    "run",
    "--quiet",
    "--locked",
    "--bin",
    "slipway-simulation",
    "--features",
    "slipway-simulation/planted-bug",
];

pub(crate) fn simulate(arguments: &[&str]) -> Result<(), Failed> {
    run(cargo().args(SIMULATION).args(arguments))
}

/// The test of the test.
pub(crate) fn planted() -> Result<(), Failed> {
    run(cargo().args(PLANTED).args(["--", "--until-found"]))
}

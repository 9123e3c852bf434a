//! `cargo xtask sweep`: what takes too long for every change. Real processes killed at every boundary of their journals, on
//! one machine over both ledgers and on a real cluster, races for a lease, and every bit of an archive flipped. Each prints
//! what was tried and what came of it.

use crate::{
    packages, plugins,
    talk::{Failed, cargo, run, say},
};

/// By what they are told to be: the test program, and the tests of it.
const SWEEPS: [(&str, &str, &[&str]); 5] = [
    ("races for a lease, over both ledgers", "journal", &["stopped"]),
    ("a canary on one machine, over both ledgers", "sweep", &[]),
    ("services released together", "services", &["killed_together"]),
    (
        "roll-outs on a cluster",
        "cluster_sweep",
        &["--test-threads", "2"],
    ),
    ("flips of an archive", "archive", &["flips"]),
];

pub(crate) fn sweep() -> Result<(), Failed> {
    packages::need(&packages::TESTS)?;
    plugins::build()?;
    let mut failed = Vec::new();
    for (what, program, chosen) in SWEEPS {
        say(&format!("== {what}"));
        let mut command = cargo();
        command
            .env("SLIPWAY_SWEEP", "1")
            .args([
                "test",
                "--quiet",
                "--locked",
                "--workspace",
                "--test",
                program,
                "--",
                "--nocapture",
            ])
            .args(chosen);
        if run(&mut command).is_err() {
            failed.push(what);
        }
    }
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failed(format!("failed: {}", failed.join("; ")))),
    }
}

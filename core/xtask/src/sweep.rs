//! `cargo xtask sweep`: what takes too long for every change. Real processes killed at every boundary of their journals, on
//! one machine over both ledgers and on a real cluster, disks that fail, plugins that break at every call, races for a
//! lease, and every bit of an archive flipped. Each prints what was tried and what came of it; the kills are put into one table at the end.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use crate::{
    packages, plugins,
    swept::Rows,
    talk::{Failed, cargo, say},
};

/// By what they are told to be: the test program, and the tests of it.
const SWEEPS: [(&str, &str, &[&str]); 9] = [
    ("races for a lease, over both ledgers", "journal", &["stopped"]),
    ("a canary on one machine, over both ledgers", "sweep", &[]),
    (
        "every strategy on one machine, over both ledgers",
        "strategies",
        &["--test-threads", "2"],
    ),
    ("operator and agent", "all_die", &[]),
    ("a ledger whose disk fails", "full_disk", &[]),
    ("plugins that break", "traps", &[]),
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
    let (mut failed, mut rows) = (Vec::new(), Rows::default());
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
        if !told(&mut command, &mut rows)? {
            failed.push(what);
        }
    }
    say(&rows.table());
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failed(format!("failed: {}", failed.join("; ")))),
    }
}

/// Runs a program and hands on what it says, as it says it. Answers whether it succeeded.
fn told(command: &mut Command, rows: &mut Rows) -> Result<bool, Failed> {
    let cannot = |error: std::io::Error| Failed(format!("a sweep cannot be run: {error}"));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(cannot)?;
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines())
    {
        let line = line.map_err(cannot)?;
        if !rows.take(&line) {
            say(&line);
        }
    }
    Ok(child.wait().map_err(cannot)?.success())
}

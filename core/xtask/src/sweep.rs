//! `cargo xtask sweep`: what takes too long for every change. Real processes killed at every boundary of their journals, on
//! one machine over both ledgers and on a real cluster, disks that fail, plugins that break at every call, races for a
//! lease, and every bit of an archive flipped. Each prints what was tried and what came of it; the kills are put into one
//! table at the end.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use crate::{
    packages, plugins, programs,
    swept::Rows,
    talk::{Failed, cargo, say},
};

struct Sweep {
    what: &'static str,
    /// The program, and which of its tests.
    program: &'static str,
    chosen: &'static [&'static str],
    /// Of so many boundaries one, where each of them takes long.
    one_in: u32,
}

const SWEEPS: [Sweep; 9] = [
    each("races for a lease, over both ledgers", "journal", &["stopped"]),
    each("a canary on one machine, over both ledgers", "sweep", &[]),
    each(
        "every strategy on one machine, over both ledgers",
        "strategies",
        &["--test-threads", "2"],
    ),
    // Several processes that die, one after the other.
    Sweep {
        one_in: 5,
        ..each("operator and agent", "all_die", &[])
    },
    Sweep {
        one_in: 5,
        ..each("a ledger whose disk fails", "full_disk", &[])
    },
    each("plugins that break", "traps", &[]),
    each("services released together", "services", &["killed_together"]),
    // A process there costs several seconds, and there are thousands of boundaries.
    Sweep {
        one_in: 5,
        ..each(
            "roll-outs on a cluster",
            "cluster_sweep",
            &["--test-threads", "2"],
        )
    },
    each("flips of an archive", "archive", &["flips"]),
];

const fn each(what: &'static str, program: &'static str, chosen: &'static [&'static str]) -> Sweep {
    Sweep {
        what,
        program,
        chosen,
        one_in: 1,
    }
}

pub(crate) fn sweep() -> Result<(), Failed> {
    packages::need(&packages::TESTS)?;
    plugins::build()?;
    programs::build()?;
    let (mut failed, mut rows) = (Vec::new(), Rows::default());
    for sweep in SWEEPS {
        let Sweep { what, program, .. } = sweep;
        say(&format!("== {what}"));
        let mut command = cargo();
        command
            .env(programs::BUILT.0, programs::BUILT.1)
            .env("SLIPWAY_SWEEP", sweep.one_in.to_string())
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
            .args(sweep.chosen);
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
        // Also what goes into the table: whoever stops the sweep has seen it.
        say(&line);
        rows.take(&line);
    }
    Ok(child.wait().map_err(cannot)?.success())
}

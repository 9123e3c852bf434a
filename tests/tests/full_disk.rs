//! A disk that is full or broken at a moment of a run: the writes of the ledger fail as the system's calls fail, put in
//! by `strace`. Whatever is lost by that is said, nothing is done twice, and `resume` goes on.

use std::{
    fs,
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

use slipway_tests::{Bench, Swept, benches_for, installed, interrupted, one_in, program, side_by_side};

/// How the calls of the ledger fail: which, with what, and whether from then on or once.
const FAULTS: [(&str, &str, &str); 3] = [
    ("pwrite64", "ENOSPC", ""),
    ("pwrite64", "ENOSPC", "+"),
    ("fdatasync,fsync", "EIO", ""),
];
/// How many moments of each there are in the everyday test, spread over a run.
const FEW: usize = 3;

/// On so many benches at once.
const AT_ONCE: usize = 4;

#[test]
fn a_ledger_that_cannot_be_written_loses_nothing() {
    let first = ready();
    let mut tries = Vec::new();
    let mut moments = 0;
    for (number, (calls, error, from)) in FAULTS.into_iter().enumerate() {
        let count = count(&first, calls, &format!("2.{number}.0"));
        moments += count;
        let step = one_in().unwrap_or(count.div_ceil(FEW));
        let chosen = (1..=count).step_by(step.max(1));
        tries.extend(chosen.map(|moment| format!("inject={calls}:error={error}:when={moment}{from}")));
    }
    let tried = tries.len();
    let mut benches = vec![first];
    benches.resize_with(benches_for(tried, AT_ONCE), ready);
    let failed = AtomicUsize::new(0);
    side_by_side(
        &mut benches,
        tries.iter().enumerate(),
        |bench, (number, inject)| {
            let wanted = format!("3.{number}.0");
            let (code, told) = traced(bench, &["-e", inject], &wanted);
            assert!(
                matches!(code, Some(0 | 1 | 6)) && !told.contains("panicked"),
                "{inject}: {code:?}\n{told}"
            );
            failed.fetch_add(usize::from(code != Some(0)), Ordering::Relaxed);
            goes_on(bench, &wanted, inject);
        },
    );
    for bench in &benches {
        bench.must("caddy", &["archive", "verify"]);
    }
    let failed = failed.into_inner();
    assert!(failed > tried / 2, "of {tried} faults only {failed} were met");
    let swept = Swept {
        what: "a ledger whose disk fails",
        place: "one machine",
        ledger: "SQLite",
        boundaries: moments,
        met: tried,
        kills: failed,
        resumed: failed,
        repeated: 0,
    };
    println!("{tried} faults of the ledger's disk, {failed} runs broken off\n{swept}");
}

/// Version 1 in front of users.
fn ready() -> Bench {
    let bench = Bench::caddy();
    bench.edit(
        "caddy/deploy.toml",
        &[("soak = \"1s\"\nmin", "soak = \"0s\"\nmin")],
    );
    bench.must("caddy", &["run", "local"]);
    bench
}

/// Once there is room again.
fn goes_on(bench: &Bench, version: &str, inject: &str) {
    if interrupted(bench, "caddy").is_some() {
        let resumed = bench.slipway("caddy", &["resume"]);
        assert_eq!(resumed.code, Some(0), "{inject}: {}", resumed.stderr);
    }
    // The fault may have come before there was a run.
    if bench.settled("caddy") != version {
        bench.must("caddy", &["run", "local", "--version", version]);
    }
    assert_eq!(bench.settled("caddy"), version, "{inject}");
}

/// How often a run calls for it.
fn count(bench: &Bench, calls: &str, version: &str) -> usize {
    let seen = bench.path("calls");
    let trace = format!("trace={calls}");
    let out = seen.to_str().expect("a path");
    let (code, told) = traced(bench, &["-e", &trace, "-o", out], version);
    assert_eq!(code, Some(0), "{told}");
    let lines = fs::read_to_string(&seen).expect("what was traced");
    let count = lines.lines().filter(|line| line.contains("= ")).count();
    assert!(count > 10, "{lines}");
    count
}

/// A run under `strace`, which looks at nothing but the ledger.
fn traced(bench: &Bench, how: &[&str], version: &str) -> (Option<i32>, String) {
    let strace = installed("strace", "strace");
    let command = bench.command(
        &program("slipway"),
        "caddy",
        &["run", "local", "--version", version],
    );
    let ledger = bench.path("caddy/.slipway/ledger.db");
    let ledger = ledger.to_str().expect("a path");
    let mut traced = Command::new(strace);
    traced.args(["-f", "-qq", "-P", ledger, "-P"]);
    traced.arg(format!("{ledger}-wal"));
    if !how.contains(&"-o") {
        traced.args(["-o", "/dev/null"]);
    }
    traced
        .args(how)
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            traced.env(name, value);
        }
    }
    let output = traced.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), told)
}

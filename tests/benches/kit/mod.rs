//! What the benchmarks share: the program as it ships, built if it is not, and what is said about many rounds.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The folder of the build, which is on a disk and not in memory.
pub(crate) fn target() -> &'static Path {
    let own = Path::new(env!("CARGO_TARGET_TMPDIR"));
    own.parent()
        .expect("cargo's folder for benchmarks is in the target folder")
}

/// The program, or another build of it that `SLIPWAY_BENCH_PROGRAM` names.
pub(crate) fn slipway() -> PathBuf {
    if let Some(other) = std::env::var_os("SLIPWAY_BENCH_PROGRAM") {
        return other.into();
    }
    let status = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--release",
            "-p",
            "slipway-cli",
            "--target-dir",
        ])
        .arg(target())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs, since it runs this benchmark");
    assert!(status.success(), "the program does not build");
    target().join("release/slipway")
}

/// The one in the middle: neither what the machine did beside it counts, nor what it happened to have ready.
pub(crate) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

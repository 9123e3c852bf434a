//! `cargo xtask test`: everything that has to pass, the quick things first.

use std::{process::Command, time::Instant};

use crate::{
    packages, plugins,
    talk::{Failed, cargo, root, run, say},
    tidy,
};

pub(crate) fn test() -> Result<(), Failed> {
    let started = Instant::now();
    step("tidy", tidy::tidy)?;
    step("format", || {
        run(cargo().args(["fmt", "--all", "--check"]))?;
        run(in_plugins().args(["fmt", "--all", "--check"]))
    })?;
    step("packages", || packages::need(&packages::TESTS))?;
    step("plugins", plugins::build)?;
    step("lints", || {
        let denied = ["--all-targets", "--", "-D", "warnings"];
        run(in_plugins()
            .args(["clippy", "--quiet", "--locked", "--workspace"])
            .args(denied))?;
        run(cargo()
            .args(["clippy", "--quiet", "--locked", "--workspace"])
            .args(denied))
    })?;
    step("tests of the plugins", || {
        run(in_plugins().args(["test", "--quiet", "--locked", "--no-fail-fast", "--workspace"]))
    })?;
    step("tests", || {
        run(cargo().args(["test", "--quiet", "--locked", "--no-fail-fast", "--workspace"]))
    })?;
    say(&format!("all passed, in {}", spent(started)));
    Ok(())
}

fn step(name: &str, task: impl FnOnce() -> Result<(), Failed>) -> Result<(), Failed> {
    say(&format!("== {name}"));
    let started = Instant::now();
    let done = task();
    say(&format!("== {name}: {}", spent(started)));
    done
}

fn spent(started: Instant) -> String {
    let seconds = started.elapsed().as_secs();
    format!("{} min {} s", seconds / 60, seconds % 60)
}

/// The plugins' workspace, natively.
fn in_plugins() -> Command {
    let mut command = cargo();
    command.current_dir(root().join("plugins"));
    command
}

//! `cargo xtask test`: everything that has to pass, the quick things first.

use std::{process::Command, time::Instant};

use crate::{
    kits, packages, peers, plugins, programs, simulate,
    talk::{Failed, cargo, root, run, say, spent},
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
    let mut found = Vec::new();
    step("peers", || {
        found = peers::present();
        Ok(())
    })?;
    step("tests of the plugins", || {
        let tests = ["test", "--quiet", "--locked", "--no-fail-fast", "--workspace"];
        run(peers::named(&mut in_plugins(), &found).args(tests))
    })?;
    step("Go", || kits::in_go(&found))?;
    step("Python", kits::in_python)?;
    step("JavaScript", kits::in_javascript)?;
    step("tests", programs::test)?;
    step("a planted bug", simulate::planted)?;
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

/// The plugins' workspace, natively.
fn in_plugins() -> Command {
    let mut command = cargo();
    command.current_dir(root().join("plugins"));
    command
}

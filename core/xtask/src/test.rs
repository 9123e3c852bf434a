//! `cargo xtask test`: everything that has to pass, the quick things first.

use std::process::Command;

use crate::{
    plugins,
    talk::{Failed, cargo, root, run, say},
    tidy,
};

pub(crate) fn test() -> Result<(), Failed> {
    step("tidy", tidy::tidy)?;
    step("format", || {
        run(cargo().args(["fmt", "--all", "--check"]))?;
        run(in_plugins().args(["fmt", "--all", "--check"]))
    })?;
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
        run(in_plugins().args(["test", "--quiet", "--locked", "--workspace"]))
    })?;
    step("tests", || {
        run(cargo().args(["test", "--quiet", "--locked", "--workspace"]))
    })?;
    say("all passed");
    Ok(())
}

fn step(name: &str, task: impl FnOnce() -> Result<(), Failed>) -> Result<(), Failed> {
    say(&format!("== {name}"));
    task()
}

/// The plugins' workspace, natively.
fn in_plugins() -> Command {
    let mut command = cargo();
    command.current_dir(root().join("plugins"));
    command
}

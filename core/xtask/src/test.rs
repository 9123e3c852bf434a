//! `cargo xtask test`: everything that has to pass, the quick things first.

use std::{path::PathBuf, process::Command, time::Instant};

use crate::{
    packages, peers,
    plugins::{self, Go},
    programs, simulate,
    talk::{Failed, ask, cargo, root, run, say, spent},
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
    step("plugins in Go", || match Go::present() {
        None => {
            say("skipped: there is no Go here");
            Ok(())
        }
        Some(go) => plugins::folders().try_for_each(|folder| in_go(&go, folder, &found)),
    })?;
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

/// A plugin in Go, natively: its form, its lints, its tests.
fn in_go(go: &Go, folder: &str, found: &[(&'static str, PathBuf)]) -> Result<(), Failed> {
    // Of the generated bindings only the contract decides.
    let own = ["main.go", "internal", "replaced"];
    let mut format = Command::new(go.gofmt());
    let wrong = ask(format
        .current_dir(root().join("plugins").join(folder))
        .arg("-l")
        .args(own));
    let wrong: Vec<_> = wrong
        .as_deref()
        .unwrap_or_default()
        .lines()
        .filter(|path| !path.ends_with("wit_bindings.go") && !path.ends_with("wit_exports.go"))
        .collect();
    if !wrong.is_empty() {
        return Err(Failed(format!("gofmt -w {}", wrong.join(" "))));
    }
    // The bindings make pointers of the numbers that the host hands over.
    run(go.command(folder).args(["vet", "-unsafeptr=false", "./..."]))?;
    run(peers::named(&mut go.command(folder), found).args(["test", "./internal/..."]))
}

/// The plugins' workspace, natively.
fn in_plugins() -> Command {
    let mut command = cargo();
    command.current_dir(root().join("plugins"));
    command
}

//! What is written for plugins in other languages, natively: its form, its lints, its tests. Where a language is not there, it is
//! said.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use slipway_authoring::Go;

use crate::{
    peers, plugins,
    talk::{Failed, ask, root, run, say},
};

const KINDS: [&str; 4] = ["format", "target", "router", "check"];

pub(crate) fn in_go(peers: &[(&'static str, PathBuf)]) -> Result<(), Failed> {
    let Some(go) = Go::present() else {
        return skipped("Go");
    };
    for module in plugins::MODULES {
        let folder = root().join(module);
        formatted(&go, &folder)?;
        // The bindings make pointers of the numbers that the host hands over.
        run(go.command(&folder).args(["vet", "-unsafeptr=false", "./..."]))?;
        run(peers::named(&mut go.command(&folder), peers).args(["test", "./..."]))?;
    }
    let kit = root().join("sdk/go");
    let mut for_wasm = go.command(&kit);
    for_wasm.env("GOOS", "wasip1").env("GOARCH", "wasm");
    run(for_wasm.args(["vet", "-unsafeptr=false", "./..."]))
}

fn formatted(go: &Go, folder: &Path) -> Result<(), Failed> {
    let wrong = ask(Command::new(go.gofmt()).current_dir(folder).args(["-l", "."]));
    // Of the generated bindings only the contract decides.
    let is_own = |path: &&str| !path.contains("/bindings/") && !path.starts_with("replaced/");
    let wrong: Vec<_> = wrong
        .as_deref()
        .unwrap_or_default()
        .lines()
        .filter(is_own)
        .collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Failed(format!(
            "in {}: gofmt -w {}",
            folder.display(),
            wrong.join(" ")
        ))),
    }
}

pub(crate) fn in_python() -> Result<(), Failed> {
    if ask(Command::new("python3").arg("--version")).is_none() {
        return skipped("Python");
    }
    let kit = root().join("sdk/python");
    let templates = KINDS.map(|kind| root().join("plugins/templates/python").join(kind));
    for folder in std::iter::once(&kit).chain(&templates) {
        let mut tests = Command::new("python3");
        tests.current_dir(folder).env("PYTHONPATH", &kit);
        run(tests.args(["-B", "-m", "unittest", "-q"]))?;
    }
    Ok(())
}

/// The kit's tests lay out each template and run its own.
pub(crate) fn in_javascript() -> Result<(), Failed> {
    if ask(Command::new("node").arg("--version")).is_none() {
        return skipped("Node.js");
    }
    let tests = root().join("sdk/js/test");
    let tests = std::fs::read_dir(&tests).map_err(Failed::to("read", &tests))?;
    let mut tests: Vec<_> = tests.flatten().map(|entry| entry.path()).collect();
    tests.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    tests.sort();
    run(Command::new("node").current_dir(root()).arg("--test").args(tests))
}

fn skipped(language: &str) -> Result<(), Failed> {
    say(&format!("skipped: there is no {language} here"));
    Ok(())
}

//! `cargo xtask demo`: a shop and its database through all four steps. What happens is in `tests/src/bin/demo.rs`; here
//! is only what it needs.

use std::process::Command;

use crate::{
    packages, plugins,
    talk::{Failed, cargo, root, run},
};

pub(crate) fn demo(keep: bool) -> Result<(), Failed> {
    packages::need(&packages::DEMO)?;
    plugins::build()?;
    let crates = ["-p", "slipway-cli", "-p", "slipway-shop", "-p", "slipway-tests"];
    run(cargo()
        .args(["build", "--quiet", "--locked", "--bins"])
        .args(crates))?;
    let target = root().join("target");
    let mut command = Command::new(target.join("debug/slipway-demo"));
    command.current_dir(root()).arg(target.join("demo"));
    if keep {
        command.arg("--keep");
    }
    run(&mut command)
}

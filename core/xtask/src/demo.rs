//! `cargo xtask demo`: services through all four steps. What happens is in `tests/src/bin/demo/`; here is only what it needs.

use std::process::Command;

use crate::{
    packages, plugins,
    talk::{Failed, cargo, root, run},
};

pub(crate) const KUBERNETES: &str = "--kubernetes";

/// `option` is the demo's own.
pub(crate) fn demo(option: Option<&str>) -> Result<(), Failed> {
    packages::need(if option == Some(KUBERNETES) {
        &packages::TESTS
    } else {
        &packages::DEMO
    })?;
    plugins::build()?;
    let crates = ["-p", "slipway-cli", "-p", "slipway-shop", "-p", "slipway-tests"];
    run(cargo()
        .args(["build", "--quiet", "--locked", "--bins"])
        .args(crates))?;
    let target = root().join("target");
    let mut command = Command::new(target.join("debug/slipway-demo"));
    command.current_dir(root()).arg(target.join("demo"));
    command.args(option);
    run(&mut command)
}

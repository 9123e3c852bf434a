//! `cargo xtask fuzz`: what reads strangers' bytes, on bytes that nobody has thought of. Where there is a nightly compiler.

use std::process::Command;

use crate::talk::{Failed, ask, root, run, say};

const TARGETS: [&str; 5] = ["archive", "component", "grants", "manifest", "registry"];
const SECONDS: u32 = 60;
/// Bytes of what is made up.
const LONGEST: &str = "-max_len=65536";

/// Each for so many seconds; a crash ends it, and leaves the bytes in `core/fuzz/artifacts`.
pub(crate) fn fuzz(seconds: Option<&str>) -> Result<(), Failed> {
    let seconds = seconds.map_or(Ok(SECONDS), str::parse);
    let seconds = seconds.map_err(|error| Failed(format!("how many seconds: {error}")))?;
    if ask(cargo().arg("--version")).is_none() {
        return Err(Failed(
            "there is no nightly compiler: rustup toolchain install nightly".to_owned(),
        ));
    }
    if ask(cargo().args(["fuzz", "--version"])).is_none() {
        say("installing: cargo install cargo-fuzz");
        run(cargo().args(["install", "--locked", "--quiet", "cargo-fuzz"]))?;
    }
    for target in TARGETS {
        say(&format!("== {target}, {seconds} s"));
        run(cargo()
            .current_dir(root().join("core"))
            .args(["fuzz", "run", "--fuzz-dir", "fuzz", target, "--", LONGEST])
            .arg(format!("-max_total_time={seconds}"))
            // Many lines a second say nothing to anybody.
            .args(["-verbosity=0", "-print_final_stats=1"]))?;
    }
    Ok(())
}

fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.arg("+nightly");
    // The cargo that runs this is another one.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if name == "CARGO" || name.starts_with("RUSTUP_TOOLCHAIN") || name.starts_with("CARGO_PKG_") {
            command.env_remove(name.as_ref());
        }
    }
    command
}

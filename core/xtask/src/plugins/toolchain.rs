//! A compiler for wasm, where there is none yet: what rustup can add, then Debian's packages, otherwise words about what to
//! install.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use slipway_authoring::{DEBIAN_PACKAGES, Error, TARGET, Toolchain};

use crate::{
    packages,
    talk::{Failed, ask, say},
};

/// A download behind a firewall hangs rather than fails.
const RUSTUP_LIMIT: Duration = Duration::from_secs(90);

pub(super) fn find() -> Result<Toolchain, Failed> {
    let added = || {
        add_target();
        Toolchain::present()
    };
    if let Some(found) = Toolchain::present().or_else(added) {
        return Ok(found);
    }
    let none = |why: &str| {
        let hint = Error::NoCompiler.hint().unwrap_or_default();
        Failed(format!("the plugins need a compiler for {TARGET}: {why}; {hint}"))
    };
    packages::install("a compiler for wasm", &DEBIAN_PACKAGES).map_err(|how| none(&how))?;
    Toolchain::present().ok_or_else(|| none("that of the system's packages is too old"))
}

/// Adds the target to rustup's toolchain, if rustup is there and can. Says nothing if it cannot: there are other ways.
fn add_target() {
    if ask(Command::new("rustup").arg("--version")).is_none() {
        return;
    }
    say(&format!("installing: rustup target add {TARGET}"));
    let mut command = Command::new("rustup");
    command
        .args(["target", "add", TARGET])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else { return };
    let started = Instant::now();
    while let Ok(None) = child.try_wait() {
        if started.elapsed() > RUSTUP_LIMIT {
            // It may have ended this very moment, and then there is nothing to kill.
            drop(child.kill());
            drop(child.wait());
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

//! Which compiler makes wasm here: what is there already, then what rustup can add, then Debian's packages, otherwise
//! words about what to install. Debian's compiler has no ready-made standard library for wasm, so that is built too.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    packages,
    talk::{Failed, ask, cargo, run, say},
};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_STD: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
/// The oldest that the plugins' `rust-version` lets build.
const OLDEST: (u32, u32) = (1, 95);
/// A download behind a firewall hangs rather than fails.
const RUSTUP_LIMIT: Duration = Duration::from_secs(90);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The cargo at hand has the target's standard library.
    AtHand,
    Debian,
}

pub(crate) struct Toolchain {
    way: Way,
    /// What `rustc --version` says: other compilers make other bytes.
    pub(crate) version: String,
}

impl Toolchain {
    /// What is there, without installing anything.
    pub(crate) fn present() -> Option<Self> {
        at_hand().or_else(debian)
    }

    pub(crate) fn find() -> Result<Self, Failed> {
        if let Some(found) = Self::present() {
            return Ok(found);
        }
        add_target();
        if let Some(found) = at_hand() {
            return Ok(found);
        }
        install()?;
        debian().ok_or_else(|| {
            Failed(format!(
                "no toolchain for {TARGET}: {} is older than {}.{}",
                PACKAGES[0], OLDEST.0, OLDEST.1
            ))
        })
    }

    /// Builds crates of the workspace in `folder` for wasm, in release.
    pub(crate) fn build(&self, folder: &Path) -> Result<(), Failed> {
        let mut command = match self.way {
            Way::AtHand => cargo(),
            Way::Debian => debian_cargo(),
        };
        command.current_dir(folder).args([
            "build",
            "--release",
            "--locked",
            "--workspace",
            "--lib",
            "--target",
            TARGET,
        ]);
        if self.way == Way::Debian {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        run(command
            .env("CARGO_ENCODED_RUSTFLAGS", flags(folder))
            .env("CARGO_TARGET_DIR", folder.join("target")))
    }
}

fn at_hand() -> Option<Toolchain> {
    let libraries = ask(rustc().args(["--print", "target-libdir", "--target", TARGET]))?;
    if !Path::new(&libraries).is_dir() {
        return None;
    }
    Some(Toolchain {
        way: Way::AtHand,
        version: ask(rustc().arg("--version"))?,
    })
}

fn debian() -> Option<Toolchain> {
    let there = [DEBIAN_CARGO, DEBIAN_STD]
        .iter()
        .all(|path| Path::new(path).exists());
    let linker = ask(Command::new("wasm-ld").arg("--version")).is_some();
    let version = ask(Command::new(DEBIAN_RUSTC).arg("--version"))?;
    (there && linker && recent(&version)).then_some(Toolchain {
        way: Way::Debian,
        version,
    })
}

/// `rustc 1.96.0 (...)`
fn recent(version: &str) -> bool {
    let mut numbers = version
        .split([' ', '.'])
        .skip(1)
        .map_while(|part| part.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= OLDEST)
}

/// The compiler beside the cargo that runs this.
fn rustc() -> Command {
    let beside = std::env::var_os("CARGO")
        .map(PathBuf::from)
        .map(|cargo| cargo.with_file_name("rustc"));
    Command::new(
        beside
            .filter(|path| path.exists())
            .unwrap_or_else(|| "rustc".into()),
    )
}

fn debian_cargo() -> Command {
    let mut command = Command::new(DEBIAN_CARGO);
    // What the cargo around us set is about another toolchain.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let other = name.starts_with("RUST") || name.starts_with("CARGO_") && name != "CARGO_HOME";
        if other || name == "CARGO" || name == "LD_LIBRARY_PATH" {
            command.env_remove(name);
        }
    }
    command
        .env("RUSTC", DEBIAN_RUSTC)
        // `-Zbuild-std` in a released compiler.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld");
    command
}

/// No path of this machine is in what is handed out.
fn flags(folder: &Path) -> OsString {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    let mut flags = OsString::new();
    for (from, to) in [(home.as_deref(), "/cargo"), (folder.parent(), "/slipway")] {
        let Some(from) = from else { continue };
        if !flags.is_empty() {
            flags.push("\x1f");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    flags
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

fn install() -> Result<(), Failed> {
    packages::install("a compiler for wasm", &PACKAGES).map_err(|how| {
        Failed(format!(
            "the plugins need a compiler for {TARGET}, and there is none: {how}, or install rustup \
             (https://rustup.rs) and run: rustup target add {TARGET}"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (version, expected) in [
            ("rustc 1.96.0 (ac68faa20 2026-05-25)", true),
            ("rustc 1.95.0", true),
            ("rustc 2.0.0", true),
            ("rustc 1.63.0", false),
            ("nothing", false),
        ] {
            assert_eq!(recent(version), expected, "{version}");
        }
    }
}

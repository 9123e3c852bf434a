//! Which compiler makes wasm here: the cargo at hand if it has the standard library for it, or Debian's packages. Debian's
//! has none ready-made, so that is built too.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::programs::ask;

pub const TARGET: &str = "wasm32-unknown-unknown";
/// What Debian and Ubuntu call a compiler for it.
pub const DEBIAN_PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_STD: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
/// The oldest that the kit's `rust-version` lets build.
const OLDEST: (u32, u32) = (1, 95);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The cargo at hand has the target's standard library.
    AtHand,
    Debian,
}

#[derive(Debug, Clone)]
pub struct Toolchain {
    way: Way,
    /// What `rustc --version` says: other compilers make other bytes.
    pub version: String,
}

impl Toolchain {
    /// What is there, without installing anything.
    pub fn present() -> Option<Self> {
        at_hand().or_else(debian)
    }

    /// `cargo build` for wasm, of the project in `folder`.
    pub fn build(&self, folder: &Path) -> Command {
        let mut command = match self.way {
            Way::AtHand => Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
            Way::Debian => debian_cargo(),
        };
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("CARGO_ENCODED_RUSTFLAGS", flags(folder))
            .args(["build", "--lib", "--target", TARGET]);
        if self.way == Way::Debian {
            command.arg("-Zbuild-std=std,panic_abort");
        }
        command
    }
}

/// `cargo build` for this machine, of a plugin as a native library, and the compiler as it names itself.
pub(super) fn native(folder: &Path) -> Option<(Command, String)> {
    let version = ask(rustc().arg("--version"))?;
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("CARGO_ENCODED_RUSTFLAGS", flags(folder))
        .args(["build", "--lib", "--features", "slipway-sdk/native"]);
    Some((command, version))
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

/// The compiler beside the cargo that runs this, if one does.
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
    // What a cargo around us set is about another toolchain.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        let kept = ["CARGO_HOME", "CARGO_TARGET_DIR"].contains(&name.as_str());
        let other = name.starts_with("RUST") || name.starts_with("CARGO_") && !kept;
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

//! Plugins in Go. They need a Go that not every machine has, and are too big to be carried in the program: they are
//! kept beside it. Without Go everything else is built and works.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{component, stamp::Stamp};
use crate::talk::{Failed, ask, root, run, say};

/// By kind and name, with the folder of each below `plugins/`.
pub(super) const PLUGINS: [(&str, &str, &str); 1] = [("format-helm", "formats/helm", "format-plugin")];

/// Go from here on fetches the newer one that a module asks for, as it fetches modules.
const OLDEST: (u32, u32) = (1, 21);

pub(crate) struct Go {
    program: PathBuf,
    /// What `go version` says: other compilers make other bytes.
    version: String,
}

impl Go {
    /// The one that `GO` names, or the one in `PATH`, or where its own archive puts it.
    pub(crate) fn present() -> Option<Self> {
        let named = std::env::var_os("GO").map(PathBuf::from);
        let usual = ["go", "/usr/local/go/bin/go"].map(PathBuf::from);
        let programs: Vec<_> = named.map_or_else(|| usual.to_vec(), |named| vec![named]);
        programs.into_iter().find_map(|program| {
            let version = ask(Command::new(&program).arg("version").env("GOTOOLCHAIN", "local"))?;
            recent(&version).then_some(())?;
            // Of the one that builds, which may be a newer one.
            let version = ask(go(&program, &root().join("plugins").join(PLUGINS[0].1)).arg("version"))?;
            Some(Self { program, version })
        })
    }

    /// The formatter, which stands beside it.
    pub(crate) fn gofmt(&self) -> PathBuf {
        self.program.with_file_name("gofmt")
    }

    /// In no module.
    pub(crate) fn outside(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(std::env::temp_dir())
            .env("GOTOOLCHAIN", "auto")
            .env("GOWORK", "off")
            .env("GOFLAGS", "")
            .env("CGO_ENABLED", "0");
        command
    }

    /// In the folder of a plugin below `plugins/`.
    pub(crate) fn command(&self, folder: &str) -> Command {
        go(&self.program, &root().join("plugins").join(folder))
    }
}

/// The folders of the plugins below `plugins/`.
pub(crate) fn folders() -> impl Iterator<Item = &'static str> {
    PLUGINS.iter().map(|(_, folder, _)| *folder)
}

/// `go version go1.26.8 linux/amd64`
fn recent(version: &str) -> bool {
    let numbers = version
        .split_whitespace()
        .nth(2)
        .and_then(|word| word.strip_prefix("go"));
    let mut numbers = numbers
        .unwrap_or_default()
        .split(|c: char| !c.is_ascii_digit())
        .map_while(|part| part.parse::<u32>().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= OLDEST)
}

fn go(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("GOTOOLCHAIN", "auto")
        .env("GOWORK", "off")
        .env("CGO_ENABLED", "0")
        // No path of this machine and nothing of its repository is in what is handed out.
        .env("GOFLAGS", "-mod=readonly -trimpath -buildvcs=false");
    command
}

/// Builds those that changed. True if they are there.
pub(super) fn build(root: &Path, out: &Path) -> Result<bool, Failed> {
    let Some(go) = Go::present() else {
        say(
            "plugins: Helm charts need Go 1.26 (or any from 1.21, which fetches it) and there is none: https://go.dev/dl, \
             then `cargo xtask build-plugins` again; everything else is built without it",
        );
        return Ok(false);
    };
    for (name, folder, world) in PLUGINS {
        let target = out.join(format!("{name}.wasm"));
        let path = out.join(format!("{name}.sources"));
        let mut sources = Stamp::default();
        sources.add("compiler", &go.version);
        let plugin = format!("plugins/{folder}");
        for name in [plugin.as_str(), "sdk/go", "sdk/wit", "core/xtask/src/plugins"] {
            sources.add_tree(root, name)?;
        }
        let with_target = |mut stamp: Stamp| stamp.add_file("component", &target).map(|()| stamp);
        if with_target(sources.clone()).is_ok_and(|wanted| Stamp::read(&path) == wanted) {
            continue;
        }
        say(&format!("plugins: building {name} with {}", go.version));
        let module = out.join(format!("{name}.module"));
        run(go
            .command(folder)
            .env("GOOS", "wasip1")
            .env("GOARCH", "wasm")
            .args(["build", "-buildmode=c-shared"])
            // Without names and lines, which are half of it; the bindings export by names that the linker checks.
            .args(["-ldflags=-s -w -checklinkname=0", "-o"])
            .arg(&module)
            .arg("."))?;
        component::of_go(root, &module, world, &target)?;
        fs::remove_file(&module).map_err(Failed::to("remove", &module))?;
        with_target(sources)?.write(&path)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (version, expected) in [
            ("go version go1.26.8 linux/amd64", true),
            ("go version go1.21rc2 linux/amd64", true),
            ("go version go2.0 linux/amd64", true),
            ("go version go1.19.8 linux/amd64", false),
            ("go version devel linux/amd64", false),
            ("nothing", false),
        ] {
            assert_eq!(recent(version), expected, "{version}");
        }
    }
}

//! Go: a core module by Go's own compiler, which is given its contract and a little system, and so becomes a component.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use slipway_plugin::Kind;

use super::language::Template;
use crate::{
    Built, Error, Name, Result, component,
    programs::{ask, run},
    sources,
};

/// Go from here on fetches the newer one that a module asks for, as it fetches modules.
const OLDEST: (u32, u32) = (1, 21);
const ABOUT: &str = "go.mod";

/// A compiler.
#[derive(Debug, Clone)]
pub struct Go {
    program: PathBuf,
}

pub(super) fn template(kind: Kind, name: &Name) -> Template {
    let (files, api, verbs) = match kind {
        Kind::Format => (sources::GO_FORMAT, "", "main.go"),
        Kind::Target => (sources::GO_TARGET, "api.go", "verbs.go"),
        Kind::Router => (sources::GO_ROUTER, "api.go", "verbs.go"),
        Kind::Check => (sources::GO_CHECK, "", "main.go"),
    };
    let texts = [
        (ABOUT, include_str!("../../texts/go/go.mod")),
        (".gitignore", "/*.wasm\n"),
    ];
    // That of a template is for its place among the others.
    let own = files.iter().filter(|(path, _)| *path != ABOUT);
    let own = texts.iter().chain(own);
    let own = own.map(|(path, text)| ((*path).to_owned(), name.put_into(text)));
    let is_given = |path: &str| path == ABOUT || path.ends_with(".go") && !path.ends_with("_test.go");
    let kit = sources::GO_KIT.iter().filter(|(path, _)| is_given(path));
    let kit = kit.map(|(path, text)| (format!("kit/{path}"), (*text).to_owned()));
    Template {
        files: own.chain(kit).collect(),
        api,
        verbs,
        schema: "settings.schema.json",
        building: include_str!("../../texts/building/go.md"),
    }
}

pub(super) fn compiler(folder: &Path) -> Result<String> {
    Ok(go()?.version(folder).unwrap_or_default())
}

pub(super) fn build(folder: &Path) -> Result<Built> {
    let go = go()?;
    let failed = || Error::NoName {
        path: folder.join(ABOUT),
        key: "module",
    };
    let path = ask(go.command(folder).args(["list", "-m"])).ok_or_else(failed)?;
    let name = path.rsplit('/').next().unwrap_or(&path);
    let module = Built::unfinished(&Built::target(folder, name));
    run(&mut go.module(folder, &module))?;
    let bytes = fs::read(&module).map_err(Error::file("read", &module))?;
    fs::remove_file(&module).map_err(Error::file("remove", &module))?;
    Built::write(
        folder,
        name,
        &component::of_go(bytes)?,
        go.version(folder).ok_or_else(failed)?,
    )
}

fn go() -> Result<Go> {
    Go::present().ok_or(Error::Missing {
        what: "Go",
        hint: "install Go 1.26, or any from 1.21, which fetches it: https://go.dev/dl",
    })
}

impl Go {
    /// The one that `GO` names, or the one in `PATH`, or where its own archive puts it.
    pub fn present() -> Option<Self> {
        let named = std::env::var_os("GO").map(PathBuf::from);
        let usual = ["go", "/usr/local/go/bin/go"].map(PathBuf::from);
        let programs: Vec<_> = named.map_or_else(|| usual.to_vec(), |named| vec![named]);
        let is_recent = |program: &PathBuf| {
            let version = ask(Command::new(program).arg("version").env("GOTOOLCHAIN", "local"));
            version.is_some_and(|version| recent(&version))
        };
        let program = programs.into_iter().find(is_recent)?;
        Some(Self { program })
    }

    /// Of the one that builds in this folder, which may be a newer one. Other compilers make other bytes.
    pub fn version(&self, folder: &Path) -> Option<String> {
        ask(self.command(folder).arg("version"))
    }

    /// The formatter, which stands beside it.
    pub fn gofmt(&self) -> PathBuf {
        self.program.with_file_name("gofmt")
    }

    /// In the folder of a module.
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(folder)
            .env("GOTOOLCHAIN", "auto")
            .env("GOWORK", "off")
            .env("CGO_ENABLED", "0")
            // No path of this machine and nothing of its repository is in what is handed out.
            .env("GOFLAGS", "-mod=readonly -trimpath -buildvcs=false");
        command
    }

    /// Makes the core module of a plugin, which [`crate::component_of_go`] makes a component.
    pub fn module(&self, folder: &Path, module: &Path) -> Command {
        let mut command = self.command(folder);
        command
            .env("GOOS", "wasip1")
            .env("GOARCH", "wasm")
            // Without names and lines, which are half of it.
            .args(["build", "-buildmode=c-shared", "-ldflags=-s -w", "-o"])
            .arg(module)
            .arg(".");
        command
    }
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

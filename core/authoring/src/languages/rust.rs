//! Rust: a core module by cargo, which carries its contract, and a component of that.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use slipway_plugin::Kind;

use super::{
    language::{Template, below},
    toolchain::{self, Toolchain},
};
use crate::{Built, Error, Name, Result, component, programs::shown, sources};

pub(super) fn template(kind: Kind, name: &Name) -> Template {
    let (files, api, verbs) = match kind {
        Kind::Format => (sources::RUST_FORMAT, "", "src/lib.rs"),
        Kind::Target => (sources::RUST_TARGET, "src/api.rs", "src/verbs.rs"),
        Kind::Router => (sources::RUST_ROUTER, "src/api.rs", "src/verbs.rs"),
        Kind::Check => (sources::RUST_CHECK, "", "src/lib.rs"),
    };
    let texts = [
        ("Cargo.toml", include_str!("../../texts/rust/project.toml")),
        // The versions that the plugins of Slipway are built with; cargo drops what is not needed.
        ("Cargo.lock", include_str!("../../../../plugins/Cargo.lock")),
        (".gitignore", "/target/\n/*.so\n/*.wasm\n"),
        ("kit/Cargo.toml", include_str!("../../texts/rust/kit.toml")),
    ];
    let texts = texts.map(|(path, text)| (path.to_owned(), name.put_into(text)));
    Template {
        files: texts
            .into_iter()
            .chain(below("src", files))
            .chain(below("kit/src", sources::RUST_KIT))
            .collect(),
        api,
        verbs,
        schema: "src/settings.schema.json",
        building: include_str!("../../texts/building/rust.md"),
    }
}

pub(super) fn compiler() -> Result<String> {
    Ok(Toolchain::present().ok_or(Error::NoCompiler)?.version)
}

/// Cargo says on stderr how far it is.
pub(super) fn build(folder: &Path) -> Result<Built> {
    let toolchain = Toolchain::present().ok_or(Error::NoCompiler)?;
    let mut command = toolchain.build(folder);
    command.args(["--release", "--message-format=json-render-diagnostics"]);
    let module = made(&mut command, ".wasm")?.ok_or_else(|| Error::NoModule(folder.to_owned()))?;
    let bytes = fs::read(&module.file).map_err(Error::file("read", &module.file))?;
    Built::write(
        folder,
        &module.package,
        &component::of_rust(&bytes)?,
        toolchain.version,
    )
}

/// The same sources, for this machine: the kit's feature `native` makes the symbol that a host looks for.
pub(super) fn build_native(folder: &Path) -> Result<Built> {
    let (mut command, version) = toolchain::native(folder).ok_or(Error::Missing {
        what: "Rust",
        hint: "install Rust 1.95 or newer: https://rustup.rs",
    })?;
    command.args(["--release", "--message-format=json-render-diagnostics"]);
    let library = made(&mut command, ".so")?.ok_or_else(|| Error::NoLibrary(folder.to_owned()))?;
    let bytes = fs::read(&library.file).map_err(Error::file("read", &library.file))?;
    Built::put(folder.join(format!("{}.so", library.package)), &bytes, version)
}

struct Module {
    package: String,
    file: PathBuf,
}

/// The last that cargo says it has made: those before are of what the package depends on.
fn made(command: &mut Command, ending: &str) -> Result<Option<Module>> {
    let shown = shown(command);
    let start = |source| Error::Start {
        command: shown.clone(),
        source,
    };
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(start)?;
    let said = child
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines());
    let mut found = None;
    for line in said {
        found = of_line(&line.map_err(start)?, ending).or(found);
    }
    let status = child.wait().map_err(start)?;
    match status.success() {
        true => Ok(found),
        false => Err(Error::Failed {
            command: shown,
            status,
        }),
    }
}

/// What cargo says in JSON of an artifact that it has made, or found to be made.
fn of_line(line: &str, ending: &str) -> Option<Module> {
    let message: Value = serde_json::from_str(line).ok()?;
    let files = message.get("filenames")?.as_array()?;
    let file = files
        .iter()
        .filter_map(Value::as_str)
        .find(|file| file.ends_with(ending))?;
    // `path+file:///folder#name@0.1.0`, without a name where the folder is called as the package is.
    let (folder, id) = message.get("package_id")?.as_str()?.rsplit_once('#')?;
    let named = id.split_once('@').map(|(name, _)| name);
    let package = named.or_else(|| folder.rsplit('/').next())?;
    Some(Module {
        package: package.to_owned(),
        file: file.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_has_made_is_found() {
        let check = |line: &str, expected: Option<(&str, &str)>| {
            let found = of_line(line, ".wasm");
            let found = found
                .as_ref()
                .map(|module| (module.package.as_str(), module.file.to_str().unwrap()));
            assert_eq!(found, expected, "{line}");
        };
        check(
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x/acme#0.1.0","filenames":["/t/acme.wasm"]}"#,
            Some(("acme", "/t/acme.wasm")),
        );
        check(
            r#"{"reason":"compiler-artifact","package_id":"path+file:///x/here#acme-cloud@0.1.0","filenames":["/t/acme_cloud.wasm"]}"#,
            Some(("acme-cloud", "/t/acme_cloud.wasm")),
        );
        check(
            r#"{"reason":"compiler-artifact","package_id":"registry+x#serde@1.0.0","filenames":["/t/libserde.rlib"]}"#,
            None,
        );
        check(r#"{"reason":"build-finished","success":true}"#, None);
        check("warning: something", None);
    }
}

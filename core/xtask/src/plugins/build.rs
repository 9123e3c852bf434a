//! From sources to components, and from components to what the host loads in a fraction of a millisecond.

use std::{fs, path::Path};

use slipway_authoring::{TARGET, Toolchain};

use super::{component, files, go, stamp::Stamp, toolchain};
use crate::talk::{Failed, cargo, root, run, say};

/// Plugins that the binary carries, by kind and name.
const PLUGINS: [&str; 10] = [
    "check-alerts",
    "format-container",
    "format-kubernetes",
    "format-tarball",
    "router-embedded",
    "router-gateway",
    "router-kubernetes-service",
    "router-nginx",
    "target-kubernetes",
    "target-machine",
];
/// Guests for tests, most of them misbehaving.
const FIXTURES: [&str; 6] = ["announcing", "chatty", "hungry", "spin", "trap", "unruly"];

pub(crate) fn build() -> Result<(), Failed> {
    let root = root();
    let out = root.join("target/plugins");
    fs::create_dir_all(out.join("fixtures")).map_err(Failed::to("make", &out))?;
    components(&root, &out)?;
    let beside = go::build(&root, &out)?;
    PLUGINS
        .iter()
        .try_for_each(|name| precompile(&root, &out, name))?;
    let beside = go::PLUGINS.iter().filter(|_| beside);
    beside
        .map(|(name, ..)| name)
        .try_for_each(|name| precompile(&root, &out, name))
}

fn components(root: &Path, out: &Path) -> Result<(), Failed> {
    let path = out.join("stamp");
    let stamp = Stamp::read(&path);
    let mut sources = Stamp::default();
    for name in ["plugins", "sdk", "core/authoring", "core/xtask/src/plugins"] {
        sources.add_rust_tree(root, name)?;
    }
    let compiler = |toolchain: &Toolchain| {
        let mut compiler = sources.clone();
        compiler.add("compiler", &toolchain.version);
        compiler
    };
    // Where nothing changed and the compiler has gone, nothing has to be installed either.
    let wanted = Toolchain::present()
        .as_ref()
        .map_or_else(|| sources.clone(), compiler);
    if stamp.holds(&wanted) && outputs(out).is_ok_and(|outputs| stamp.holds(&outputs)) {
        say("plugins: unchanged");
        return Ok(());
    }
    let toolchain = toolchain::find()?;
    say(&format!("plugins: building with {}", toolchain.version));
    let folder = root.join("plugins");
    run(toolchain
        .build(&folder)
        .args(["--release", "--locked", "--workspace"])
        .env("CARGO_TARGET_DIR", folder.join("target")))?;
    for (krate, target) in crates() {
        let module = folder.join(format!(
            "target/{TARGET}/release/slipway_{}.wasm",
            krate.replace('-', "_")
        ));
        component::of_rust(&module, &out.join(target))?;
    }
    let outputs = outputs(out)?;
    let mut made = compiler(&toolchain);
    made.append(outputs);
    made.write(&path)
}

/// Each crate, without `slipway-`, and where its component goes.
fn crates() -> impl Iterator<Item = (String, String)> {
    let plugins = PLUGINS
        .iter()
        .map(|name| ((*name).to_owned(), format!("{name}.wasm")));
    plugins.chain(
        FIXTURES
            .iter()
            .map(|name| (format!("fixture-{name}"), format!("fixtures/{name}.wasm"))),
    )
}

fn outputs(out: &Path) -> Result<Stamp, Failed> {
    let mut stamp = Stamp::default();
    for (_, target) in crates() {
        stamp.add_file(&target, &out.join(&target))?;
    }
    Ok(stamp)
}

/// By the host's own program, so that what is embedded was made by the engine that will load it.
fn precompile(root: &Path, out: &Path, name: &str) -> Result<(), Failed> {
    let component = out.join(format!("{name}.wasm"));
    let target = out.join(format!("{name}.cwasm"));
    let path = out.join(format!("{name}.stamp"));
    let mut sources = Stamp::default();
    sources.add_file("component", &component)?;
    sources.add_tree(root, "core/host")?;
    sources.add_tree(root, "Cargo.lock")?;
    let with_target = |mut stamp: Stamp| stamp.add_file("precompiled", &target).map(|()| stamp);
    if with_target(sources.clone()).is_ok_and(|wanted| Stamp::read(&path) == wanted) {
        return Ok(());
    }
    let program = [
        "run",
        "--quiet",
        "--package",
        "slipway-host",
        "--bin",
        "slipway-precompile",
        "--",
    ];
    let unfinished = files::temporary(&target);
    run(cargo().args(program).arg(&component).arg(&unfinished))?;
    fs::rename(&unfinished, &target).map_err(Failed::to("write", &target))?;
    with_target(sources)?.write(&path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_plugin_of_the_workspace_is_built() {
        let folder = root().join("plugins");
        let mut found = Vec::new();
        for (kind, prefix) in [
            ("checks", "check-"),
            ("formats", "format-"),
            ("targets", "target-"),
            ("routers", "router-"),
            ("fixtures", "fixture-"),
        ] {
            for entry in fs::read_dir(folder.join(kind)).unwrap() {
                found.push(format!(
                    "{prefix}{}",
                    entry.unwrap().file_name().to_string_lossy()
                ));
            }
        }
        let mut built: Vec<_> = crates().map(|(krate, _)| krate).collect();
        built.extend(go::PLUGINS.iter().map(|(name, ..)| (*name).to_owned()));
        found.sort();
        built.sort();
        assert_eq!(found, built);
    }
}

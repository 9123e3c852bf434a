//! JavaScript: a component by the kit's own script, which runs in Node.js with the compiler that npm has installed.

use std::{path::Path, process::Command};

use serde_json::Value;
use slipway_plugin::Kind;

use super::language::{Template, below};
use crate::{
    Built, Error, Name, Result,
    programs::{ask, run},
    sources,
};

const ABOUT: &str = "package.json";
const SCRIPT: &str = "kit/build.js";
const TOOL: &str = "componentize-qjs";

pub(super) fn template(kind: Kind, name: &Name) -> Template {
    let (files, api) = match kind {
        Kind::Format => (sources::JS_FORMAT, ""),
        Kind::Target => (sources::JS_TARGET, "src/api.js"),
        Kind::Router => (sources::JS_ROUTER, "src/api.js"),
        Kind::Check => (sources::JS_CHECK, ""),
    };
    let own = files.iter().map(|(path, text)| match *path {
        ABOUT => ((*path).to_owned(), name.put_into(text)),
        _ => ((*path).to_owned(), (*text).to_owned()),
    });
    let kit = [
        (
            "kit/package.json",
            include_str!("../../../../sdk/js/package.json"),
        ),
        (SCRIPT, include_str!("../../../../sdk/js/build.js")),
    ];
    let kit = kit.map(|(path, text)| (path.to_owned(), text.to_owned()));
    Template {
        files: own
            .chain(kit)
            .chain(below("kit/src", sources::JS_KIT))
            .chain(below("wit/slipway-plugin@0.1.0", sources::CONTRACT))
            .collect(),
        api,
        verbs: "src/plugin.js",
        schema: "src/settings.schema.json",
        building: include_str!("../../texts/building/js.md"),
    }
}

pub(super) fn compiler(folder: &Path) -> Result<String> {
    let version = node()?;
    match folder.join("node_modules").join(TOOL).is_dir() {
        true => Ok(version),
        false => Err(Error::Missing {
            what: TOOL,
            hint: "npm install",
        }),
    }
}

/// The script says itself what is missing, and leaves the component complete or as it was.
pub(super) fn build(folder: &Path) -> Result<Built> {
    let version = node()?;
    run(Command::new("node").current_dir(folder).arg(SCRIPT))?;
    Ok(Built {
        component: Built::target(folder, &name(folder)?),
        compiler: version,
    })
}

fn node() -> Result<String> {
    let version = ask(Command::new("node").arg("--version")).ok_or(Error::Missing {
        what: "node",
        hint: "install Node.js 20 or newer: https://nodejs.org",
    })?;
    Ok(format!("node {version}"))
}

fn name(folder: &Path) -> Result<String> {
    let path = folder.join(ABOUT);
    let text = std::fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let about: Value = serde_json::from_str(&text).unwrap_or_default();
    let name = about["name"].as_str();
    name.map(str::to_owned).ok_or(Error::NoName { path, key: "name" })
}

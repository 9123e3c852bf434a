//! Python: a component by componentize-py, which the project has in `.venv`, or whoever builds it in `PATH`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use slipway_plugin::Kind;
use toml::Table;

use super::language::{Template, below};
use crate::{
    Built, Error, Name, Result,
    programs::{ask, run},
    sources,
};

const TOOL: &str = "componentize-py";
/// Beside the project's own package.
const KIT: &str = "slipway_sdk";
const CONTRACT: &str = "wit/deps/slipway-plugin";
const ABOUT: &str = "pyproject.toml";

pub(super) fn template(kind: Kind, name: &Name) -> Template {
    let (files, api, verbs) = match kind {
        Kind::Format => (sources::PYTHON_FORMAT, "", "plugin/archive.py"),
        Kind::Target => (sources::PYTHON_TARGET, "plugin/api.py", "plugin/verbs.py"),
        Kind::Router => (sources::PYTHON_ROUTER, "plugin/api.py", "plugin/verbs.py"),
        Kind::Check => (sources::PYTHON_CHECK, "", "plugin/scores.py"),
    };
    let own = files.iter().map(|(path, text)| match *path {
        ABOUT => ((*path).to_owned(), name.put_into(text)),
        _ => ((*path).to_owned(), (*text).to_owned()),
    });
    Template {
        files: own
            .chain(below(KIT, sources::PYTHON_KIT))
            .chain(below(CONTRACT, sources::CONTRACT))
            .collect(),
        api,
        verbs,
        schema: "plugin/settings.schema.json",
        building: include_str!("../../texts/building/python.md"),
    }
}

pub(super) fn compiler(folder: &Path) -> Result<String> {
    Ok(tool(folder)?.1)
}

pub(super) fn build(folder: &Path) -> Result<Built> {
    let name = name(folder)?;
    let (tool, version) = tool(folder)?;
    let target = Built::target(folder, &name);
    let unfinished = Built::unfinished(&target);
    let mut command = Command::new(tool);
    command
        .current_dir(folder)
        // Without it, all that is installed on this machine is on the component's path.
        .env("VIRTUAL_ENV", folder.join(".venv"))
        // Its own frames stand over those of the plugin.
        .env("RUST_BACKTRACE", "0")
        .args([
            "--quiet",
            "--wit-path",
            "wit",
            "--world",
            "component",
            "componentize",
        ])
        .args(["--python-path", ".", "plugin", "--output"])
        .arg(&unfinished);
    run(&mut command)?;
    fs::rename(&unfinished, &target).map_err(Error::file("write", &target))?;
    Ok(Built {
        component: target,
        compiler: version,
    })
}

fn name(folder: &Path) -> Result<String> {
    let path = folder.join(ABOUT);
    let text = fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let about: Option<Table> = text.parse().ok();
    let name = about
        .as_ref()
        .and_then(|about| about.get("project")?.get("name")?.as_str());
    name.map(str::to_owned).ok_or(Error::NoName {
        path,
        key: "[project] name",
    })
}

/// With what it says of its version.
fn tool(folder: &Path) -> Result<(PathBuf, String)> {
    let own = folder.join(".venv/bin").join(TOOL);
    let tools = [own, TOOL.into()].into_iter();
    let mut found = tools.filter_map(|tool| {
        let version = ask(Command::new(&tool).arg("--version"))?;
        Some((tool, version))
    });
    found.next().ok_or(Error::Missing {
        what: TOOL,
        hint: "python3 -m venv .venv && .venv/bin/pip install componentize-py==0.25.1",
    })
}

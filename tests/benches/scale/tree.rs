//! A tree of services such as a large company has: each with everything that a manifest can hold that costs something to
//! check; and beside them one that depends on all, through which all are released at once.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use slipway_tests::tarball;
use tempfile::TempDir;

use crate::kit;

pub(crate) struct Tree {
    folder: TempDir,
}

#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// No service depends on another.
    Flat,
    /// Each depends on the one before it in its team and on two that are further away there: a package holds all that it
    /// depends on, so nobody depends on a thousand.
    Chained,
}

/// How many services a team keeps in a folder of its own.
const TEAM: u32 = 50;

impl Tree {
    pub(crate) fn new(services: u32, shape: Shape) -> Self {
        let folder = tempfile::tempdir_in(kit::target().join("tmp")).expect("a folder can be made");
        fs::write(folder.path().join("operator.toml"), "").expect("a file can be written");
        let tree = Self { folder };
        for number in 0..services {
            let upstream = match shape {
                Shape::Chained if !number.is_multiple_of(TEAM) => {
                    let (first, own) = (number - number % TEAM, number % TEAM);
                    BTreeSet::from([own - 1, own / 2, own / 3].map(|own| first + own))
                }
                Shape::Chained | Shape::Flat => BTreeSet::new(),
            };
            let folder = tree.services().join(place(number));
            service(&folder, &name(number), &dependencies("../..", upstream));
        }
        service(
            &tree.all(),
            "everything",
            &dependencies("../services", 0..services),
        );
        tree
    }

    /// The folder of all services but the one that depends on all.
    pub(crate) fn services(&self) -> PathBuf {
        self.folder.path().join("services")
    }

    pub(crate) fn all(&self) -> PathBuf {
        self.folder.path().join("everything")
    }

    /// The program, with an agent and an operator's file that are this tree's alone.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("SLIPWAY_AGENT_DIR", self.folder.path().join("agent"))
            .env("SLIPWAY_OPERATOR", self.folder.path().join("operator.toml"));
        command
    }
}

fn service(folder: &Path, name: &str, dependencies: &str) {
    let manifest = MANIFEST
        .replace("NAME", name)
        .replace("DEPENDENCIES\n", dependencies);
    let files = [
        ("deploy.toml", manifest.as_str()),
        (
            "config/app.toml",
            "name = \"{{ name }}\"\nlevel = \"{{ level }}\"\n",
        ),
        ("adaptations/common/values.toml", "level = \"error\"\n"),
        ("adaptations/prod/values.toml", "replicas = 6\n"),
    ];
    for (path, text) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    let app = format!("#!/bin/sh\n# {name}\nexec sleep 1000\n");
    tarball(
        &folder.join("dist/app.tar.gz"),
        &[("bin/app", app.as_bytes(), 0o755)],
    );
}

fn dependencies(up: &str, numbers: impl IntoIterator<Item = u32>) -> String {
    let line = |number| format!("{} = \"{up}/{}\"\n", name(number), place(number));
    numbers.into_iter().map(line).collect()
}

fn name(number: u32) -> String {
    format!("service-{number:04}")
}

fn place(number: u32) -> String {
    format!("team-{:02}/{}", number / TEAM, name(number))
}

const MANIFEST: &str = r#"
[service]
name = "NAME"
version = "1.0.0"

[artifacts.app]
format = "tarball"
from = "dist/app.tar.gz"
command = ["bin/app", "--listen", "127.0.0.1:${port.http}", "--config", "${config}/app.toml"]
ports = { http = {} }
health = { http = "/healthz", interval = "1s" }
instances = "{{ replicas }}"

[dependencies]
DEPENDENCIES

[parameters]
replicas = { type = "integer", default = 2, minimum = 1, maximum = 20, help = "how many copies run" }
name = { type = "hostname", help = "the name that users type" }
level = { type = "enum", values = ["debug", "info", "error"], default = "info" }

[overlays]
common = {}
prod = { after = "common" }

[environments.stage]
overlays = ["common"]
target = { plugin = "machine" }
router = { plugin = "embedded", listen = "127.0.0.1:8480" }
values = { name = "stage.example" }
strategy = "careful"

[environments.prod]
after = "stage"
overlays = ["prod"]
target = { plugin = "machine" }
router = { plugin = "embedded", listen = "127.0.0.1:8481" }
values = { name = "prod.example" }
strategy = "careful"

[strategy.careful]
type = "canary"
steps = [{ weight = 10, soak = "1m" }, { weight = 50, soak = "5m" }]
checks = ["alive"]

[check.alive]
http = { path = "/healthz", status = 200 }
"#;

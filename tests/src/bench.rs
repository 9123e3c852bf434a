//! A folder with services, an agent of its own, and the program that is tested. Nothing is left when it is dropped.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{installed, program, tarball};

pub struct Bench {
    folder: TempDir,
    /// Where users come in.
    pub port: u16,
    database: u16,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Bench {
    /// The shop and its database, on ports of their own, without an artifact yet.
    pub fn shop() -> Self {
        let folder = tempfile::Builder::new().prefix("slipway-").tempdir().expect("a folder can be made");
        let bench = Self { folder, port: crate::free_port(), database: crate::free_port() };
        let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests");
        for service in ["shop", "database"] {
            copy(&manifests.join(service), &bench.path(service));
        }
        let (port, database) = (bench.port.to_string(), bench.database.to_string());
        bench.edit("shop/deploy.toml", &[("8480", port.as_str()), ("6390", database.as_str())]);
        bench.edit("database/deploy.toml", &[("6390", database.as_str())]);
        let redis = std::fs::read(installed("redis-server", "redis-server")).expect("the database can be read");
        tarball(&bench.path("database/dist/redis.tar.gz"), &[("bin/redis-server", &redis, 0o755)]);
        bench
    }

    /// Packs a version of the shop; one in `fails_one_in` orders fails, 0 is none.
    pub fn pack(&self, version: &str, fails_one_in: u64) {
        let shop = std::fs::read(program("shop")).expect("the shop can be read");
        let release = format!("version = \"{version}\"\nfails-one-in = {fails_one_in}\n");
        let files: [(&str, &[u8], u32); 2] =
            [("bin/shop", &shop, 0o755), ("release.toml", release.as_bytes(), 0o644)];
        tarball(&self.path("shop/dist/shop.tar.gz"), &files);
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Replaces texts in a file; each must be there.
    pub fn edit(&self, path: &str, changes: &[(&str, &str)]) {
        let path = self.path(path);
        let mut text = std::fs::read_to_string(&path).expect("the file can be read");
        for (from, to) in changes {
            assert!(text.contains(from), "{} does not hold `{from}`", path.display());
            text = text.replace(from, to);
        }
        std::fs::write(path, text).expect("the file can be written");
    }

    /// The program on a service.
    pub fn slipway(&self, service: &str, arguments: &[&str]) -> Ran {
        self.run(self.command(&program("slipway"), service, arguments))
    }

    /// The program with a ledger at which it dies.
    pub fn faulty(&self, service: &str, arguments: &[&str], fault: &str) -> Ran {
        let mut command = self.command(&program("slipway-faulty"), service, arguments);
        command.env("SLIPWAY_FAULT", fault);
        self.run(command)
    }

    /// Succeeds, or the test fails with everything that was said.
    pub fn must(&self, service: &str, arguments: &[&str]) -> Ran {
        let ran = self.slipway(service, arguments);
        assert_eq!(ran.code, Some(0), "slipway {arguments:?}\n{}\n{}", ran.stdout, ran.stderr);
        ran
    }

    pub fn json(&self, service: &str, arguments: &[&str]) -> Value {
        let arguments: Vec<_> = arguments.iter().copied().chain(["--format", "json"]).collect();
        let ran = self.must(service, &arguments);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}", ran.stdout))
    }

    pub fn command(&self, program: &Path, service: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .arg("--file")
            .arg(self.path(service))
            .args(arguments)
            .env("SLIPWAY_AGENT_DIR", self.path("agent"))
            .env("SLIPWAY_OPERATOR", self.path("operator.toml"))
            .env("NO_COLOR", "1");
        command
    }

    fn run(&self, mut command: Command) -> Ran {
        let operator = self.path("operator.toml");
        if !operator.exists() {
            std::fs::write(&operator, "").expect("the operator's file can be written");
        }
        let Output { status, stdout, stderr } = command.output().expect("the program can be started");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if self.path("agent").exists() {
            let stopped = self.slipway("shop", &["agent", "stop"]);
            if stopped.code != Some(0) && !std::thread::panicking() {
                panic!("the agent cannot be stopped: {}", stopped.stderr);
            }
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("the manifests can be read") {
        let entry = entry.expect("the manifests can be read");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

//! The way of somebody new, timed: from `slipway plugin new` to a component that is built and tested, in each language, with the
//! program as it ships; and what such a plugin then costs. `cargo bench -p slipway-tests --bench newcomer`. What is installed
//! once on an author's machine (compilers, their packages, what cargo has of the kit's dependencies) is there before.
#![allow(clippy::print_stdout, reason = "it measures, prints and ends")]

#[allow(dead_code, reason = "each way is gone once")]
mod kit;

use std::{
    path::Path,
    process::{Command, Output},
    time::Instant,
};

use serde_json::Value;
use slipway_tests::{built_once, equip, languages, own_tests};

fn main() {
    let slipway = kit::slipway();
    let folder = tempfile::tempdir().expect("a folder");
    println!("a new target, seconds; compiled for the first time in `test`");
    println!(
        "{:<8} {:>6} {:>9} {:>7} {:>7} {:>7}",
        "", "new", "own tests", "build", "test", "all"
    );
    let mut costs = Vec::new();
    for language in languages() {
        // What the first project brings down for all that come after it.
        let first = Project::new(&slipway, folder.path(), language, "first");
        first.ready();
        first.own_tests();
        first.build();
        let project = Project::new(&slipway, folder.path(), language, "acme");
        let new = project.new_seconds;
        project.ready();
        let times = [
            new,
            timed(|| project.own_tests()),
            timed(|| project.build()),
            timed(|| project.test()),
        ];
        let all: f64 = times.iter().sum();
        println!(
            "{language:<8} {:>6.2} {:>9.2} {:>7.2} {:>7.2} {all:>7.2}",
            times[0], times[1], times[2], times[3]
        );
        costs.push((language, project.costs()));
    }
    println!("\nwhat it costs, of a call of `start` where nothing is to be found");
    println!(
        "{:<8} {:>10} {:>12} {:>12} {:>12}",
        "", "size KiB", "compile ms", "load ms", "a call us"
    );
    for (language, costs) in costs {
        let of = |key: &str| costs[key].as_f64().expect("a number");
        let verbs = costs["verbs"].as_array().expect("verbs");
        let start = verbs
            .iter()
            .find(|verb| verb["verb"] == "start")
            .expect("a target");
        println!(
            "{language:<8} {:>10.0} {:>12.1} {:>12.2} {:>12.0}",
            of("size") / 1024.0,
            of("compile-us") / 1e3,
            of("load-us") / 1e3,
            start["median-us"].as_f64().expect("a number")
        );
    }
}

struct Project<'a> {
    slipway: &'a Path,
    folder: std::path::PathBuf,
    language: &'static str,
    name: &'static str,
    new_seconds: f64,
}

impl<'a> Project<'a> {
    fn new(slipway: &'a Path, all: &Path, language: &'static str, name: &'static str) -> Self {
        let folder = all.join(format!("{language}-{name}"));
        let mut project = Self {
            slipway,
            folder,
            language,
            name,
            new_seconds: 0.0,
        };
        let arguments = ["new", "target", name, "--language", language, "--folder"];
        project.new_seconds = timed(|| drop(project.plugin(&arguments)));
        project
    }

    fn ready(&self) {
        equip(self.language, &self.folder);
    }

    fn own_tests(&self) {
        own_tests(self.language, &self.folder);
    }

    fn build(&self) {
        self.plugin(&["build"]);
    }

    fn test(&self) {
        self.on_component(&["test"]);
    }

    fn costs(&self) -> Value {
        let said = self.on_component(&["--format", "json", "bench"]);
        serde_json::from_slice(&said.stdout).expect("a document")
    }

    fn on_component(&self, arguments: &[&str]) -> Output {
        let component = self.folder.join(format!("{}.wasm", self.name));
        let mut command = self.command(arguments);
        command.arg(component);
        done(command)
    }

    fn plugin(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.arg(&self.folder);
        done(command)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.slipway);
        command
            .arg("plugin")
            .args(arguments)
            .env("CARGO_TARGET_DIR", built_once())
            // Compiled anew each time: a new plugin is in nobody's cache.
            .env("XDG_CACHE_HOME", self.folder.with_extension("cache"));
        command
    }
}

fn done(mut command: Command) -> Output {
    let ran = command.output().expect("the program runs");
    assert!(
        ran.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&ran.stderr)
    );
    ran
}

fn timed(what: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    what();
    begun.elapsed().as_secs_f64()
}

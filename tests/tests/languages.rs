//! One target in each language that a plugin can be written in, as `slipway plugin new` makes it: each passes its own tests and
//! the rules for all plugins, they plan the same to the byte, and each takes over from the one before and goes on when it is
//! killed. An interpreter finds nothing of the machine.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::{fs, path::Path, sync::Arc};

use serde_json::{Value, json};
use slipway_host::Host;
use slipway_model::Digest;
use slipway_plugin::{Call, Plugins as _, ReadOnly, Subject};
use slipway_testing::Load;
use slipway_tests::{
    Bench, Kill, Platform, Ran, built_once, equip, installed, interrupted, languages, own_tests, program,
    tarball,
};

const TOKEN: &str = "Bearer of-the-platform";

const MANIFEST: &str = r#"
[service]
name = "site"
version = "1.0.0"

[artifacts.web]
format = "tarball"
from = "dist/web.tar.gz"
command = ["bin/caddy", "run", "--adapter", "caddyfile", "--config", "${config}/Caddyfile"]
env = { XDG_DATA_HOME = "${app}", XDG_CONFIG_HOME = "${app}", PORT = "${port.http}" }
ports = { http = {} }
health = { http = "/" }
instances = 2

[environments.local]
target = { plugin = "acme", api = "platform", region = "north" }
router = { plugin = "embedded", listen = "127.0.0.1:PORT" }
strategy = "careful"

[strategy.careful]
type = "blue-green"
checks = ["page"]
soak = "0s"
min-healthy-time = "0s"

[check.page]
http = { path = "/", body = { contains = "hello" } }
"#;
const CADDYFILE: &str =
    "{\n\tadmin off\n}\nhttp://:{$PORT} {\n\theader x-version \"{{ version }}\"\n\trespond hello\n}\n";

/// Asks for everything that a program usually has, and says what came of it.
const CURIOUS: &str = r#"
import os, random, socket, subprocess, sys, time, uuid
from dataclasses import dataclass

from slipway_sdk import About, Check, Finding, FindingOutcome, Subject


@dataclass(frozen=True)
class Settings:
    api: str
    at_least: float


TRIES = {
    "environment": lambda: sorted(os.environ),
    "arguments": lambda: sys.argv[1:],
    "password file": lambda: open("/etc/passwd").read(),
    "root": lambda: os.listdir("/"),
    "writing": lambda: open("/tmp/x", "w").write("x"),
    "clock": lambda: time.time(),
    "waiting": lambda: time.sleep(3600),
    "chance": lambda: [random.SystemRandom().random(), str(uuid.uuid4())],
    "network": lambda: socket.socket().connect(("127.0.0.1", 1)),
    "names": lambda: socket.getaddrinfo(b"localhost", 80),
    "programs": lambda: subprocess.run(["/bin/true"]),
}


class Plugin(Check[Settings]):
    about = About.of_project(__file__)
    needs = []

    def check(self, settings: Settings, subject: Subject) -> Finding:
        return Finding(FindingOutcome.PASSED, "tried", [f"{name}: {tried(what)}" for name, what in TRIES.items()])


def tried(what):
    try:
        return what()
    except BaseException as error:
        return f"no ({type(error).__name__})"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_the_same_in_every_language() {
    let bench = Bench::of_files("site", &[("config/Caddyfile", CADDYFILE)]);
    let manifest = MANIFEST.replace("127.0.0.1:PORT", &format!("127.0.0.1:{}", bench.port));
    fs::write(bench.path("site/deploy.toml"), manifest).unwrap();
    let caddy = fs::read(installed("caddy", "caddy")).unwrap();
    tarball(
        &bench.path("site/dist/web.tar.gz"),
        &[("bin/caddy", &caddy, 0o755)],
    );
    let languages = languages();
    for language in &languages {
        make(&bench, "target", language);
    }
    let platform = Platform::start(&bench.path("site/acme-rust"), &bench.path("platform"), TOKEN);
    fs::write(bench.path("token"), TOKEN).unwrap();
    let operator = format!(
        "[endpoints.platform]\nurl = \"{}\"\nheaders = {{ authorization = {{ file = \"token\" }} }}\n",
        platform.url
    );
    fs::write(bench.path("operator.toml"), operator).unwrap();
    bench.must("site", &["plugin", "add", "acme", "acme-rust/acme.wasm"]);
    bench.must("site", &["plugin", "grant", "acme"]);
    bench.must("site", &["release"]);
    plans_are_the_same(&bench, &languages);

    let fault = format!("list:{}", bench.path("writes").display());
    bench
        .faulty("site", &["run", "local", "--version", "1.0.0"], &fault)
        .must();
    let boundaries = fs::read_to_string(bench.path("writes")).unwrap().lines().count();
    plans_are_the_same(&bench, &languages);
    let load = Load::start(&bench.url(), 50, 4);
    for (place, language) in languages.iter().rev().enumerate() {
        take(&bench, language);
        let at = boundaries * (place + 1) / (languages.len() + 1);
        let kill = Kill { at, kind: "before" };
        let version: &'static str = format!("1.1.{place}").leak();
        let run = ["run", "local", "--version", version];
        let Ran { code, stderr, .. } = bench.faulty("site", &run, &kill.to_string());
        assert!(code.is_none(), "{language}, {kill}: {stderr}");
        let id = interrupted(&bench, "site").expect("it was begun and not ended");
        bench.must("site", &["resume", &id]);
        assert_eq!(bench.settled("site"), version, "{language}, {kill}");
        let replayed = bench.must("site", &["replay", "local"]);
        assert!(
            replayed.stdout.contains("all is as it was"),
            "{language}: {}",
            replayed.stdout
        );
    }
    let tally = load.finish().await;
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
    let starts = platform.starts();
    assert!(starts.len() >= 2 * languages.len(), "{starts:?}");
    assert!(starts.values().all(|times| *times == 1), "{starts:?}");
    drop(platform);
}

#[tokio::test]
async fn an_interpreter_finds_nothing_of_the_machine() {
    let bench = Bench::of_files("site", &[]);
    let project = bench.path("site/acme-python");
    let new = [
        "plugin",
        "new",
        "check",
        "acme",
        "--language",
        "python",
        "--folder",
    ];
    bench.must("site", &[&new[..], &[project.to_str().unwrap()]].concat());
    equip("python", &project);
    fs::write(project.join("plugin/scores.py"), CURIOUS).unwrap();
    let component = build(&bench, &project);

    let mut host = Host::default();
    let info = host.add_path("curious", Path::new(&component), None).unwrap();
    assert_eq!(json!(info.profile), "script");
    let curious = host.check("curious").await.unwrap();
    let ask = async || {
        let subject = Subject {
            service: "shop".parse().unwrap(),
            environment: "prod".parse().unwrap(),
            revision: Digest::of("shop"),
            stable: None,
            instances: Vec::new(),
        };
        let settings = json!({ "api": "none", "at_least": 1 });
        let call = Call::new(Arc::new(ReadOnly));
        curious.check(call, settings, subject).await.unwrap().evidence
    };
    let found = ask().await;
    assert_eq!(found, ask().await);
    let chance = found
        .iter()
        .position(|line| line.starts_with("chance: ["))
        .unwrap();
    let mut rest = found;
    rest.remove(chance);
    let expected = [
        "environment: []",
        "arguments: []",
        "password file: no (FileNotFoundError)",
        "root: no (FileNotFoundError)",
        "writing: no (FileNotFoundError)",
        "clock: 0.0",
        "waiting: None",
        "network: no (PermissionError)",
        "names: no (gaierror)",
        "programs: no (OSError)",
    ];
    assert_eq!(rest, expected);
}

/// Whoever is asked, the plan is the same to the byte. The last one that is asked is the first again.
fn plans_are_the_same(bench: &Bench, languages: &[&str]) {
    let mut plans = Vec::new();
    for language in languages.iter().rev() {
        take(bench, language);
        let plan = bench.must("site", &["plan", "local", "--format", "json"]);
        plans.push((language, plan.stdout));
    }
    let (_, first) = &plans[0];
    assert!(first.contains("\"start"), "{first}");
    for (language, plan) in &plans {
        assert_eq!(plan, first, "{language}");
    }
}

/// From here on the service is deployed by the plugin in this language.
fn take(bench: &Bench, language: &str) {
    let before = fs::read_to_string(bench.path("site/deploy.toml")).unwrap();
    let (head, rest) = before.split_once("from = \"acme-").unwrap();
    let (_, rest) = rest.split_once('/').unwrap();
    let manifest = format!("{head}from = \"acme-{language}/{rest}");
    fs::write(bench.path("site/deploy.toml"), manifest).unwrap();
    bench.must("site", &["plugin", "update", "acme"]);
}

fn make(bench: &Bench, kind: &str, language: &str) {
    let project = bench.path(&format!("site/acme-{language}"));
    let new = ["plugin", "new", kind, "acme", "--language", language, "--folder"];
    bench.must("site", &[&new[..], &[project.to_str().unwrap()]].concat());
    equip(language, &project);
    own_tests(language, &project);
    let component = build(bench, &project);
    bench.must("site", &["plugin", "test", &component]);
}

fn build(bench: &Bench, project: &Path) -> String {
    let mut build = bench.command(
        &program("slipway"),
        "site",
        &["plugin", "build", "--format", "json"],
    );
    let built = build
        .arg(project)
        .env("CARGO_TARGET_DIR", built_once())
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let built: Value = serde_json::from_slice(&built.stdout).unwrap();
    built["component"].as_str().unwrap().to_owned()
}

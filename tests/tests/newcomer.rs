//! The way of somebody new: a project for each kind of plugin, built and looked at by the commands that its README names; and
//! a service on the platform that comes with a new target, under load, through runs that are killed. The platform begins
//! no instance twice, users lose nothing, and the platform's token is nowhere but in the operator's file.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::fs;

use serde_json::Value;
use slipway_testing::Load;
use slipway_tests::{
    Bench, Platform, Ran, built_once, files_with, installed, interrupted, own_tests, program, spread, tarball,
};

const TOKEN: &str = "Bearer planted-token-of-the-platform";
const KILLS: usize = 4;

/// A web server with two instances on the platform, and users at the router inside the agent.
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

[plugins.acme]
from = "acme/acme.wasm"
grants = { http = ["acme"] }

[environments.local]
target = { plugin = "acme", api = "acme", region = "north" }
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

#[test]
fn every_kind_is_made_and_built_and_describes_itself() {
    let bench = Bench::of_files("site", &[]);
    for kind in ["format", "router", "check"] {
        let name = format!("acme-{kind}");
        let built = make(&bench, kind, &name);
        assert_eq!(built["plugins"][0]["kind"], kind);
        let component = bench.path(&format!("site/{name}/{name}.wasm"));
        let again = bench.json("site", &["plugin", "inspect", component.to_str().unwrap()]);
        assert_eq!(again["plugins"][0]["digest"], built["plugins"][0]["digest"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_runs_a_service_through_kills() {
    let bench = Bench::of_files("site", &[("config/Caddyfile", CADDYFILE)]);
    let manifest = MANIFEST.replace("127.0.0.1:PORT", &format!("127.0.0.1:{}", bench.port));
    fs::write(bench.path("site/deploy.toml"), manifest).unwrap();
    let caddy = fs::read(installed("caddy", "caddy")).unwrap();
    tarball(
        &bench.path("site/dist/web.tar.gz"),
        &[("bin/caddy", &caddy, 0o755)],
    );
    let built = make(&bench, "target", "acme");
    assert_eq!(
        built["plugins"][0]["needs"],
        serde_json::json!(["endpoint of api"])
    );
    assert!(own_tests("rust", &bench.path("site/acme")).contains("2 passed"));

    let platform = Platform::start(&bench.path("site/acme"), &bench.path("platform"), TOKEN);
    fs::write(bench.path("token"), TOKEN).unwrap();
    let operator = format!(
        "[endpoints.acme]\nurl = \"{}\"\nheaders = {{ authorization = {{ file = \"token\" }} }}\n",
        platform.url
    );
    fs::write(bench.path("operator.toml"), operator).unwrap();
    let run = |version: &'static str| ["run", "local", "--version", version];
    bench.must("site", &run("1.0.0"));
    let load = Load::start(&bench.url(), 50, 4);
    let list = bench.path("writes");
    let fault = format!("list:{}", list.display());
    bench.faulty("site", &run("1.0.1"), &fault).must();
    assert_eq!(bench.settled("site"), "1.0.1");
    let boundaries = fs::read_to_string(&list).unwrap().lines().count();

    for (number, kill) in spread(boundaries, KILLS).into_iter().enumerate() {
        let version: &'static str = format!("1.1.{number}").leak();
        let Ran { code, stderr, .. } = bench.faulty("site", &run(version), &kill.to_string());
        let ended = code == Some(0) && kill.kind == "after";
        assert!(code.is_none() || ended, "{kill}: {stderr}");
        match interrupted(&bench, "site") {
            Some(id) => drop(bench.must("site", &["resume", &id])),
            None if !ended => drop(bench.must("site", &run(version))),
            None => {}
        }
        assert_eq!(bench.settled("site"), version, "{kill}");
    }
    let tally = load.finish().await;
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
    let starts = platform.starts();
    assert!(starts.len() >= 2 * (KILLS + 1), "{starts:?}");
    assert!(starts.values().all(|times| *times == 1), "{starts:?}");

    // What was done to the platform is a test from here on.
    let component = bench.path("site/acme/acme.wasm");
    let test = ["plugin", "test", component.to_str().unwrap(), "--run", "local"];
    let tested = bench.must("site", &test);
    let rules: Vec<_> = tested
        .stdout
        .lines()
        .filter(|line| line.ends_with("kept"))
        .collect();
    assert_eq!(rules.len(), 7 + 4, "{}", tested.stdout);
    let log = bench.must("site", &["logs", "local"]);
    assert!(log.stdout.contains("server running"), "{}", log.stdout);
    let (found, looked_at) = files_with(&bench.path(""), &[TOKEN.to_owned()]);
    assert!(looked_at > 50);
    assert_eq!(found, [bench.path("token").display().to_string()]);
    drop(platform);
}

/// Made and built by the commands of its README. Answers what the build says.
fn make(bench: &Bench, kind: &str, name: &str) -> Value {
    let folder = bench.path(&format!("site/{name}"));
    let folder = folder.to_str().unwrap();
    let made = bench.json("site", &["plugin", "new", kind, name, "--folder", folder]);
    assert!(made["files"].as_array().unwrap().len() > 20, "{made}");
    let mut build = bench.command(&program("slipway"), "site", &["plugin", "build", folder]);
    let build = build
        .args(["--format", "json"])
        .env("CARGO_TARGET_DIR", built_once())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&build.stderr);
    assert!(build.status.success(), "{said}");
    let built: Value = serde_json::from_slice(&build.stdout).unwrap();
    bench.must("site", &["plugin", "test", built["component"].as_str().unwrap()]);
    built
}

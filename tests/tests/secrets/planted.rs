//! A service with a registry, an operator's file, and secrets of every source.

use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use axum::{Json, Router, http::HeaderMap, routing::get};
use serde_json::{Value, json};
use slipway_tests::{Bench, RegistryServer, credentials, installed, program, tarball};

use crate::traces::Traces;

/// What each is planted as; those in a URL and in a header have to do without what these cannot hold.
pub(crate) const PLANTED: [(&str, &str); 10] = [
    ("fromenv", "planted-env-\"q9\"/x+\\7=ä"),
    ("fromfile", "planted-file-\"w8\"/y+\\6=ö"),
    ("fromcommand", "planted-command-\"e7\"/z+\\5=ü"),
    ("fromage", "planted-age-\"r6\"/u+\\4=ß"),
    ("fromcredential", "planted-credential-\"t5\"/v+\\3=é"),
    ("header", "planted-header-z4/w+2="),
    ("userinfo", "planted-userinfo-u3"),
    ("unused", "planted-unused-\"i2\"/t+\\1=ñ"),
    ("collector", "planted-collector-o1"),
    ("registry", "planted-registry-\"g5\"/s+\\2=ü"),
];

/// Says what it knows, as often as it is told, and answers with it.
const APP: &str = r#"import http.server, os, sys
said = open(sys.argv[2]).read() + "FROM_AGE=" + os.environ["FROM_AGE"] + "\n"
print(said * int(os.environ["TIMES"]) + "all is said", flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b"well" if self.path == "/healthz" else said.encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"#;

const CONFIG: &str = "fromenv: {{ fromenv }}\nfromfile: {{ fromfile }}\nfromcommand: {{ fromcommand }}\n\
                      fromcredential: {{ fromcredential }}\n";

/// Hooks and checks have the environment of whoever started Slipway, and the folder of its credentials.
const HOOK: &str = "#!/bin/sh\nenv | grep -i planted\ncat \"$CREDENTIALS_DIRECTORY\"/*\n";
const GOOD: &str = "#!/bin/sh\nenv | grep -i planted\n";
const BAD: &str = "#!/bin/sh\nenv | grep -i planted >&2\nexit 1\n";

const MANIFEST: &str = r#"[service]
name = "leaky"
version = "1.0.0"
[registries]
deploy = "oci+http://127.0.0.1:REGISTRY/leaky"
[artifacts.app]
format = "tarball"
from = "app.tar.gz"
command = ["python3", "${app}/app.py", "${port.http}", "${config}/app.toml"]
env = { FROM_AGE = "{{ fromage }}", TIMES = "1", PYTHONUTF8 = "1" }
ports = { http = {} }
health = { http = "/healthz", interval = "200ms" }
[parameters]
fromenv = { type = "secret" }
fromfile = { type = "secret" }
fromcommand = { type = "secret" }
fromage = { type = "secret" }
fromcredential = { type = "secret" }
[environments.local]
target = { plugin = "machine" }
router = { plugin = "embedded", listen = "127.0.0.1:ROUTER" }
strategy = "careful"
[strategy.careful]
type = "recreate"
checks = ["page", "script"]
analysis = ["queue"]
hooks = ["tell", "sorry"]
soak = "1s"
min-healthy-time = "200ms"
[check.page]
http = { path = "/healthz", body = { contains = "well" } }
[check.script]
command = { run = ["./good.sh"] }
[analysis.queue]
every = "500ms"
metrics = { http = { endpoint = "echo", path = "/stats" }, json = "/queue", max = 100 }
[hook.tell]
at = "before-run"
run = ["./hook.sh"]
[hook.sorry]
at = "on-failure"
run = ["./hook.sh"]
"#;

/// Where a secret may be: what the agent has to know of an instance, what it has laid out for it, and what that has said.
const ITS_OWN: [&str; 2] = ["agent/instances", "agent/logs"];
/// Where the operator has put them.
const SOURCES: [&str; 3] = ["planted", "operator.toml", "password"];

pub(crate) struct Planted {
    bench: Bench,
    _registry: RegistryServer,
}

impl Planted {
    pub(crate) async fn new() -> Self {
        let bench = Bench::of_files(
            "leaky",
            &[
                ("config/app.toml", CONFIG),
                ("hook.sh", HOOK),
                ("good.sh", GOOD),
                ("bad.sh", BAD),
            ],
        );
        for script in ["hook.sh", "good.sh", "bad.sh"] {
            let path = bench.path(&format!("leaky/{script}"));
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        tarball(
            &bench.path("leaky/app.tar.gz"),
            &[("app.py", APP.as_bytes(), 0o644)],
        );
        let registry = RegistryServer::asking_for(&bench, "registry", planted("registry"));
        let manifest = MANIFEST
            .replace("REGISTRY", &registry.port.to_string())
            .replace("ROUTER", &bench.port.to_string());
        fs::write(bench.path("leaky/deploy.toml"), manifest).unwrap();
        credentials(&bench, &[&registry]);
        operate(&bench, echo().await);
        Self {
            bench,
            _registry: registry,
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bench.command(&program("slipway"), "leaky", arguments);
        command
            .env("PLANTED", planted("fromenv"))
            .env("PLANTED_HEADER", format!("Bearer {}", planted("header")))
            .env(
                "OTEL_EXPORTER_OTLP_HEADERS",
                format!("authorization=Bearer%20{}", planted("collector")),
            )
            .env("CREDENTIALS_DIRECTORY", self.bench.path("planted/credentials"))
            .current_dir(self.bench.path("leaky"));
        command
    }

    /// The next one, with what is different in it.
    pub(crate) fn version(&self, next: &str, changes: &[(&str, &str)]) {
        let text = fs::read_to_string(self.bench.path("leaky/deploy.toml")).unwrap();
        let (_, version) = text.split_once("version = ").unwrap();
        let version = format!("version = {}", version.lines().next().unwrap());
        let next = format!("version = {next:?}");
        let changes = [&[(version.as_str(), next.as_str())], changes].concat();
        self.bench.edit("leaky/deploy.toml", &changes);
    }

    /// Looks through everything that there is: how much that was, and which secrets are where they need not be.
    pub(crate) fn search(self, mut traces: Traces, processes: &BTreeSet<Vec<u8>>) -> (String, Vec<String>) {
        for line in processes {
            traces.add("the command line of a process".to_owned(), line.clone());
        }
        // The agent goes on when all that had a secret in its environment has ended.
        let agent = environment_of(&self.bench);
        traces.add("the environment of the agent".to_owned(), agent);
        let root = self.bench.path("");
        for entry in fs::read_dir(&root).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if !SOURCES.contains(&name) {
                match path.is_dir() {
                    true => traces.add_folder(&path),
                    false => traces.add(name.to_owned(), fs::read(&path).unwrap()),
                }
            }
        }
        let own = |path: &Path| ITS_OWN.iter().any(|own| path.starts_with(root.join(own)));
        let (own, found): (Vec<_>, Vec<_>) = traces.found().iter().partition(|(_, path)| own(path));
        // An instance has its secrets, and nobody else.
        assert!(!own.is_empty(), "the search does not find what is there");
        for (what, path) in own {
            let mode = fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{what}: {}", path.display());
        }
        let found = found
            .into_iter()
            .map(|(what, path)| format!("{what}: {}", path.display()));
        (traces.told(), found.collect())
    }
}

/// The operator's file, and what it leads to.
fn operate(bench: &Bench, echo: u16) {
    let at = |name: &str| bench.path(&format!("planted/{name}"));
    fs::create_dir_all(at("credentials")).unwrap();
    for name in ["fromfile", "fromcommand", "fromage", "unused"] {
        fs::write(at(name), planted(name)).unwrap();
    }
    fs::write(at("credentials/fromcredential"), planted("fromcredential")).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let ended = Command::new(installed(program, "age"))
            .args(arguments)
            .current_dir(at(""))
            .output()
            .unwrap();
        assert!(
            ended.status.success(),
            "{}",
            String::from_utf8_lossy(&ended.stderr)
        );
        String::from_utf8(ended.stdout).unwrap()
    };
    run("age-keygen", &["-o", "key"]);
    let recipient = run("age-keygen", &["-y", "key"]);
    run("age", &["-r", recipient.trim(), "-o", "fromage.age", "fromage"]);
    let mut text = fs::read_to_string(bench.path("operator.toml")).unwrap();
    text.push_str(&format!(
        "[secrets.local]\nfromenv = {{ env = \"PLANTED\" }}\nfromfile = {{ file = \"planted/fromfile\" }}\n\
         fromcommand = {{ command = [\"cat\", {:?}] }}\n\
         fromage = {{ age = \"planted/fromage.age\", identity = \"planted/key\" }}\n\
         fromcredential = {{ credential = \"fromcredential\" }}\nunused = {{ file = \"planted/unused\" }}\n\
         [endpoints.echo]\nurl = \"http://user:{}@127.0.0.1:{echo}\"\n\
         headers = {{ authorization = {{ env = \"PLANTED_HEADER\" }} }}\n",
        at("fromcommand"),
        planted("userinfo"),
    ));
    fs::write(bench.path("operator.toml"), text).unwrap();
}

fn planted(name: &str) -> &'static str {
    let mut all = PLANTED.iter();
    all.find(|(known, _)| *known == name)
        .map(|(_, secret)| *secret)
        .unwrap()
}

/// Answers with the headers that it was sent.
async fn echo() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stats = async |headers: HeaderMap| -> Json<Value> {
        let header = |name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
        };
        Json(json!({ "queue": 1, "echo": { "authorization": header("authorization") } }))
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/stats", get(stats))).await });
    port
}

/// Of the process that keeps instances running.
fn environment_of(bench: &Bench) -> Vec<u8> {
    let agents = fs::read_dir("/proc").unwrap().flatten().filter(|process| {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        // An instance of its has the folder in its line too.
        line.contains(" agent --dir ") && line.contains(bench.path("agent").to_str().unwrap())
    });
    let read: Vec<_> = agents
        .map(|agent| fs::read(agent.path().join("environ")).unwrap_or_default())
        .collect();
    assert!(!read.is_empty(), "the agent is not found");
    read.concat()
}

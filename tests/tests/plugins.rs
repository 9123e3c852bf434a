//! A plugin that a manifest brings from a real registry, with TLS and a password: by tag, by digest and as a download.
//! What was fetched once is used without any network.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::Value;
use slipway_tests::{installed, program, tarball};
use tempfile::TempDir;

const PASSWORD: &str = "correct-horse-battery";

#[test]
fn from_a_real_registry() {
    let place = Place::new();
    certificate(&place);
    // The same bytes twice: plainly, as is spoken on this machine alone, and with TLS.
    let (server, web) = (Server::start(&place, false), Server::start(&place, true));
    let logins = [&server, &web].map(|server| {
        format!(
            "[credentials.\"{}\"]\nusername = \"ci\"\npassword = {{ env = \"PASSWORD\" }}\n",
            server.host
        )
    });
    fs::write(place.path("operator.toml"), logins.concat()).unwrap();
    let registry = format!("oci://{}/team", server.host);
    let component = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins/format-tarball.wasm");
    fs::copy(component, place.path("tarball.wasm")).unwrap();
    let pushed = format!("{registry}/plugins/other:1.0");
    let copied = place.must(&["artifact", "copy", "./tarball.wasm", &pushed, "--format", "json"]);
    let copied: Value = serde_json::from_str(&copied).unwrap();
    let manifest = copied["digest"].as_str().unwrap();
    let inspected = place.must(&["artifact", "inspect", &pushed, "--format", "json"]);
    let inspected: Value = serde_json::from_str(&inspected).unwrap();
    assert_eq!(inspected["layers"][0]["mediaType"], "application/wasm");
    let component = inspected["layers"][0]["digest"].as_str().unwrap();

    let download = format!(
        "{{ url = \"https://{}/v2/team/plugins/other/blobs/{component}\", sha256 = \"{}\" }}",
        web.host,
        &component[7..]
    );
    let sources = [
        "\"dev:plugins/other:1.0\"",
        &format!("\"dev:plugins/other@{manifest}\""),
        &download,
    ];
    for (from, by_manifest) in sources.into_iter().zip([true, true, false]) {
        place.forget();
        place.manifest(&registry, from);
        // Without the password nothing is fetched.
        let refused = place.run(&["validate"], &[("PASSWORD", "wrong")]);
        assert_eq!(refused.0, Some(3), "{}", refused.2);
        assert!(refused.2.contains("plugin-unavailable"), "{}", refused.2);

        place.must(&["release"]);
        let lock = fs::read_to_string(place.path("deploy.lock")).unwrap();
        let (_, plugin) = lock.split_once("[plugins.other]\n").unwrap();
        let line = |key: &str, digest: &str| plugin.contains(&format!("\n{key} = \"{digest}\"\n"));
        assert!(line("digest", component), "{lock}");
        let found = (line("manifest", manifest), plugin.contains("manifest ="));
        assert_eq!(found, (by_manifest, by_manifest), "{lock}");
    }

    for from in sources {
        place.manifest(&registry, from);
        place.must(&["validate"]);
    }
    // The registry is gone: what needs no look at a tag goes on.
    drop((server, web));
    for from in sources {
        place.manifest(&registry, from);
        place.must(&["validate"]);
        place.must(&["adapt", "local"]);
        place.must(&["plan", "local"]);
        place.must(&["status"]);
    }
    place.must(&["release"]);
}

#[test]
fn a_release_goes_on_with_the_plugins_that_it_was_begun_with() {
    let place = Place::new();
    let component = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins/format-tarball.wasm");
    let first = fs::read(component).unwrap();
    // Sections that nobody reads make other bytes of the same program.
    let [second, third] = [b'2', b'3'].map(|mark| [&first[..], &[0, 2, 1, mark]].concat());
    let plugin = |bytes: &[u8]| fs::write(place.path("other.wasm"), bytes).unwrap();
    let lock = || fs::read_to_string(place.path("deploy.lock")).unwrap();
    plugin(&first);
    place.manifest("registry", "\"other.wasm\"");
    place.must(&["release"]);
    let before = lock();

    plugin(&second);
    place.dies(&["release", "--update"], "after:8");
    assert_eq!(lock(), before, "it died too late to tell anything");
    plugin(&third);
    let (code, _, stderr) = place.run(&["resume"], &[]);
    assert_eq!(code, Some(6), "{stderr}");
    assert!(
        stderr.contains("`release/plugins` was begun as something else"),
        "{stderr}"
    );
    plugin(&second);
    place.must(&["resume"]);
    assert_ne!(lock(), before);
    place.must(&["validate"]);
}

/// A folder with a service, its operator's file and its own cache.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(TempDir::with_prefix("slipway-").unwrap());
        tarball(&place.path("app.tar.gz"), &[("bin/shop", b"#!/bin/sh\n", 0o755)]);
        fs::write(place.path("operator.toml"), "").unwrap();
        place
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn manifest(&self, registry: &str, from: &str) {
        let text = format!(
            "[service]\nname = \"shop\"\nversion = \"1.0.0\"\n[registries]\ndev = \"{registry}\"\n\
             [artifacts.app]\nformat = \"other\"\nfrom = \"app.tar.gz\"\ncommand = [\"bin/shop\"]\n\
             [environments.local]\ntarget = {{ plugin = \"machine\" }}\n[plugins.other]\nfrom = {from}\n"
        );
        fs::write(self.path("deploy.toml"), text).unwrap();
    }

    /// As on a machine that has seen none of it.
    fn forget(&self) {
        for path in ["cache", ".slipway"] {
            fs::remove_dir_all(self.path(path)).ok();
        }
        fs::remove_file(self.path("deploy.lock")).ok();
    }

    fn run(&self, arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String, String) {
        let output = self
            .command("slipway", arguments)
            .envs(environment.iter().copied())
            .output();
        let output = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }

    fn dies(&self, arguments: &[&str], fault: &str) {
        let mut command = self.command("slipway-faulty", arguments);
        let status = command.env("SLIPWAY_FAULT", fault).status().unwrap();
        assert_eq!(status.code(), None, "it was not killed");
    }

    fn command(&self, name: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program(name));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("SLIPWAY_OPERATOR", self.path("operator.toml"))
            .env("SLIPWAY_AGENT_DIR", self.path("agent"))
            .env("SSL_CERT_FILE", self.path("ca.pem"))
            .env("PASSWORD", PASSWORD);
        command
    }

    #[track_caller]
    fn must(&self, arguments: &[&str]) -> String {
        let (code, stdout, stderr) = self.run(arguments, &[]);
        assert_eq!(code, Some(0), "slipway {arguments:?}\n{stdout}\n{stderr}");
        stdout
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.path("agent").exists() && self.run(&["agent", "stop"], &[]).0 != Some(0) {
            assert!(std::thread::panicking(), "the agent cannot be stopped");
        }
    }
}

/// `docker-registry` with a certificate of an authority that only this test trusts.
struct Server {
    process: Child,
    host: String,
}

impl Server {
    fn start(place: &Place, tls: bool) -> Self {
        let path = |name| place.path(name).display().to_string();
        let tls = match tls {
            true => format!(
                ", tls: {{ certificate: '{}', key: '{}' }}",
                path("cert.pem"),
                path("key.pem")
            ),
            false => String::new(),
        };
        let hashed = Command::new(installed("htpasswd", "apache2-utils"))
            .args(["-nbB", "ci", PASSWORD])
            .output();
        fs::write(place.path("htpasswd"), hashed.unwrap().stdout).unwrap();
        let config = format!(
            "version: 0.1\nstorage: {{ filesystem: {{ rootdirectory: '{}' }} }}\n\
             http: {{ addr: '127.0.0.1:0'{tls} }}\n\
             auth: {{ htpasswd: {{ realm: test, path: '{}' }} }}\n",
            path("storage"),
            path("htpasswd")
        );
        fs::write(place.path("config.yml"), config).unwrap();
        let log = place.path(if tls.is_empty() { "log" } else { "log-tls" });
        let process = Command::new(installed("docker-registry", "docker-registry"))
            .arg("serve")
            .arg(place.path("config.yml"))
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut server = Self {
            process,
            host: String::new(),
        };
        server.host = server.listening(&log);
        server
    }

    fn listening(&mut self, log: &Path) -> String {
        for _ in 0..600 {
            let text = fs::read_to_string(log).unwrap();
            let address = text.split("listening on ").nth(1);
            if let Some(address) = address.and_then(|rest| rest.split(['"', ',', ' ', '\n']).next()) {
                return address.to_owned();
            }
            assert!(self.process.try_wait().unwrap().is_none(), "it ended:\n{text}");
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the registry does not answer");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn certificate(place: &Place) {
    fs::write(place.path("names"), "subjectAltName=IP:127.0.0.1\n").unwrap();
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    for arguments in [
        &format!("req -x509 {new} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority"),
        &format!("req {new} -keyout key.pem -out request.pem -subj /CN=registry"),
        "x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -out cert.pem -days 2 -extfile names",
    ] {
        let output = Command::new(installed("openssl", "openssl"))
            .args(arguments.split(' '))
            .current_dir(place.0.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

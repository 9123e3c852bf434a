//! A registry that somebody has got into, a service that takes its program from there, and the keys that are trusted.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use slipway_model::Digest;
use slipway_tests::{
    Bench, Key, PASSWORD, RegistryServer, Storage, attach_simple, credentials, payload, tarball,
};

/// A service whose program comes from a registry that is not trusted, and the keys that are.
pub(crate) struct Stand {
    pub(crate) bench: Bench,
    pub(crate) server: RegistryServer,
    pub(crate) storage: Storage,
    pub(crate) release: Key,
    pub(crate) stranger: Key,
}

impl Stand {
    /// The program is there, and runs.
    pub(crate) fn real() -> Self {
        Self::on(Bench::caddy())
    }

    /// It is only released: there is none.
    pub(crate) fn new() -> Self {
        let manifest = include_str!("../../../manifests/caddy/deploy.toml");
        let bench = Bench::of_files("caddy", &[("deploy.toml", manifest), ("dist/caddy.tar.gz", "")]);
        fs::write(bench.path("caddy/dist/caddy.tar.gz"), packed(&bench, b"any")).unwrap();
        Self::on(bench)
    }

    pub(crate) fn on(bench: Bench) -> Self {
        let server = RegistryServer::start(&bench, "dev");
        let stand = Self {
            storage: Storage::of(&bench, "dev"),
            release: Key::new(&bench, "release"),
            stranger: Key::new(&bench, "stranger"),
            bench,
            server,
        };
        let registry = stand.registry();
        stand.bench.edit(
            "caddy/deploy.toml",
            &[(
                "[artifacts.caddy]",
                &format!(
                    "[registries]\ndev = \"oci+http://{registry}\"\ndeploy = \"oci+http://{registry}/deploy\"\n\n[artifacts.caddy]"
                ),
            )],
        );
        stand.trust(&["release.pub"]);
        stand
    }

    pub(crate) fn registry(&self) -> String {
        format!("127.0.0.1:{}", self.server.port)
    }

    /// The operator's file: these keys count in `team`.
    pub(crate) fn trust(&self, keys: &[&str]) {
        credentials(&self.bench, &[&self.server]);
        let registry = self.registry();
        let mut text = fs::read_to_string(self.bench.path("operator.toml")).unwrap();
        text.push_str(&format!(
            "[trust.\"{registry}/team\"]\nkeys = {keys:?}\n\
             [trust.\"{registry}/team/strict\"]\nkeys = {keys:?}\nannotations = {{ env = \"prod\" }}\n\
             [trust.\"{registry}/open\"]\nunsigned = true\n"
        ));
        fs::write(self.bench.path("operator.toml"), text).unwrap();
    }

    /// The service takes its program from there.
    pub(crate) fn from(&self, reference: &str) {
        let path = self.bench.path("caddy/deploy.toml");
        let text = fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| match line.strip_prefix("from = ") {
            Some(_) => format!("from = \"dev:{reference}\""),
            None => line.to_owned(),
        });
        fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    }

    /// As if nothing had ever been released.
    pub(crate) fn forget(&self) {
        for left in [".slipway", "assembly", "deploy.lock"] {
            let path = self.bench.path("caddy").join(left);
            let gone = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            gone.unwrap_or_default();
        }
    }

    /// A file as an artifact, signed by nobody.
    pub(crate) fn push(&self, repository: &str, tag: &str, file: &[u8]) -> Digest {
        let layer = self.storage.blob(repository, "application/octet-stream", file);
        let manifest = self.storage.manifest(repository, &[layer], json!({}));
        self.storage.tag(repository, tag, manifest);
        manifest
    }

    pub(crate) fn sign(&self, key: &Key, repository: &str, digest: Digest) {
        let payload = payload(digest, json!({ "env": "prod" }));
        let layer = key.simple(&self.storage, repository, &payload);
        attach_simple(&self.storage, repository, digest, &[layer]);
    }

    pub(crate) fn has(&self, file: Digest) -> bool {
        let blobs = self.bench.path("caddy/.slipway/registry/blobs/sha256");
        blobs.join(file.hex()).exists()
    }
}

pub(crate) fn packed(bench: &Bench, program: &[u8]) -> Vec<u8> {
    let path = bench.path("packed.tar.gz");
    tarball(&path, &[("bin/caddy", program, 0o755)]);
    fs::read(path).unwrap()
}

/// A service that needs the package of the stand's own.
pub(crate) fn front(stand: &Stand) {
    let program = b"#!/bin/sh\nexec sleep 600\n";
    tarball(
        &stand.bench.path("front/dist/front.tar.gz"),
        &[("bin/front", program, 0o755)],
    );
    let manifest = format!(
        "[service]\nname = \"front\"\nversion = \"1.0.0\"\n[registries]\nteam = \"oci+http://{}/deploy\"\n\
         [dependencies]\nsite = \"team:site:1.0.0\"\n[artifacts.front]\nformat = \"tarball\"\n\
         from = \"dist/front.tar.gz\"\ncommand = [\"bin/front\"]\n\
         [environments.local]\ntarget = {{ plugin = \"machine\" }}\nstrategy = \"quick\"\n\
         [environments.local.dependencies.site]\nstrategy = \"quick\"\n\
         [strategy.quick]\ntype = \"recreate\"\nsoak = \"0s\"\nmin-healthy-time = \"0s\"\n",
        stand.registry()
    );
    fs::write(stand.bench.path("front/deploy.toml"), manifest).unwrap();
}

pub(crate) fn released(stand: &Stand) -> Digest {
    let lock = fs::read_to_string(stand.bench.path("caddy/deploy.lock")).unwrap();
    let package = lock.lines().find_map(|line| line.strip_prefix("package = "));
    package.unwrap().trim_matches('"').parse().unwrap()
}

/// The program itself, where somebody names it.
pub(crate) fn cosign(stand: &Stand, arguments: &[&str]) -> Option<Output> {
    let program = std::env::var_os("COSIGN")?;
    let home = stand.bench.path("home");
    let login = STANDARD.encode(format!("ci:{PASSWORD}"));
    let config = json!({ "auths": { stand.registry(): { "auth": login } } });
    fs::create_dir_all(home.join(".docker")).unwrap();
    fs::write(home.join(".docker/config.json"), config.to_string()).unwrap();
    let ran = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(program))
        .args(arguments)
        .current_dir(stand.bench.path(""))
        .env("HOME", home)
        .env("COSIGN_PASSWORD", "")
        .output();
    Some(ran.unwrap())
}

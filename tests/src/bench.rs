//! A folder with services, an agent of its own, and the program that is tested. Nothing is left when it is dropped.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Cluster, RegistryServer, credentials, free_port, installed, program, tarball};

pub struct Bench {
    root: PathBuf,
    /// Removed with the bench, unless its folder is somebody's own.
    _temporary: Option<TempDir>,
    /// Where users come in.
    pub port: u16,
    /// The one that the agent is asked through when it is to stop.
    service: String,
}

const SHOP: [&str; 2] = ["shop", "database"];

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// It succeeded, or the test fails with everything that was said.
    #[track_caller]
    pub fn must(self) {
        assert_eq!(self.code, Some(0), "{}\n{}", self.stdout, self.stderr);
    }
}

impl Bench {
    /// Services of `manifests/`, with an agent that serves them alone.
    fn temporary(services: &[&str]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("slipway-")
            .tempdir()
            .expect("a folder can be made");
        let root = folder.path().to_path_buf();
        let mut bench = Self::at(root, services);
        bench._temporary = Some(folder);
        bench
    }

    fn at(root: PathBuf, services: &[&str]) -> Self {
        let bench = Self {
            root,
            _temporary: None,
            port: free_port(),
            service: services.first().copied().unwrap_or_default().to_owned(),
        };
        let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests");
        for service in services {
            copy(&manifests.join(service), &bench.path(service));
        }
        std::fs::write(bench.path("operator.toml"), "").expect("the operator's file can be written");
        bench
    }

    /// One service, of these files.
    pub fn of_files(service: &str, files: &[(&str, &str)]) -> Self {
        let mut bench = Self::temporary(&[]);
        service.clone_into(&mut bench.service);
        for (name, text) in files {
            let path = bench.path(&format!("{service}/{name}"));
            let folder = path.parent().expect("a file is in a folder");
            std::fs::create_dir_all(folder).expect("a folder can be made");
            std::fs::write(path, text).expect("a file can be written");
        }
        bench
    }

    /// A web server of the machine's packages.
    pub fn caddy() -> Self {
        let bench = Self::temporary(&["caddy"]);
        bench.edit("caddy/deploy.toml", &[("8481", &bench.port.to_string())]);
        let caddy = std::fs::read(installed("caddy", "caddy")).expect("the web server can be read");
        tarball(
            &bench.path("caddy/dist/caddy.tar.gz"),
            &[("bin/caddy", &caddy, 0o755)],
        );
        bench
    }

    /// The same, with version 1 in front of users: two instances, watched for no longer than this strategy says.
    pub fn before(strategy: &str) -> Self {
        let bench = Self::caddy();
        bench.edit(
            "caddy/deploy.toml",
            &[
                ("type = \"recreate\"", strategy),
                ("soak = \"1s\"\nmin", "soak = \"0s\"\nmin"),
                ("default = 3, minimum", "default = 2, minimum"),
            ],
        );
        bench.must("caddy", &["run", "local"]);
        bench
    }

    /// A web server on a cluster, whose image is in the cluster's registry already.
    pub fn web(cluster: &Cluster) -> Self {
        Self::temporary(&["web"]).with_cluster(cluster)
    }

    /// The same in a folder that stays.
    pub fn web_at(root: PathBuf, cluster: &Cluster) -> Self {
        Self::at(root, &["web"]).with_cluster(cluster)
    }

    /// Twelve Deployments on a cluster; `dev` is where the image of its server comes from.
    pub fn market(cluster: &Cluster) -> (Self, RegistryServer) {
        let bench = Self::temporary(&["market"]);
        let dev = RegistryServer::start(&bench, "dev");
        bench.edit(
            "market/deploy.toml",
            &[
                ("127.0.0.1:5001", &format!("127.0.0.1:{}", dev.port)),
                ("127.0.0.1:5000", &cluster.registry()),
            ],
        );
        credentials(&bench, &[&dev]);
        bench.operate(cluster);
        (bench, dev)
    }

    fn with_cluster(mut self, cluster: &Cluster) -> Self {
        let bench = &mut self;
        bench.edit("web/deploy.toml", &[("127.0.0.1:5000", &cluster.registry())]);
        // Users come to a port of the node.
        bench.port = 30_080;
        bench.edit(
            "web/k8s/web.yaml",
            &[("targetPort: 8080", "targetPort: 8080, nodePort: 30080")],
        );
        bench.operate(cluster);
        self
    }

    /// The operator's file knows the cluster.
    fn operate(&self, cluster: &Cluster) {
        let path = self.path("operator.toml");
        let mut operator = std::fs::read_to_string(&path).expect("the operator's file can be read");
        operator.push_str(&format!(
            "[clusters.test]\nkubeconfig = {:?}\n",
            cluster.kubeconfig()
        ));
        std::fs::write(path, operator).expect("the operator's file can be written");
    }

    /// The shop and its database, on ports of their own, without an artifact of the shop yet.
    pub fn shop() -> Self {
        Self::temporary(&SHOP).with_database()
    }

    /// The same in a folder that stays.
    pub fn shop_at(root: PathBuf) -> Self {
        Self::at(root, &SHOP).with_database()
    }

    /// What an earlier process has left in such a folder.
    pub fn shop_again(root: PathBuf) -> Self {
        Self {
            root,
            _temporary: None,
            port: 0,
            service: SHOP[0].to_owned(),
        }
    }

    /// Leaves everything running.
    pub fn keep(self) {
        std::mem::forget(self);
    }

    /// Ends the agent with everything that it runs.
    pub fn stop(self) {
        drop(self);
    }

    fn with_database(self) -> Self {
        let (port, database) = (self.port.to_string(), free_port().to_string());
        self.edit(
            "shop/deploy.toml",
            &[("8480", port.as_str()), ("6390", database.as_str())],
        );
        self.edit("database/deploy.toml", &[("6390", database.as_str())]);
        let redis =
            std::fs::read(installed("redis-server", "redis-server")).expect("the database can be read");
        tarball(
            &self.path("database/dist/redis.tar.gz"),
            &[("bin/redis-server", &redis, 0o755)],
        );
        self
    }

    /// Packs a version of the shop; one in `fails_one_in` orders fails, 0 is none.
    pub fn pack(&self, version: &str, fails_one_in: u64) {
        let shop = std::fs::read(program("shop")).expect("the shop can be read");
        let release = format!("version = \"{version}\"\nfails-one-in = {fails_one_in}\n");
        let files: [(&str, &[u8], u32); 2] = [
            ("bin/shop", &shop, 0o755),
            ("release.toml", release.as_bytes(), 0o644),
        ];
        tarball(&self.path("shop/dist/shop.tar.gz"), &files);
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Keeps what is compiled of plugins where later tests find it: a big one takes a minute.
    #[must_use]
    pub fn with_shared_cache(self) -> Self {
        let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tests/cache");
        std::fs::create_dir_all(&shared).expect("a folder can be made");
        let shared = shared.canonicalize().expect("a folder that is there");
        std::os::unix::fs::symlink(shared, self.path("cache")).expect("a link can be made");
        self
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

    /// The program with plugins of which a call breaks.
    pub fn breaking(&self, service: &str, arguments: &[&str], breaking: &str) -> Ran {
        let mut command = self.command(&program("slipway-faulty"), service, arguments);
        command.env("SLIPWAY_BREAKING", breaking);
        self.run(command)
    }

    /// The program at a time of its own, with a ledger at which it may die.
    pub fn at_time(&self, service: &str, arguments: &[&str], time: &str, fault: Option<&str>) -> Ran {
        let mut command = self.command(&program("slipway-faulty"), service, arguments);
        command.env("SLIPWAY_CLOCK", time);
        command.envs(fault.map(|fault| ("SLIPWAY_FAULT", fault)));
        self.run(command)
    }

    /// Succeeds, or the test fails with everything that was said.
    pub fn must(&self, service: &str, arguments: &[&str]) -> Ran {
        let ran = self.slipway(service, arguments);
        assert_eq!(
            ran.code,
            Some(0),
            "slipway {arguments:?}\n{}\n{}",
            ran.stdout,
            ran.stderr
        );
        ran
    }

    pub fn json(&self, service: &str, arguments: &[&str]) -> Value {
        let arguments: Vec<_> = arguments.iter().copied().chain(["--format", "json"]).collect();
        let ran = self.must(service, &arguments);
        serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}", ran.stdout))
    }

    /// Exactly the instances of the current revision run, and no candidate waits; answers the version.
    pub fn settled(&self, service: &str) -> String {
        let status = self.json(service, &["status", "local"]);
        let environment = &status["environments"][0];
        assert!(environment["candidate"].is_null(), "{status}");
        let mut wanted = names(&environment["current"]["instances"], None);
        let mut running = names(&environment["instances"], Some("name"));
        wanted.sort();
        running.sort();
        assert_eq!(running, wanted, "{status}");
        environment["current"]["version"]
            .as_str()
            .expect("a version")
            .to_owned()
    }

    pub fn command(&self, program: &Path, service: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .arg("--file")
            .arg(self.path(service))
            .args(arguments)
            .env("SLIPWAY_AGENT_DIR", self.path("agent"))
            .env("SLIPWAY_OPERATOR", self.path("operator.toml"))
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("NO_COLOR", "1");
        command
    }

    fn run(&self, mut command: Command) -> Ran {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().expect("the program can be started");
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        Ran {
            code: status.code(),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if self.path("agent").exists() {
            let stopped = self.slipway(&self.service, &["agent", "stop"]);
            if stopped.code != Some(0) && !std::thread::panicking() {
                panic!("the agent cannot be stopped: {}", stopped.stderr);
            }
        }
    }
}

fn names(list: &Value, key: Option<&str>) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter(|item| item["state"] != "stopped")
        .filter_map(|item| key.map_or(item, |key| &item[key]).as_str().map(str::to_owned))
        .collect()
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

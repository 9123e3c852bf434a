//! An agent in a folder of its own, real instances, and a client for what they answer.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::{client::legacy, rt::TokioExecutor};
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use slipway_agent::{
    Client, Response,
    api::{InstanceStatus, RouteStatus},
};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(30);

pub struct Agent {
    pub client: Client,
    pub dir: PathBuf,
    _folder: TempDir,
}

impl Agent {
    pub async fn start() -> Self {
        Self::start_in("agent").await
    }

    pub async fn start_in(below: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join(below);
        fs::create_dir_all(dir.join("app")).unwrap();
        let client = connect(&dir).await;
        Self {
            client,
            dir,
            _folder: folder,
        }
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        let body = if body.is_null() {
            Vec::new()
        } else {
            serde_json::to_vec(body).unwrap()
        };
        self.client.send(method, path, &[], body.into()).await.unwrap()
    }

    pub async fn instance(&self, name: &str) -> InstanceStatus {
        self.client.get(&format!("/v1/instances/{name}")).await.unwrap()
    }

    pub async fn put(&self, name: &str, spec: &Value) -> InstanceStatus {
        self.client
            .put(&format!("/v1/instances/{name}"), spec)
            .await
            .unwrap()
    }

    /// Starts a web server and waits until it is healthy.
    pub async fn echo(&self, name: &str, revision: char) -> InstanceStatus {
        self.put(name, &echo(revision)).await;
        self.until(name, "healthy", |status| state(status) == "healthy")
            .await
    }

    pub async fn until(
        &self,
        name: &str,
        what: &str,
        fits: impl Fn(&InstanceStatus) -> bool,
    ) -> InstanceStatus {
        let began = Instant::now();
        loop {
            // Between two workers a connection may break.
            let status = self
                .client
                .get::<InstanceStatus>(&format!("/v1/instances/{name}"))
                .await;
            match status {
                Ok(status) if fits(&status) => return status,
                status => assert!(began.elapsed() < PATIENCE, "{name} is not {what}: {status:#?}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn route(&self, name: &str, spec: &Value) -> RouteStatus {
        self.client
            .put(&format!("/v1/routes/{name}"), spec)
            .await
            .unwrap()
    }

    pub async fn route_until(&self, name: &str, fits: impl Fn(&RouteStatus) -> bool) -> RouteStatus {
        let began = Instant::now();
        loop {
            let status: RouteStatus = self.client.get(&format!("/v1/routes/{name}")).await.unwrap();
            if fits(&status) {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "{status:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn worker(&self) -> u32 {
        self.client.info().await.unwrap().pid
    }

    /// After `kill`: answers again, by another worker.
    pub async fn next_worker(&self, before: u32) -> u32 {
        let began = Instant::now();
        loop {
            match self.client.info().await {
                Ok(info) if info.pid != before => return info.pid,
                other => assert!(began.elapsed() < PATIENCE, "{other:?}"),
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let client = self.client.clone();
        let ended = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(client.shutdown(false))
        });
        let ended = ended.join().unwrap();
        // A test that failed has said more than this could.
        assert!(ended.is_ok() || std::thread::panicking(), "{ended:?}");
    }
}

pub async fn connect(dir: &Path) -> Client {
    Client::connect_or_start(dir, &example("agent"), &[])
        .await
        .unwrap()
}

/// Built by `cargo test` beside the tests.
pub fn example(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let path = own
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("examples")
        .join(name);
    assert!(
        path.is_file(),
        "{} is missing: `cargo build -p slipway-agent --examples`",
        path.display()
    );
    path
}

pub fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

pub fn command(words: &[&str]) -> Value {
    json!({
        "service": "shop", "environment": "test", "revision": digest('a'), "folders": {"app": "app"},
        "command": words, "restart": {"initial": "20ms", "max": "100ms"},
    })
}

pub fn echo(revision: char) -> Value {
    let mut spec = command(&[example("echo").to_str().unwrap()]);
    spec["revision"] = digest(revision).into();
    spec["ports"] = json!({"http": {}});
    spec["health"] = json!({"http": "/healthz", "port": "http", "interval": "100ms"});
    spec
}

pub fn state(status: &InstanceStatus) -> String {
    serde_json::to_value(status.state)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

pub fn address(status: &InstanceStatus) -> String {
    format!("127.0.0.1:{}", status.ports["http"])
}

/// One backend of a route document.
pub fn backend(revision: char, weight: u32, instances: &[&InstanceStatus]) -> Value {
    let instances: Vec<Value> = instances
        .iter()
        .map(|status| json!({"name": status.name, "address": address(status)}))
        .collect();
    json!({"revision": digest(revision), "weight": weight, "instances": instances})
}

pub fn kill(pid: u32) {
    rustix::process::kill_process(Pid::from_raw(pid as i32).unwrap(), Signal::KILL).unwrap();
}

pub fn parent(pid: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    status
        .lines()
        .find_map(|line| line.strip_prefix("PPid:"))
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

pub fn runs(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| !rest.trim().is_empty() && !rest.trim().starts_with('Z'))
}

pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

#[derive(Clone)]
pub struct Http(legacy::Client<legacy::connect::HttpConnector, Full<Bytes>>);

impl Http {
    pub fn new(http2: bool) -> Self {
        Self(
            legacy::Client::builder(TokioExecutor::new())
                .http2_only(http2)
                .build_http(),
        )
    }

    pub async fn get(&self, address: SocketAddr, path: &str) -> Result<Answer, String> {
        let request = Request::get(format!("http://{address}{path}"))
            .body(Full::default())
            .unwrap();
        self.send(request).await
    }

    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let response = self
            .0
            .request(request)
            .await
            .map_err(|error| format!("{error:?}"))?;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| format!("{error:?}"))?
            .to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        })
    }
}

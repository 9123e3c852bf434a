//! What a hostile guest finds: folders, an endpoint, a program host, a secret, a blob, and beside them what it must
//! never reach. All of it is real but the record.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, Uri},
    routing::any,
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;
use slipway_model::Digest;
use slipway_plugin::{Address, Call, Endpoint, Failure, Secret, StateStore};
use tempfile::TempDir;

use crate::kit::Tape;

/// What nobody but the endpoint may ever see.
pub(crate) const SECRET: &str = "p\"a55word-of-the-operator";
/// What the host adds to every request to the endpoint.
pub(crate) const TOKEN: &str = "t0ken-of-the-operator";
/// What stands in a file beside the granted folders.
pub(crate) const OUTSIDE: &str = "what-stands-outside";

pub(crate) struct World {
    house: TempDir,
    address: String,
    /// How often the server was asked that nobody granted.
    strangers: Arc<AtomicUsize>,
    pub(crate) tape: Arc<Tape>,
    state: Arc<State>,
}

/// Keeps what it is given.
#[derive(Default)]
struct State(Mutex<Option<String>>);

#[async_trait::async_trait]
impl StateStore for State {
    async fn get(&self) -> Result<Option<String>, Failure> {
        Ok(self.0.lock().unwrap().clone())
    }

    async fn put(&self, value: String) -> Result<(), Failure> {
        *self.0.lock().unwrap() = Some(value);
        Ok(())
    }
}

async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Json<serde_json::Value> {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    Json(json!({
        "method": method.as_str(),
        "uri": uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
    }))
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

fn server(stranger: &str) -> Router {
    let to = format!("http://{stranger}/taken");
    let redirect = move || {
        let to = to.clone();
        async move { (StatusCode::TEMPORARY_REDIRECT, [("location", to)]) }
    };
    let encoded = |body: Bytes| async move { BASE64_STANDARD.encode(body) };
    let hex = |body: Bytes| async move { body.iter().map(|byte| format!("{byte:02x}")).collect::<String>() };
    let in_header = |body: String| async move { (StatusCode::IM_A_TEAPOT, [("x-echo", body)]) };
    Router::new()
        .route("/base/redirect", any(redirect))
        .route("/base/encoded", any(encoded))
        .route("/base/in-header", any(in_header))
        .route("/base/hex", any(hex))
        .route(
            "/base/quoted",
            any(async |body: String| json!(json!(body).to_string()).to_string()),
        )
        .route(
            "/base/slow",
            any(async || tokio::time::sleep(Duration::from_secs(600)).await),
        )
        .route("/base/mib", any(async || vec![b'a'; 1 << 20]))
        .route("/base/big", any(async || vec![b'a'; 9 << 20]))
        .fallback(echo)
}

impl World {
    pub(crate) async fn new() -> Self {
        let house = tempfile::tempdir().unwrap();
        let at = |path: &str| house.path().join(path);
        for folder in ["input/sub", "work/deep"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        fs::write(at("outside"), OUTSIDE).unwrap();
        fs::write(at("input/plain"), "hello").unwrap();
        fs::write(at("work/own"), "own").unwrap();
        // Planted by whoever had the folders before.
        symlink("../outside", at("input/out")).unwrap();
        symlink("../outside", at("work/out")).unwrap();
        symlink("..", at("work/up")).unwrap();
        symlink("/etc", at("work/etc")).unwrap();
        symlink("/proc/self", at("work/proc")).unwrap();
        symlink("loop", at("work/loop")).unwrap();
        symlink("../../outside", at("work/deep/out")).unwrap();
        let strangers = Arc::new(AtomicUsize::new(0));
        let asked = strangers.clone();
        let stranger = serve(Router::new().fallback(move || {
            asked.fetch_add(1, Ordering::SeqCst);
            async { "stranger" }
        }))
        .await;
        Self {
            address: serve(server(&stranger)).await,
            house,
            strangers,
            tape: Tape::new(),
            state: Arc::default(),
        }
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.house.path().join(path)
    }

    /// Of the endpoint.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Everything that a target can be granted.
    pub(crate) fn call(&self) -> Call {
        self.call_of(self.tape.clone())
    }

    pub(crate) fn call_of(&self, tape: Arc<Tape>) -> Call {
        let address = Address::Url(format!("http://{}/base", self.address));
        let token = Secret::new(format!("Bearer {TOKEN}"));
        let endpoint = Endpoint {
            headers: vec![("authorization".to_owned(), token)],
            ..Endpoint::at(address)
        };
        let mut call = Call::new(tape)
            .folder("input", self.at("input"), false)
            .folder("work", self.at("work"), true)
            .endpoint("api", endpoint);
        call.hosts = vec!["local".to_owned(), "far".to_owned()];
        call.secrets.insert("db".to_owned(), Secret::new(SECRET));
        call.state = Some(self.state.clone());
        call
    }

    /// With a blob of these bytes.
    pub(crate) fn handing(&self, blob: &[u8]) -> Call {
        let path = self.at("blob");
        fs::write(&path, blob).unwrap();
        self.call().blob(Digest::of(blob), path, blob.len() as u64)
    }

    /// What must hold whatever a guest has tried.
    pub(crate) fn untouched(&self) -> Result<(), String> {
        if fs::read_to_string(self.at("outside")).ok().as_deref() != Some(OUTSIDE) {
            return Err("the file outside is not what it was".to_owned());
        }
        if names(&self.at("input")) != ["out", "plain", "sub"] {
            return Err("what may only be read was written".to_owned());
        }
        let mut beside = names(self.house.path());
        beside.retain(|name| name != "blob");
        if beside != ["input", "outside", "work"] {
            return Err(format!("something was put beside the folders: {beside:?}"));
        }
        match self.strangers.load(Ordering::SeqCst) {
            0 => Ok(()),
            count => Err(format!("somebody who is not granted was asked {count} times")),
        }
    }
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

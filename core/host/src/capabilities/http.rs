//! HTTP to endpoints by name. The host holds the address, the credentials and TLS; secrets are put in on the way out
//! and masked on the way back, redirects are not followed, and nothing is sent twice.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Mutex, OnceLock},
    time::Duration,
};

use reqwest::{Client, Method, redirect::Policy};
use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_plugin::{Address, Call, EffectClass, Endpoint, Failure, FailureKind};
use url::Url;

use crate::{
    bindings::imports::{
        http::{Host, Request, Response},
        types,
    },
    bytes::{Bytes, summary},
    grants::not_granted,
    limits,
    secrets::{self, Secrets},
    session::Session,
};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// They are the host's, or would say where a message ends or goes; a compressed answer could not be masked.
const HOST_HEADERS: [&str; 13] = [
    "host",
    "connection",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "expect",
    "accept-encoding",
    "forwarded",
];

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Told {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

impl Told {
    /// No content.
    fn empty() -> Self {
        Self {
            status: 204,
            headers: Vec::new(),
            body: Bytes(Vec::new()),
        }
    }
}

/// One pool of connections for addresses, and one for each socket.
#[derive(Default)]
pub(crate) struct Clients {
    network: OnceLock<Result<Client, String>>,
    sockets: Mutex<HashMap<PathBuf, Client>>,
}

impl Host for Session {
    async fn send(
        &mut self,
        endpoint: String,
        request: Request,
    ) -> wasmtime::Result<Result<Response, types::Failure>> {
        let class = EffectClass::from(request.effect);
        let recorded = json!({
            "endpoint": endpoint,
            "method": request.method,
            "path": request.path,
            "headers": request.headers,
            "body": summary(&request.body),
            "timeout-ms": request.timeout_ms,
        });
        let (call, clients, secrets) = (self.call.clone(), self.clients.clone(), self.secrets.clone());
        let (limit, longest) = (self.limits.answer, self.limits.operation);
        let perform = async move {
            let call = call.ok_or_else(|| refused("no endpoint is granted"))?;
            let outgoing = Outgoing::new(&call, &endpoint, request, longest)?;
            outgoing.send(&clients, &secrets, limit).await
        };
        let told = self
            .effect_or(("http", "send"), class, recorded, perform, || Some(Told::empty()))
            .await?;
        Ok(told
            .map(|told| Response {
                status: told.status,
                headers: told.headers,
                body: told.body.0,
            })
            .map_err(Into::into))
    }
}

/// A request that may leave.
struct Outgoing<'a> {
    name: &'a str,
    endpoint: &'a Endpoint,
    method: Method,
    url: Url,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    timeout: Duration,
}

impl<'a> Outgoing<'a> {
    fn new(call: &'a Call, name: &'a str, request: Request, longest: Duration) -> Result<Self, Failure> {
        let endpoint = call
            .endpoints
            .get(name)
            .ok_or_else(|| not_granted("endpoint", name, call.endpoints.keys()))?;
        let method = METHODS
            .iter()
            .find(|method| **method == request.method)
            .ok_or_else(|| {
                refused(format!("method `{}`", request.method.escape_debug())).hint(METHODS.join(", "))
            })?;
        let secret = |name: &str| call.secrets.get(name);
        let mut headers = Vec::new();
        for (header, value) in &request.headers {
            let header = header.to_ascii_lowercase();
            let own = endpoint
                .headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(&header));
            if own || HOST_HEADERS.contains(&header.as_str()) {
                return Err(refused(format!(
                    "header `{}` is the host's to set",
                    header.escape_debug()
                )));
            }
            headers.push((header, secrets::reveal(value.as_bytes(), false, secret)?));
        }
        let json = request.headers.iter().any(|(header, value)| {
            header.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().contains("json")
        });
        let body = secrets::reveal(&request.body, json, secret)?;
        let timeout = match request.timeout_ms {
            0 => longest,
            own => Duration::from_millis(own.into()).min(longest),
        };
        let url = url(&endpoint.address, &request.path)?;
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| refused(error.to_string()))?;
        Ok(Self {
            name,
            endpoint,
            method,
            url,
            headers,
            body,
            timeout,
        })
    }

    async fn send(self, clients: &Clients, secrets: &Secrets, limit: usize) -> Result<Told, Failure> {
        let (name, timeout) = (self.name, self.timeout);
        let client = clients
            .of(&self.endpoint.address)
            .map_err(|problem| Failure::new(FailureKind::Failed, format!("endpoint `{name}`: {problem}")))?;
        let mut request = client.request(self.method, self.url);
        for (header, value) in &self.headers {
            request = request.header(header, value.as_slice());
        }
        for (header, value) in &self.endpoint.headers {
            request = request.header(header, value.reveal());
        }
        if !self.body.is_empty() {
            request = request.body(self.body);
        }
        let exchange = async {
            let response = request
                .send()
                .await
                .map_err(|error| unreachable(name, secrets, error))?;
            read(name, response, secrets, limit).await
        };
        tokio::time::timeout(timeout, exchange).await.unwrap_or_else(|_| {
            let problem = format!(
                "endpoint `{name}` did not answer within {} s",
                timeout.as_secs_f64()
            );
            Err(Failure::new(FailureKind::Unavailable, problem))
        })
    }
}

impl Clients {
    fn of(&self, address: &Address) -> Result<Client, String> {
        let build = || {
            // Fails only if the program has chosen already, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
            Client::builder()
                .redirect(Policy::none())
                .no_proxy()
                .retry(reqwest::retry::never())
        };
        let built = |client: reqwest::Result<Client>| client.map_err(|error| error.to_string());
        match address {
            Address::Url(_) => self.network.get_or_init(|| built(build().build())).clone(),
            Address::Unix(path) => {
                let mut sockets = self
                    .sockets
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                if let Some(client) = sockets.get(path) {
                    return Ok(client.clone());
                }
                let client = built(build().unix_socket(path.as_path()).build())?;
                sockets.insert(path.clone(), client.clone());
                Ok(client)
            }
        }
    }
}

/// The address is the host's and the path is the plugin's: no path may be read as an address or leave its prefix.
fn url(address: &Address, path: &str) -> Result<Url, Failure> {
    let bad = |problem: &str| refused(format!("path `{}`: {problem}", path.escape_debug()));
    let (plain, query) = path
        .split_once('?')
        .map_or((path, None), |(plain, query)| (plain, Some(query)));
    if !path.bytes().all(|byte| byte.is_ascii_graphic()) || path.contains(['\\', '#']) {
        return Err(bad(
            "it is made of visible ASCII without `\\` and `#`; everything else is percent-encoded",
        ));
    }
    if !plain.starts_with('/') || plain.contains("//") {
        return Err(bad("it begins with one `/` and has no empty part"));
    }
    let dots = |part: &str| matches!(part.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    if plain.split('/').any(dots) {
        return Err(bad("it has no part `.` or `..`"));
    }
    let base = match address {
        Address::Unix(_) => "http://localhost",
        Address::Url(url) => url.as_str(),
    };
    let mut url = Url::parse(base)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| {
            Failure::new(
                FailureKind::Failed,
                "the endpoint's address is not an http or https URL",
            )
        })?;
    let prefix = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{prefix}{plain}"));
    url.set_query(query);
    url.set_fragment(None);
    Ok(url)
}

async fn read(
    name: &str,
    mut response: reqwest::Response,
    secrets: &Secrets,
    limit: usize,
) -> Result<Told, Failure> {
    let status = response.status().as_u16();
    let text =
        |value: &reqwest::header::HeaderValue| secrets.mask_text(&String::from_utf8_lossy(value.as_bytes()));
    let headers = response
        .headers()
        .iter()
        .map(|(header, value)| (header.as_str().to_owned(), text(value)))
        .collect();
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(name, secrets, error))?
    {
        if body.len() + chunk.len() > limit {
            let problem = format!("endpoint `{name}` answered more than {}", limits::bytes(limit));
            return Err(Failure::new(FailureKind::Failed, problem));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Told {
        status,
        headers,
        body: Bytes(secrets.mask(&body)),
    })
}

/// With every cause, and without the address, which is not the plugin's to know.
fn unreachable(name: &str, secrets: &Secrets, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let mut problem = format!("endpoint `{name}`: {error}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        problem.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    let kind = if error.is_builder() {
        FailureKind::Invalid
    } else {
        FailureKind::Unavailable
    };
    Failure::new(kind, secrets.mask_text(&problem))
}

fn refused(problem: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Refused, problem)
}

//! HTTP to endpoints by name. The host holds the address, the credentials and TLS; secrets are put in on the way out
//! and masked on the way back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slipway_plugin::{Call, EffectClass, Failure, FailureKind, Mask};

use crate::{
    bindings::imports::{
        http::{Archived, Content, Host, Request, Response},
        types,
    },
    blocking::blocking,
    bytes::{Bytes, summary},
    capabilities::blobs,
    grants::not_granted,
    outgoing::{Answer, Body, Clients, Outgoing, Stream, Together, refused},
    secrets,
    session::Session,
};

/// Requests of one `send-all` that are under way together. A server of HTTP/2 takes 100 of one connection; far away, each
/// group of them costs a round trip.
const AT_ONCE: usize = 64;

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

impl From<Answer> for Told {
    fn from(answer: Answer) -> Self {
        Self {
            status: answer.status,
            headers: answer.headers,
            body: Bytes(answer.body),
        }
    }
}

impl From<Told> for Response {
    fn from(told: Told) -> Self {
        Self {
            status: told.status,
            headers: told.headers,
            body: told.body.0,
        }
    }
}

impl Host for Session {
    async fn send(
        &mut self,
        endpoint: String,
        request: Request,
    ) -> wasmtime::Result<Result<Response, types::Failure>> {
        let class = EffectClass::from(request.effect);
        let recorded = recorded(&endpoint, &request);
        let perform = self.sender().send(endpoint, request);
        let told = self
            .effect_or(("http", "send"), class, recorded, perform, || Some(Told::empty()))
            .await?;
        Ok(told.map(Response::from).map_err(Into::into))
    }

    async fn send_all(
        &mut self,
        endpoint: String,
        requests: Vec<Request>,
    ) -> wasmtime::Result<Result<Vec<Result<Response, types::Failure>>, types::Failure>> {
        let classes = || requests.iter().map(|request| EffectClass::from(request.effect));
        if classes().any(|class| class == EffectClass::Once) {
            // One record for all could not say which of them happened.
            return Ok(Err(
                refused("a request that must happen once is sent alone").into()
            ));
        }
        let most = self.limits.effects as usize;
        if requests.len() > most {
            let problem = format!("{} requests at once, and at most {most} are sent", requests.len());
            return Ok(Err(refused(problem).into()));
        }
        let class = classes()
            .find(|class| *class != EffectClass::Read)
            .unwrap_or(EffectClass::Read);
        let written: Vec<_> = requests
            .iter()
            .map(|request| recorded(&endpoint, request))
            .collect();
        let sender = self.sender();
        let perform = async move {
            let sent = requests
                .into_iter()
                .map(|request| sender.clone().send(endpoint.clone(), request));
            Ok(stream::iter(sent).buffered(AT_ONCE).collect::<Vec<_>>().await)
        };
        let told: Result<Vec<Result<Told, Failure>>, Failure> = self
            .effect(("http", "send-all"), class, json!(written), perform)
            .await?;
        let answer = |told: Result<Told, Failure>| told.map(Response::from).map_err(Into::into);
        Ok(told
            .map(|answers| answers.into_iter().map(answer).collect())
            .map_err(Into::into))
    }
}

/// As it is kept: what is large stands by its digest.
fn recorded(endpoint: &str, request: &Request) -> Value {
    json!({
        "endpoint": endpoint,
        "method": request.method,
        "path": request.path,
        "headers": request.headers,
        "body": match &request.body {
            Content::Bytes(bytes) => summary(bytes),
            Content::Blob(blob) => json!({ "blob": blob }),
            Content::Archived(Archived { blob, path }) => json!({ "blob": blob, "path": path }),
        },
        "timeout-ms": request.timeout_ms,
        "quiet-ms": request.quiet_ms,
    })
}

impl Session {
    fn sender(&self) -> Sender {
        Sender {
            call: self.call.clone(),
            clients: self.clients.clone(),
            secrets: self.secrets.clone(),
            answer: self.limits.http_answer,
            left: Arc::new(AtomicUsize::new(self.record_left())),
            longest: self.limits.operation,
            together: Together::default(),
        }
    }
}

/// What sending needs of a session.
#[derive(Clone)]
struct Sender {
    call: Option<Arc<Call>>,
    clients: Arc<Clients>,
    secrets: Arc<Mask>,
    answer: usize,
    /// Of all answers of one call together: those that are there are held until the last one is.
    left: Arc<AtomicUsize>,
    longest: Duration,
    /// Those of one call.
    together: Together,
}

impl Sender {
    async fn send(self, endpoint: String, request: Request) -> Result<Told, Failure> {
        let call = self.call.ok_or_else(|| refused("no endpoint is granted"))?;
        let outgoing = outgoing(&call, &endpoint, &request, self.longest)?;
        let body = body(&call, request.body, carries_json(&request.headers)).await?;
        let outgoing = outgoing.body(body).quiet(self.together.quiet(request.quiet_ms));
        let limit = self.answer.min(self.left.load(Ordering::Relaxed));
        if limit == 0 {
            let problem = format!("endpoint `{endpoint}`: one call has been answered as much as it may be");
            return Err(Failure::new(FailureKind::Failed, problem));
        }
        let answer = outgoing.send(&self.clients, &self.secrets, limit).await?;
        let taken = answer.body.len();
        // None is left rather than less than none.
        let left = |left: usize| Some(left.saturating_sub(taken));
        let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
        Ok(Told::from(answer))
    }
}

/// Without its body, and with the secrets put in.
fn outgoing<'a>(
    call: &'a Call,
    name: &str,
    request: &Request,
    longest: Duration,
) -> Result<Outgoing<'a>, Failure> {
    let endpoint = call
        .endpoints
        .get(name)
        .ok_or_else(|| not_granted("endpoint", name, call.endpoints.keys()))?;
    let secret = |name: &str| call.secrets.get(name);
    let timeout = match request.timeout_ms {
        0 => longest,
        own => Duration::from_millis(own.into()).min(longest),
    };
    let asked = (request.method.as_str(), request.path.as_str());
    let mut outgoing = Outgoing::new(format!("endpoint `{name}`"), endpoint, asked, timeout)?;
    for (header, value) in &request.headers {
        outgoing = outgoing.header(header, secrets::reveal(value.as_bytes(), false, secret)?)?;
    }
    Ok(outgoing)
}

async fn body(call: &Arc<Call>, content: Content, json: bool) -> Result<Body, Failure> {
    match content {
        Content::Bytes(bytes) => {
            let secret = |name: &str| call.secrets.get(name);
            secrets::reveal(&bytes, json, secret).map(Body::of_bytes)
        }
        Content::Blob(blob) => {
            let call = call.clone();
            let opened = blocking(move || blobs::verified(Some(&call), &blob).map(|(_, file)| file));
            let stream = Stream::file(opened.await?).map_err(|error| {
                Failure::new(FailureKind::Failed, format!("a blob cannot be read: {error}"))
            });
            stream.map(Body::Stream)
        }
        Content::Archived(archived) => blobs::archived(call.clone(), archived).await.map(Body::Stream),
    }
}

fn carries_json(headers: &[(String, String)]) -> bool {
    headers.iter().any(|(header, value)| {
        header.eq_ignore_ascii_case("content-type") && value.to_ascii_lowercase().contains("json")
    })
}

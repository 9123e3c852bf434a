//! One request to an endpoint, and its answer with every secret masked.

use std::time::Duration;

use reqwest::Method;
use slipway_plugin::{Endpoint, Failure, FailureKind, Searched, Secret};
use url::Url;

use super::{Clients, url::url};
use crate::{limits, secrets::Secrets};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const AUTHORIZATION: &str = "authorization";

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

/// A request that may leave. Its headers and body are as they go out.
pub(crate) struct Outgoing<'a> {
    /// What is asked, in the words of errors.
    what: String,
    endpoint: &'a Endpoint,
    method: Method,
    path: String,
    url: Url,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    timeout: Duration,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl<'a> Outgoing<'a> {
    pub(crate) fn new(
        what: String,
        endpoint: &'a Endpoint,
        (method, path): (&str, &str),
        timeout: Duration,
    ) -> Result<Self, Failure> {
        let known = METHODS.contains(&method);
        let parsed = Method::from_bytes(method.as_bytes()).ok().filter(|_| known);
        let method = parsed
            .ok_or_else(|| refused(format!("method `{}`", method.escape_debug())).hint(METHODS.join(", ")))?;
        Ok(Self {
            what,
            endpoint,
            method,
            path: path.to_owned(),
            url: url(&endpoint.address, path)?,
            headers: Vec::new(),
            body: Vec::new(),
            timeout,
        })
    }

    pub(crate) fn header(mut self, header: &str, value: Vec<u8>) -> Result<Self, Failure> {
        let header = header.to_ascii_lowercase();
        let mut own = self.endpoint.headers.iter();
        let own = own.any(|(name, _)| name.eq_ignore_ascii_case(&header))
            || self.endpoint.token.is_some() && header == AUTHORIZATION;
        if own || HOST_HEADERS.contains(&header.as_str()) {
            return Err(refused(format!(
                "header `{}` is the host's to set",
                header.escape_debug()
            )));
        }
        self.headers.push((header, value));
        Ok(self)
    }

    pub(crate) fn body(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    pub(crate) async fn send(
        self,
        clients: &Clients,
        secrets: &Secrets,
        limit: usize,
    ) -> Result<Answer, Failure> {
        let (what, timeout) = (self.what, self.timeout);
        let client = clients
            .of(self.endpoint)
            .map_err(|problem| Failure::new(FailureKind::Failed, format!("{what}: {problem}")))?;
        let mut request = client.request(self.method, self.url);
        for (header, value) in &self.headers {
            request = request.header(header, value.as_slice());
        }
        for (header, value) in &self.endpoint.headers {
            request = request.header(header, value.reveal());
        }
        let mut token = None;
        if let Some(source) = &self.endpoint.token {
            let now = source.token().await?;
            request = request.bearer_auth(now.reveal());
            token = Some(now);
        }
        if !self.body.is_empty() {
            request = request.body(self.body);
        }
        let mask = Mask { secrets, token };
        let exchange = async {
            let response = request
                .send()
                .await
                .map_err(|error| unreachable(&what, &mask, error))?;
            let mut answer = read(&what, response, &mask, limit).await?;
            let content_type = answer.headers.iter().find(|(header, _)| header == "content-type");
            let searched = Searched {
                path: &self.path,
                content_type: content_type.map_or("", |(_, value)| value),
                body: &answer.body,
            };
            let withheld = self.endpoint.withheld.as_ref();
            let without = withheld.map(|withheld| withheld.withhold(&searched)).transpose()?;
            answer.body = mask.bytes(&without.flatten().unwrap_or(answer.body));
            Ok(answer)
        };
        tokio::time::timeout(timeout, exchange).await.unwrap_or_else(|_| {
            let problem = format!("{what} did not answer within {} s", timeout.as_secs_f64());
            Err(Failure::new(FailureKind::Unavailable, problem))
        })
    }
}

/// The call's secrets, and the token of this very request.
struct Mask<'a> {
    secrets: &'a Secrets,
    token: Option<Secret>,
}

impl Mask<'_> {
    fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let masked = self.secrets.mask(bytes);
        match &self.token {
            None => masked,
            Some(token) => Secrets::only(token).mask(&masked),
        }
    }

    fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }
}

async fn read(
    what: &str,
    mut response: reqwest::Response,
    mask: &Mask<'_>,
    limit: usize,
) -> Result<Answer, Failure> {
    let status = response.status().as_u16();
    let text = |value: &reqwest::header::HeaderValue| mask.text(&String::from_utf8_lossy(value.as_bytes()));
    let headers = response
        .headers()
        .iter()
        .map(|(header, value)| (header.as_str().to_owned(), text(value)))
        .collect();
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| unreachable(what, mask, error))?
    {
        if body.len() + chunk.len() > limit {
            let problem = format!("{what} answered more than {}", limits::bytes(limit));
            return Err(Failure::new(FailureKind::Failed, problem));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// With every cause, and without the address, which is not the plugin's to know.
fn unreachable(what: &str, mask: &Mask<'_>, error: reqwest::Error) -> Failure {
    let error = error.without_url();
    let mut problem = format!("{what}: {error}");
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
    Failure::new(kind, mask.text(&problem))
}

pub(crate) fn refused(problem: impl Into<String>) -> Failure {
    Failure::new(FailureKind::Refused, problem)
}

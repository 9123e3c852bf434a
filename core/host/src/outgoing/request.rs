//! One request to an endpoint, and its answer with every secret masked.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{
    Method, Response,
    header::{HeaderName, HeaderValue},
};
use slipway_plugin::{Endpoint, Failure, FailureKind, Mask, Searched, Secret};
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    Clients,
    body::Body,
    quiet::{PIECE, Quiet},
    url::url,
};
use crate::limits;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const AUTHORIZATION: &str = "authorization";

/// Who may write, for an endpoint that can tell: as the agent has it.
const SCOPE_HEADER: &str = "slipway-scope";
const FENCE_HEADER: &str = "slipway-fence";

/// They are the host's, or would say where a message ends or goes, or on whose behalf it is; in a compressed answer, or a
/// part of one, no secret could be masked.
const HOST_HEADERS: [&str; 16] = [
    SCOPE_HEADER,
    FENCE_HEADER,
    "host",
    "connection",
    "keep-alive",
    "http2-settings",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "expect",
    "accept-encoding",
    "range",
    "if-range",
    "forwarded",
];

/// The same for all that begin so.
const HOST_PREFIXES: [&str; 3] = ["proxy-", "x-forwarded-", "impersonate-"];

/// Of one request, and the bytes of all of them together.
const HEADERS: usize = 100;
const HEADER_BYTES: usize = 64 << 10;

/// A request that may leave. Its headers and body are as they go out.
pub(crate) struct Outgoing<'a> {
    /// What is asked, in the words of errors.
    what: String,
    endpoint: &'a Endpoint,
    method: Method,
    path: String,
    url: Url,
    headers: Vec<(HeaderName, HeaderValue)>,
    header_bytes: usize,
    body: Body,
    timeout: Duration,
    /// For an answer that is not waited for as a whole.
    quiet: Option<Quiet>,
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
            header_bytes: 0,
            body: Body::Empty,
            timeout,
            quiet: None,
        })
    }

    pub(crate) fn header(mut self, header: &str, value: Vec<u8>) -> Result<Self, Failure> {
        let header = header.to_ascii_lowercase();
        // Some servers read the one as the other.
        let read_as = header.replace('_', "-");
        let mut own = self.endpoint.headers.iter();
        let own = own.any(|(name, _)| name.eq_ignore_ascii_case(&read_as))
            || self.endpoint.token.is_some() && read_as == AUTHORIZATION;
        let hosts = HOST_HEADERS.contains(&read_as.as_str())
            || HOST_PREFIXES.iter().any(|prefix| read_as.starts_with(prefix));
        if own || hosts {
            return Err(refused(format!(
                "header `{}` is the host's to set",
                header.escape_debug()
            )));
        }
        self.header_bytes += header.len() + value.len();
        if self.headers.len() == HEADERS || self.header_bytes > HEADER_BYTES {
            let most = limits::bytes(HEADER_BYTES);
            return Err(refused(format!(
                "a request has at most {HEADERS} headers of {most} together"
            )));
        }
        let malformed = |what: &str| refused(format!("header `{}`: {what}", header.escape_debug()));
        let name = HeaderName::from_bytes(header.as_bytes())
            .map_err(|_| malformed("a name is made of letters, digits and `-`"))?;
        let value = HeaderValue::from_bytes(&value)
            .map_err(|_| malformed("a value is one line, without control characters"))?;
        self.headers.push((name, value));
        Ok(self)
    }

    pub(crate) fn body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn quiet(mut self, quiet: Option<Quiet>) -> Self {
        self.quiet = quiet;
        self
    }

    pub(crate) async fn send(
        self,
        clients: &Clients,
        secrets: &Mask,
        limit: usize,
    ) -> Result<Answer, Failure> {
        let (what, timeout) = (self.what, self.timeout);
        let client = clients
            .of(self.endpoint)
            .map_err(|problem| Failure::new(FailureKind::Failed, format!("{what}: {problem}")))?;
        let mut request = client.request(self.method, self.url);
        for (header, value) in self.headers {
            request = request.header(header, value);
        }
        for (header, value) in &self.endpoint.headers {
            request = request.header(header, value.reveal());
        }
        if let Some(fence) = &self.endpoint.fence {
            request = request
                .header(SCOPE_HEADER, &fence.scope)
                .header(FENCE_HEADER, fence.token);
        }
        let mut token = None;
        if let Some(source) = &self.endpoint.token {
            let now = source.token().await?;
            request = request.bearer_auth(now.reveal());
            token = Some(now);
        }
        request = self.body.of(request);
        let mask = Masks { secrets, token };
        let late = || {
            let problem = format!("{what} did not answer within {} s", timeout.as_secs_f64());
            Failure::new(FailureKind::Unavailable, problem)
        };
        let until = Instant::now() + timeout;
        let began = async {
            request
                .send()
                .await
                .map_err(|error| unreachable(&what, &mask, error))
        };
        let response = match &self.quiet {
            None => timeout_at(until, began).await.map_err(|_| late())??,
            Some(quiet) => tokio::select! {
                began = timeout_at(until, began) => began.map_err(|_| late())??,
                () = quiet.any_told() => {
                    let problem = format!("{what} had not begun to answer when another was answered");
                    return Err(Failure::new(FailureKind::Unavailable, problem));
                }
            },
        };
        let reading = Reading {
            what: &what,
            mask: &mask,
            limit,
        };
        let (status, headers) = (response.status().as_u16(), reading.headers(&response));
        let body = match &self.quiet {
            None => timeout_at(until, reading.whole(response))
                .await
                .map_err(|_| late())??,
            Some(quiet) => reading.piece(response, quiet, until).await?,
        };
        let content_type = headers.iter().find(|(header, _)| header == "content-type");
        let searched = Searched {
            path: &self.path,
            content_type: content_type.map_or("", |(_, value)| value),
            body: &body,
        };
        let withheld = self.endpoint.withheld.as_ref();
        let without = withheld
            .map(|withheld| withheld.withhold(&searched))
            .transpose()?;
        let body = mask.bytes(&without.flatten().unwrap_or(body));
        Ok(Answer {
            status,
            headers,
            body,
        })
    }
}

/// The call's secrets, and the token of this very request.
struct Masks<'a> {
    secrets: &'a Mask,
    token: Option<Secret>,
}

impl Masks<'_> {
    fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let masked = self.secrets.mask(bytes);
        match &self.token {
            None => masked,
            Some(token) => Mask::only(token).mask(&masked),
        }
    }

    /// Up to where no secret begins that is cut off at the end.
    fn whole(&self, bytes: &[u8]) -> usize {
        let token = self.token.as_ref().map(Mask::only);
        let own = token.map_or(bytes.len(), |token| token.whole(bytes));
        own.min(self.secrets.whole(bytes))
    }

    fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }
}

struct Reading<'a> {
    what: &'a str,
    mask: &'a Masks<'a>,
    limit: usize,
}

impl Reading<'_> {
    fn headers(&self, response: &Response) -> Vec<(String, String)> {
        let text = |value: &HeaderValue| self.mask.text(&String::from_utf8_lossy(value.as_bytes()));
        let headers = response.headers().iter();
        headers
            .map(|(header, value)| (header.as_str().to_owned(), text(value)))
            .collect()
    }

    async fn whole(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk(&mut response).await? {
            self.add(&mut body, &chunk)?;
        }
        Ok(body)
    }

    /// The lines that have come by the time that no more come, or that is up.
    async fn piece(&self, mut response: Response, quiet: &Quiet, until: Instant) -> Result<Vec<u8>, Failure> {
        let (mut body, mut lines) = (Vec::new(), 0);
        loop {
            let end = match lines {
                0 => until,
                PIECE.. => break,
                _ => until.min(Instant::now() + quiet.pause),
            };
            let chunk = tokio::select! {
                chunk = timeout_at(end, self.chunk(&mut response)) => chunk,
                () = quiet.any_told() => break,
            };
            match chunk {
                Ok(Ok(Some(chunk))) => self.add(&mut body, &chunk)?,
                Ok(Ok(None)) => {
                    lines = body.len();
                    break;
                }
                Ok(Err(failure)) if lines == 0 => return Err(failure),
                // The lines that have come are the answer, however it ended.
                Ok(Err(_)) | Err(_) => break,
            }
            lines = body
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
        }
        quiet.told();
        // A secret in half a line could not be masked.
        body.truncate(lines);
        body.truncate(self.mask.whole(&body));
        Ok(body)
    }

    async fn chunk(&self, response: &mut Response) -> Result<Option<Bytes>, Failure> {
        let chunk = response.chunk().await;
        chunk.map_err(|error| unreachable(self.what, self.mask, error))
    }

    fn add(&self, body: &mut Vec<u8>, chunk: &[u8]) -> Result<(), Failure> {
        if body.len() + chunk.len() > self.limit {
            let problem = format!("{} answered more than {}", self.what, limits::bytes(self.limit));
            return Err(Failure::new(FailureKind::Failed, problem));
        }
        body.extend_from_slice(chunk);
        Ok(())
    }
}

/// With every cause, and without the address, which is not the plugin's to know.
fn unreachable(what: &str, mask: &Masks<'_>, error: reqwest::Error) -> Failure {
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

//! The HTTP client: time limits, redirects, retries, and answers turned into causes.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{AUTHORIZATION, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    redirect,
};
use url::Url;

use super::{
    auth::{self, Challenge},
    turns::Turns,
};
use crate::{
    credentials::Credentials,
    error::{Cause, Error, Result},
    retry::Patience,
};

/// How much of an error's body is read.
const MESSAGE_LIMIT: u64 = 16 * 1024;
const REDIRECTS: usize = 5;

/// Connections, credentials and tokens. Cheap to clone; one is enough for a process.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    credentials: Box<dyn Credentials>,
    /// Values of `Authorization` that worked, by host and scope.
    authorizations: Mutex<HashMap<(String, Vec<String>), HeaderValue>>,
    patience: Patience,
    turns: Turns,
}

/// On whose behalf a request is made: which host gets which credentials, for what.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// As the registry's address has it; the credentials are looked up by it.
    pub(crate) host: String,
    pub(crate) origin: Url,
    pub(crate) scopes: Vec<String>,
}

impl Client {
    pub fn new(credentials: impl Credentials + 'static, patience: Patience) -> Result<Self> {
        // Fails only where the program has chosen a provider already, which is as good.
        rustls::crypto::ring::default_provider().install_default().ok();
        let builder = || {
            reqwest::Client::builder()
                .user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(patience.connect)
                .redirect(redirect::Policy::custom(redirected))
        };
        // On a machine without any certificates plain HTTP still works; TLS will say that the issuer is unknown.
        let http = builder()
            .build()
            .or_else(|_| builder().tls_certs_only([]).build());
        let http = http.map_err(|error| Error::new("make", "an HTTP client", network(error)))?;
        let credentials = Box::new(credentials);
        Ok(Self(Arc::new(Inner {
            http,
            credentials,
            authorizations: Mutex::default(),
            patience,
            turns: Turns::default(),
        })))
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.0.turns
    }

    pub(crate) fn patience(&self) -> &Patience {
        &self.0.patience
    }

    /// Sends a request without a streamed body until it succeeds or fails for good. `accepted` are statuses beside
    /// the 2xx that the caller understands.
    pub(crate) async fn send(
        &self,
        access: &Access,
        accepted: &[u16],
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Response, Cause> {
        self.0
            .patience
            .retry(|| async {
                self.check(access, accepted, self.ask(access, &request).await?)
                    .await
            })
            .await
    }

    /// One request; if it is refused for want of credentials, once more with them.
    pub(crate) async fn ask(
        &self,
        access: &Access,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Response, Cause> {
        let idle = self.0.patience.idle;
        let send = async |authorization: Option<HeaderValue>| {
            let request = match authorization {
                Some(value) => request(&self.0.http).header(AUTHORIZATION, value),
                None => request(&self.0.http),
            };
            tokio::time::timeout(idle, request.send())
                .await
                .map_err(|_| Cause::Idle(idle))?
                .map_err(network)
        };
        let response = send(self.authorization(access)).await?;
        if response.status() != StatusCode::UNAUTHORIZED || !access.owns(response.url()) {
            return Ok(response);
        }
        match self.authorize(access, &response).await? {
            Some(authorization) => send(Some(authorization)).await,
            None => Ok(response),
        }
    }

    /// One request whose streamed body cannot be sent again: what authorises it must be known by now.
    pub(crate) fn start(
        &self,
        access: &Access,
        url: &Url,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> RequestBuilder {
        let authorization = self.authorization(access).filter(|_| access.owns(url));
        let request = request(&self.0.http);
        match authorization {
            Some(value) => request.header(AUTHORIZATION, value),
            None => request,
        }
    }

    /// Forgets what authorised us, say because it expired.
    pub(crate) fn forget(&self, access: &Access) {
        self.authorizations().remove(&access.key());
    }

    /// A success, or a status that the caller understands; everything else is a cause.
    pub(crate) async fn check(
        &self,
        access: &Access,
        accepted: &[u16],
        response: Response,
    ) -> Result<Response, Cause> {
        let status = response.status();
        if status.is_success() || accepted.contains(&status.as_u16()) {
            return Ok(response);
        }
        let host = access.host.clone();
        let retry_after = header(&response, RETRY_AFTER)
            .and_then(|value| value.parse().ok())
            .map(Duration::from_secs);
        let body = self.body(response, MESSAGE_LIMIT).await.unwrap_or_default();
        let message = message(&body);
        Err(match status.as_u16() {
            401 if self.0.credentials.login(&host).is_none() => Cause::NoCredentials { host },
            401 => Cause::BadCredentials { host, message },
            403 => Cause::Forbidden {
                known: self.0.credentials.login(&host).is_some(),
                host,
                message,
            },
            404 => Cause::NotFound { detail: message },
            status => Cause::Status {
                status,
                message,
                retry_after,
            },
        })
    }

    /// A small body, with the limits on size and time that everything from outside has.
    pub(crate) async fn body(&self, mut response: Response, limit: u64) -> Result<Bytes, Cause> {
        let idle = self.0.patience.idle;
        let mut body = BytesMut::new();
        loop {
            let piece = tokio::time::timeout(idle, response.chunk())
                .await
                .map_err(|_| Cause::Idle(idle))?;
            let Some(piece) = piece.map_err(network)? else {
                return Ok(body.freeze());
            };
            if (body.len() + piece.len()) as u64 > limit {
                return Err(Cause::TooLarge { limit });
            }
            body.extend_from_slice(&piece);
        }
    }

    fn authorization(&self, access: &Access) -> Option<HeaderValue> {
        self.authorizations().get(&access.key()).cloned()
    }

    /// Answers a server's challenge. None if there is nothing to answer it with.
    async fn authorize(&self, access: &Access, response: &Response) -> Result<Option<HeaderValue>, Cause> {
        let challenges = response.headers().get_all(WWW_AUTHENTICATE);
        let Some(challenge) = challenges
            .iter()
            .filter_map(|value| Challenge::parse(value.to_str().ok()?))
            .max()
        else {
            return Ok(None);
        };
        let login = self.0.credentials.login(&access.host);
        let value = match &challenge {
            Challenge::Basic => match &login {
                Some(login) => login.basic(),
                None => return Ok(None),
            },
            Challenge::Bearer { realm, service } => {
                let url = auth::token_url(realm, service.as_deref(), &access.scopes, &access.origin)?;
                let request = self.0.http.get(url);
                let request = match &login {
                    Some(login) => request.header(AUTHORIZATION, login.basic()),
                    None => request,
                };
                let idle = self.0.patience.idle;
                let answer = tokio::time::timeout(idle, request.send()).await;
                let answer = answer.map_err(|_| Cause::Idle(idle))?.map_err(network)?;
                let answer = self.check(access, &[], answer).await?;
                auth::token(&self.body(answer, 64 * 1024).await?)?
            }
        };
        let mut value = HeaderValue::from_str(&value)
            .map_err(|_| Cause::Malformed("a token that no header can carry".to_owned()))?;
        value.set_sensitive(true);
        self.authorizations().insert(access.key(), value.clone());
        Ok(Some(value))
    }

    fn authorizations(&self) -> std::sync::MutexGuard<'_, HashMap<(String, Vec<String>), HeaderValue>> {
        self.0
            .authorizations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Access {
    fn owns(&self, url: &Url) -> bool {
        url.origin() == self.origin.origin()
    }

    fn key(&self) -> (String, Vec<String>) {
        (self.origin.as_str().to_owned(), self.scopes.clone())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("patience", &self.0.patience)
            .finish_non_exhaustive()
    }
}

/// `Authorization` is dropped by the library where host, port or scheme change; TLS may not be dropped either.
fn redirected(attempt: redirect::Attempt<'_>) -> redirect::Action {
    let downgrade = attempt
        .previous()
        .last()
        .is_some_and(|last| last.scheme() == "https")
        && attempt.url().scheme() != "https";
    if downgrade {
        attempt.error("redirected from https to http, which is refused")
    } else if attempt.previous().len() > REDIRECTS {
        attempt.error("redirected too often")
    } else {
        attempt.follow()
    }
}

/// The innermost reason, without the URL, which may be signed.
pub(crate) fn network(error: reqwest::Error) -> Cause {
    let error = error.without_url();
    let mut reason: &dyn std::error::Error = &error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    if is_tls(reason) {
        return Cause::Tls(printable(&reason.to_string()));
    }
    let step = if error.is_connect() {
        "cannot connect: "
    } else if error.is_redirect() {
        return Cause::Unsupported(reason.to_string());
    } else if error.is_body() || error.is_decode() {
        "the connection broke: "
    } else {
        ""
    };
    Cause::Network(format!("{step}{}", printable(&reason.to_string())))
}

/// TLS failures come wrapped in I/O errors, which do not give them as their source.
fn is_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    let inner = error.downcast_ref().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || inner.is_some_and(|inner| is_tls(inner))
}

pub(crate) fn header(response: &Response, name: HeaderName) -> Option<&str> {
    response.headers().get(name)?.to_str().ok()
}

/// What the registry says of its error, for a person: short, on one line, and nothing a terminal would obey.
fn message(body: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct Body {
        errors: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        code: Option<String>,
        message: Option<String>,
    }
    let text = match serde_json::from_slice::<Body>(body) {
        Ok(body) => {
            let entry = |entry: &Entry| match (&entry.message, &entry.code) {
                (Some(message), Some(code)) => format!("{message} ({code})"),
                (message, code) => message.clone().or_else(|| code.clone()).unwrap_or_default(),
            };
            body.errors.iter().map(entry).collect::<Vec<_>>().join("; ")
        }
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    };
    let text = printable(&text);
    if text.is_empty() {
        text
    } else {
        format!(": {text}")
    }
}

fn printable(text: &str) -> String {
    let words: Vec<_> = text
        .split(|letter: char| letter.is_control() || letter == ' ')
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(200).collect()
}

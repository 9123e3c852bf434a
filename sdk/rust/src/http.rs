//! JSON over HTTP to a granted endpoint: what most targets and routers do all day. An answer that is no success
//! becomes a failure of the kind that its status means, with the words of the answer. For anything else there is
//! the capability itself, [`send`].

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{EffectClass, Failure, FailureKind, settings::print};

pub use crate::capabilities::http::{Archived, Content, Request, Response, send, send_all};

const TIMEOUT_MS: u32 = 30_000;

/// A granted endpoint, by its name.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint(pub &'static str);

impl Endpoint {
    pub fn get(self, path: &str) -> Result<Response, Failure> {
        self.call("GET", path, Vec::new(), TIMEOUT_MS)
    }

    pub fn get_json<T: DeserializeOwned>(self, path: &str) -> Result<T, Failure> {
        self.get(path)?.json()
    }

    /// None if it is not there.
    pub fn find_json<T: DeserializeOwned>(self, path: &str) -> Result<Option<T>, Failure> {
        let response = self.raw("GET", path, Vec::new(), TIMEOUT_MS)?;
        if response.status == 404 {
            Ok(None)
        } else {
            response.success("GET", path)?.json().map(Some)
        }
    }

    pub fn put_json<T: Serialize>(self, path: &str, body: &T) -> Result<Response, Failure> {
        self.call("PUT", path, print("the request", body)?.into_bytes(), TIMEOUT_MS)
    }

    /// A blob of the call, however large: it is streamed by the host.
    pub fn put_blob(self, path: &str, blob: &str, timeout_ms: u32) -> Result<Response, Failure> {
        let content = Content::Blob(blob.to_owned());
        let request = request("PUT", path, content, "application/octet-stream", timeout_ms);
        self.sent(request)?.success("PUT", path)
    }

    /// Ends what the path names, which may take until `timeout_ms`.
    pub fn delete(self, path: &str, timeout_ms: u32) -> Result<Response, Failure> {
        self.call("DELETE", path, Vec::new(), timeout_ms)
    }

    /// The same where nothing there is as good.
    pub fn remove(self, path: &str, timeout_ms: u32) -> Result<(), Failure> {
        let response = self.raw("DELETE", path, Vec::new(), timeout_ms)?;
        if response.status == 404 {
            Ok(())
        } else {
            response.success("DELETE", path).map(drop)
        }
    }

    /// Many at the same time, none of them `once`; the answers are in the order of the requests.
    pub fn send_all(self, requests: &[Request]) -> Result<Vec<Result<Response, Failure>>, Failure> {
        send_all(self.0, requests)
    }

    fn call(self, method: &str, path: &str, body: Vec<u8>, timeout_ms: u32) -> Result<Response, Failure> {
        self.raw(method, path, body, timeout_ms)?.success(method, path)
    }

    fn raw(self, method: &str, path: &str, body: Vec<u8>, timeout_ms: u32) -> Result<Response, Failure> {
        let content = Content::Bytes(body);
        self.sent(request(method, path, content, "application/json", timeout_ms))
    }

    fn sent(self, request: Request) -> Result<Response, Failure> {
        let what = || format!("{} {}", request.method, request.path);
        send(self.0, &request).map_err(|failure| failure.while_doing(&what()))
    }
}

impl Response {
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Failure::failed(format!("the answer is not what was expected: {error}")))
    }

    /// The first header of a name that was given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Itself if the status says success.
    pub fn success(self, method: &str, path: &str) -> Result<Self, Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let kind = kind(self.status);
        let words = words(&self.body);
        Err(Failure::new(
            kind,
            format!("{method} {path} was answered {}: {words}", self.status),
        ))
    }
}

/// One segment of a path or value of a query, with everything escaped that means something there.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

fn request(method: &str, path: &str, body: Content, content_type: &str, timeout_ms: u32) -> Request {
    let effect = if method == "GET" {
        EffectClass::Read
    } else {
        EffectClass::Idempotent
    };
    let headers = match &body {
        Content::Bytes(bytes) if bytes.is_empty() => Vec::new(),
        _ => vec![("content-type".to_owned(), content_type.to_owned())],
    };
    Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers,
        body,
        timeout_ms,
        quiet_ms: 0,
        effect,
    }
}

fn kind(status: u16) -> FailureKind {
    match status {
        400 | 422 => FailureKind::Invalid,
        401 | 403 | 409 | 412 => FailureKind::Refused,
        405 | 501 => FailureKind::Unsupported,
        408 | 429 | 500..=599 => FailureKind::Unavailable,
        _ => FailureKind::Failed,
    }
}

/// What an error's body says to a person: the usual fields of JSON, otherwise its first line.
fn words(body: &[u8]) -> String {
    let json = serde_json::from_slice::<Value>(body).ok();
    let field = |name| {
        json.as_ref()
            .and_then(|json| json.get(name))
            .and_then(Value::as_str)
    };
    let text = field("error").or_else(|| field("message")).map(str::to_owned);
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        "no explanation".to_owned()
    } else {
        line.chars().take(500).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_no_success_is_a_failure_in_its_own_words() {
        let check = |status, body: &str, kind, message: &str| {
            let response = Response {
                status,
                headers: Vec::new(),
                body: body.into(),
            };
            let failure = response.success("PUT", "/v1/x").unwrap_err();
            assert_eq!((failure.kind, failure.message.as_str()), (kind, message));
        };
        check(
            422,
            r#"{"error":"port 80 is taken"}"#,
            FailureKind::Invalid,
            "PUT /v1/x was answered 422: port 80 is taken",
        );
        check(
            409,
            r#"{"message":"another"}"#,
            FailureKind::Refused,
            "PUT /v1/x was answered 409: another",
        );
        check(
            503,
            "busy\nsecond line",
            FailureKind::Unavailable,
            "PUT /v1/x was answered 503: busy",
        );
        check(
            301,
            "",
            FailureKind::Failed,
            "PUT /v1/x was answered 301: no explanation",
        );
    }

    #[test]
    fn a_success_is_itself() {
        let headers = vec![("Next-Offset".to_owned(), "7".to_owned())];
        let response = Response {
            status: 201,
            headers,
            body: b"[1]".to_vec(),
        }
        .success("GET", "/")
        .unwrap();
        assert_eq!(response.header("next-offset"), Some("7"));
        assert_eq!(response.json::<Vec<u8>>(), Ok(vec![1]));
    }

    #[test]
    fn escaped() {
        assert_eq!(escape("a b/ä?&=~1"), "a%20b%2F%C3%A4%3F%26%3D~1");
    }
}

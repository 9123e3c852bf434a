//! One HTTP client for checks and metrics: no redirects, no proxies, bounded answers.

use std::{sync::OnceLock, time::Duration};

use futures_util::StreamExt as _;

const LIMIT: usize = 1 << 20;

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// A request to an address of an instance or endpoint; the error says what did not work, for a person.
pub(super) async fn send(
    method: &str,
    url: &str,
    headers: impl Iterator<Item = (&str, &str)>,
    timeout: Duration,
) -> Result<Answer, String> {
    static CLIENT: OnceLock<reqwest::Client> = OnceLock::new();
    let client = match CLIENT.get() {
        Some(client) => client,
        None => CLIENT.get_or_init(client),
    };
    let method =
        reqwest::Method::from_bytes(method.as_bytes()).map_err(|_| format!("`{method}` is no method"))?;
    let request = headers.fold(
        client.request(method, url).timeout(timeout),
        |request, (name, value)| request.header(name, value),
    );
    let words = |error: reqwest::Error| {
        if error.is_timeout() {
            return format!("no answer from {url} within {} ms", timeout.as_millis());
        }
        let mut source: &dyn std::error::Error = &error;
        while let Some(inner) = source.source() {
            source = inner;
        }
        format!("{url}: {source}")
    };
    let response = request.send().await.map_err(words)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(words)?;
        if body.len() + piece.len() > LIMIT {
            return Err(format!("{url}: the answer is larger than {LIMIT} bytes"));
        }
        body.extend_from_slice(&piece);
    }
    Ok(Answer { status, body })
}

fn client() -> reqwest::Client {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    builder
        .build()
        .expect("a client without certificates of its own can always be built")
}

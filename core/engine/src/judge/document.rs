//! Numbers in JSON documents, of instances and of endpoints.

use slipway_plugin::{Endpoint, Http, HttpAnswer};

use super::{
    metrics::{TIMEOUT, ask},
    reach::{Reach, shown},
};
use crate::program::excerpt;

/// The number where a pointer leads to in a JSON document of an endpoint.
pub(crate) async fn document(
    http: &dyn Http,
    endpoint: &Endpoint,
    path: &str,
    pointer: &str,
) -> Result<f64, String> {
    let (server, answer) = ask(http, endpoint, path.to_owned()).await?;
    number(&answer, &format!("{server}{path}"), pointer)
}

/// The same of an instance.
pub(crate) async fn document_of(
    reach: &Reach<'_>,
    address: &str,
    path: &str,
    pointer: &str,
) -> Result<f64, String> {
    let answer = reach.ask(address, ("GET", path), Vec::new(), TIMEOUT).await?;
    number(&answer, &shown(address, path), pointer)
}

fn number(answer: &HttpAnswer, url: &str, pointer: &str) -> Result<f64, String> {
    if answer.status != 200 {
        return Err(format!("{url} answers {}", answer.status));
    }
    let document: serde_json::Value = serde_json::from_slice(&answer.body)
        .map_err(|error| format!("{url}: the body is no JSON: {error}"))?;
    let found = document.pointer(pointer);
    let number = found.and_then(serde_json::Value::as_f64);
    number.ok_or_else(|| match found {
        None => format!("{url}: `{pointer}` is missing"),
        Some(other) => format!("{url}: `{pointer}` is no number: {}", excerpt(&other.to_string())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_documents() {
        let answer = |status, body: &str| HttpAnswer {
            status,
            body: body.as_bytes().to_vec(),
        };
        let body = r#"{"orders": {"failed": 3, "state": "well"}}"#;
        let check = |status, body, pointer, expected: Result<f64, &str>| {
            let found = number(&answer(status, body), "http://a", pointer);
            assert_eq!(found, expected.map_err(str::to_owned));
        };
        check(200, body, "/orders/failed", Ok(3.0));
        check(200, "17", "", Ok(17.0));
        check(
            200,
            body,
            "/orders/none",
            Err("http://a: `/orders/none` is missing"),
        );
        check(
            200,
            body,
            "/orders/state",
            Err("http://a: `/orders/state` is no number: \"well\""),
        );
        check(503, body, "/orders/failed", Err("http://a answers 503"));
        assert!(number(&answer(200, "<html>"), "http://a", "").is_err());
    }
}

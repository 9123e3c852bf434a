//! Measured values, and those of a Prometheus server.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use slipway_judge::Tally;
use slipway_plugin::{Address, Endpoint, Http, HttpAnswer, HttpRequest};
use url::form_urlencoded;

pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// What one look at a source brought.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tallies: Vec<Tally>,
    /// What there is to show for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) example: Option<String>,
}

impl Measured {
    /// What is no number is no evidence.
    pub(crate) fn value(value: f64) -> Self {
        Self {
            values: Some(value)
                .filter(|value| value.is_finite())
                .into_iter()
                .collect(),
            ..Self::default()
        }
    }
}

/// The largest value of an instant query; nothing where there is no series, or none with a number.
pub(crate) async fn query(http: &dyn Http, endpoint: &Endpoint, query: &str) -> Result<Option<f64>, String> {
    let asked = form_urlencoded::Serializer::new(String::new())
        .append_pair("query", query)
        .finish();
    let (server, answer) = ask(http, endpoint, format!("/api/v1/query?{asked}")).await?;
    let document: serde_json::Value = serde_json::from_slice(&answer.body)
        .map_err(|_| format!("{server} answers {} without JSON", answer.status))?;
    if document["status"] != "success" {
        return Err(format!(
            "{server}: {}",
            document["error"].as_str().unwrap_or("the query failed")
        ));
    }
    let number = |value: &serde_json::Value| value.get(1)?.as_str()?.parse::<f64>().ok();
    let result = &document["data"]["result"];
    let values: Vec<f64> = match document["data"]["resultType"].as_str() {
        Some("scalar") => number(result).into_iter().collect(),
        _ => result
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|series| number(&series["value"]))
            .collect(),
    };
    let finite = values.into_iter().filter(|value| value.is_finite());
    Ok(finite.reduce(f64::max))
}

/// An endpoint, which the host knows the credentials of.
pub(super) async fn ask(
    http: &dyn Http,
    endpoint: &Endpoint,
    path: String,
) -> Result<(String, HttpAnswer), String> {
    let Address::Url(_) = &endpoint.address else {
        return Err("what is measured is reached by a URL".to_owned());
    };
    let request = HttpRequest {
        method: "GET".to_owned(),
        path,
        headers: Vec::new(),
        timeout: TIMEOUT,
    };
    let server = endpoint.address.to_string();
    let answer = http.send(&server, endpoint, request).await;
    Ok((server, answer.map_err(|failure| failure.message)?))
}

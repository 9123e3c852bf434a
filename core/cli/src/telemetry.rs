//! OpenTelemetry, by its standard variables: OTLP over HTTP, in JSON. Nothing is sent unless one of them names a collector, and
//! whether that answers is nothing that a run waits for.

use std::{env, time::Duration};

use reqwest::{Client, header::CONTENT_TYPE};
use serde_json::{Value, json};
use slipway_journal::Record;
use slipway_report::{RunLine, otlp_metrics, otlp_trace};

/// May hold credentials of the collector.
pub(crate) const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";

/// Unless `OTEL_EXPORTER_OTLP_TIMEOUT` says otherwise. For all requests of a run together.
const TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    traces: Option<String>,
    metrics: Option<String>,
    /// May be credentials.
    headers: Vec<(String, String)>,
    timeout: Duration,
    resource: Vec<(String, String)>,
}

/// What lets us in at the collector.
pub(crate) fn credentials() -> Vec<String> {
    let headers = env::var(HEADERS).map(|text| pairs(&text)).unwrap_or_default();
    headers.into_iter().map(|(_, value)| value).collect()
}

impl Settings {
    /// None if nobody is to be told.
    pub(crate) fn of_environment() -> Option<Self> {
        Self::of(|name| env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        if variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return None;
        }
        let base = variable("OTEL_EXPORTER_OTLP_ENDPOINT");
        let endpoint = |signal: &str| {
            let upper = signal.to_uppercase();
            if variable(&format!("OTEL_{upper}_EXPORTER")).is_some_and(|value| value == "none") {
                return None;
            }
            let own = variable(&format!("OTEL_EXPORTER_OTLP_{upper}_ENDPOINT"));
            let below = |base: &String| format!("{}/v1/{signal}", base.trim_end_matches('/'));
            own.or_else(|| base.as_ref().map(below))
        };
        let (traces, metrics) = (endpoint("traces"), endpoint("metrics"));
        if traces.is_none() && metrics.is_none() {
            return None;
        }
        let pairs = |name| variable(name).map(|text| pairs(&text)).unwrap_or_default();
        let mut resource = pairs("OTEL_RESOURCE_ATTRIBUTES");
        let name = variable("OTEL_SERVICE_NAME");
        let named = resource.iter().any(|(key, _)| key == "service.name");
        if name.is_some() || !named {
            resource.retain(|(key, _)| key != "service.name");
            resource.push((
                "service.name".to_owned(),
                name.unwrap_or_else(|| "slipway".to_owned()),
            ));
        }
        let timeout = variable("OTEL_EXPORTER_OTLP_TIMEOUT").and_then(|text| text.parse().ok());
        Some(Self {
            traces,
            metrics,
            headers: pairs(HEADERS),
            timeout: timeout.map_or(TIMEOUT, Duration::from_millis),
            resource,
        })
    }
}

/// The error says why, without what lets us in.
pub(crate) async fn send(settings: &Settings, run: &RunLine, records: &[Record]) -> Result<(), String> {
    let resource = settings.resource.iter();
    let resource = resource.map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } }));
    let resource = json!({ "attributes": resource.collect::<Vec<_>>() });
    let client = Client::builder().user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")));
    let client = client.build().map_err(|error| error.to_string())?;
    let all = async {
        if let Some(url) = &settings.traces {
            for part in otlp_trace(run, records, &resource) {
                post(&client, settings, url, &part).await?;
            }
        }
        if let Some(url) = &settings.metrics {
            post(&client, settings, url, &otlp_metrics(run, records, &resource)).await?;
        }
        Ok(())
    };
    let late = |_| Err(format!("no answer within {} ms", settings.timeout.as_millis()));
    tokio::time::timeout(settings.timeout, all)
        .await
        .unwrap_or_else(late)
}

async fn post(client: &Client, settings: &Settings, url: &str, body: &Value) -> Result<(), String> {
    let mut request = client
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string());
    for (name, value) in &settings.headers {
        request = request.header(name, value);
    }
    // A URL may have a password in it.
    let answer = request
        .send()
        .await
        .map_err(|error| reason(&error.without_url()))?;
    match answer.status() {
        status if status.is_success() => Ok(()),
        status => Err(format!("the collector answers {status}")),
    }
}

/// With what is below it, which is what has happened.
fn reason(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// `a=b,c=d`, escaped as in a URL.
fn pairs(text: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let decoded = percent_encoding::percent_decode_str(text.trim());
        decoded.decode_utf8_lossy().into_owned()
    };
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(key, value)| (plain(key), plain(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Option<Settings> {
        Settings::of(|wanted| {
            let mut found = variables.iter().filter(|(name, _)| *name == wanted);
            found.next().map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn who_is_told_where() {
        assert_eq!(settings(&[]), None);
        assert_eq!(settings(&[("OTEL_SERVICE_NAME", "a")]), None);
        let base = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/");
        assert_eq!(settings(&[base, ("OTEL_SDK_DISABLED", "true")]), None);
        let told = settings(&[
            base,
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces/as-it-is"),
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                "authorization=Bearer%20a%2Cb, x-team = shop",
            ),
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.name=ci,deployment.environment=prod",
            ),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "250"),
        ])
        .unwrap();
        assert_eq!(told.traces.as_deref(), Some("http://traces/as-it-is"));
        assert_eq!(told.metrics.as_deref(), Some("http://collector:4318/v1/metrics"));
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            told.headers,
            [pair("authorization", "Bearer a,b"), pair("x-team", "shop")]
        );
        assert_eq!(told.resource[0], pair("service.name", "ci"));
        assert_eq!(told.timeout, Duration::from_millis(250));
        let traces_alone = settings(&[base, ("OTEL_METRICS_EXPORTER", "none")]).unwrap();
        assert_eq!(traces_alone.metrics, None);
        assert_eq!(traces_alone.resource, [pair("service.name", "slipway")]);
    }
}

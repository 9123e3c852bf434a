//! Checks and analyses, with their defaults.

use slipway_model::Duration;

use super::plain::{plain, text};
use crate::{
    Analysis, BodyMatch, Check, Direction, Evidence, HttpProbe, JsonExpectation, LogBounds, MetricBounds,
    MetricSource, OnInconclusive, Port, Probe, Runner, written,
};

const TIMEOUT: Duration = Duration::from_secs(10);
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);
const CHECK_INTERVAL: Duration = Duration::from_secs(5);
const ANALYSIS_INTERVAL: Duration = Duration::from_secs(10);

pub(super) fn check(name: &str, written: &written::Check) -> Option<Check> {
    let (probe, timeout) = if let Some(http) = &written.http {
        (
            Probe::Http(Box::new(http_probe(&http.value)?)),
            at(&http.value.timeout, TIMEOUT),
        )
    } else if let Some(tcp) = &written.tcp {
        let port = tcp.value.port.as_ref()?.value.clone();
        (Probe::Tcp { port }, at(&tcp.value.timeout, TIMEOUT))
    } else {
        let command = &written.command.as_ref()?.value;
        let runner = at(&command.runner, Runner::Operator);
        (
            Probe::Command {
                run: plain(command.run.as_ref()),
                runner,
            },
            at(&command.timeout, COMMAND_TIMEOUT),
        )
    };
    Some(Check {
        name: name.to_owned(),
        probe,
        timeout,
        retries: at(&written.retries, 2),
        interval: at(&written.interval, CHECK_INTERVAL),
    })
}

pub(super) fn analysis(name: &str, written: &written::Analysis) -> Option<Analysis> {
    let (evidence, min_sample) = if let Some(logs) = &written.logs {
        (log_evidence(&logs.value), at(&logs.value.min_sample, 1))
    } else {
        let metrics = &written.metrics.as_ref()?.value;
        (metric_evidence(metrics)?, at(&metrics.min_sample, 1))
    };
    let interval = at(&written.interval, ANALYSIS_INTERVAL);
    Some(Analysis {
        name: name.to_owned(),
        evidence,
        min_sample,
        interval,
        confidence: percent(&written.confidence),
        tolerance: percent(&written.tolerance),
        extend: at(&written.extend, Duration::default()),
        inconclusive: at(&written.inconclusive, OnInconclusive::default()),
    })
}

fn percent(slot: &Option<crate::decode::At<f64>>) -> Option<f64> {
    slot.as_ref().map(|at| at.value / 100.0)
}

fn http_probe(http: &written::Http) -> Option<HttpProbe> {
    let body = http.body.as_ref().map(|body| &body.value);
    let contains = body
        .and_then(|body| text(&body.contains))
        .map(BodyMatch::Contains);
    let regex = body
        .and_then(|body| body.regex.as_ref())
        .map(|regex| BodyMatch::Regex(regex.value.clone()));
    let expectation = |json: &written::JsonValue| {
        Some(JsonExpectation {
            pointer: text(&json.pointer)?,
            equals: json.equals.as_ref()?.value.0.clone(),
        })
    };
    let headers = http.headers.iter().flat_map(|headers| &headers.value.0);
    Some(HttpProbe {
        path: text(&http.path)?,
        port: port(&http.port),
        method: text(&http.method).map_or_else(|| "GET".to_owned(), |method| method.to_ascii_uppercase()),
        headers: headers
            .map(|(name, value)| (name.clone(), value.value.clone()))
            .collect(),
        status: http.status.as_ref().map_or_else(
            || vec![200],
            |status| status.value.0.iter().map(|status| status.value).collect(),
        ),
        body: contains.or(regex),
        json: plain(http.json.as_ref())
            .iter()
            .map(expectation)
            .collect::<Option<_>>()?,
        max_latency: http.max_latency.as_ref().map(|latency| latency.value),
    })
}

fn log_evidence(logs: &written::Logs) -> Evidence {
    Evidence::Logs {
        pattern: logs.pattern.as_ref().map(|pattern| pattern.value.clone()),
        level: logs.level.as_ref().map(|level| level.value),
        bounds: LogBounds {
            max_count: logs.max_count.as_ref().map(|count| count.value),
            max_rate: logs.max_rate.as_ref().map(|rate| rate.value),
            no_worse_than: logs.no_worse_than.as_ref().map(|comparison| comparison.value),
            no_new: logs.no_new.as_ref().map(|comparison| comparison.value),
        },
    }
}

fn metric_evidence(metrics: &written::Metrics) -> Option<Evidence> {
    let source = match (&metrics.prometheus, &metrics.scrape) {
        (Some(endpoint), _) => MetricSource::Prometheus {
            endpoint: endpoint.value.clone(),
            query: text(&metrics.query)?,
        },
        (None, scrape) => {
            let scrape = &scrape.as_ref()?.value;
            let path = text(&scrape.path).unwrap_or_else(|| "/metrics".to_owned());
            MetricSource::Scrape {
                path,
                port: port(&scrape.port),
                metric: text(&metrics.metric)?,
            }
        }
    };
    let bounds = MetricBounds {
        min: metrics.min.as_ref().map(|bound| bound.value),
        max: metrics.max.as_ref().map(|bound| bound.value),
        no_worse_than: metrics.no_worse_than.as_ref().map(|comparison| comparison.value),
    };
    Some(Evidence::Metrics {
        source,
        bounds,
        direction: at(&metrics.direction, Direction::LowerIsBetter),
    })
}

fn port(port: &Option<crate::decode::At<Port>>) -> Port {
    port.as_ref()
        .map_or_else(|| Port::Named("http".to_owned()), |port| port.value.clone())
}

fn at<T: Copy>(slot: &Option<crate::decode::At<T>>, default: T) -> T {
    slot.as_ref().map_or(default, |at| at.value)
}

//! Analyses, with their defaults.

use slipway_model::Duration;

use super::{
    check::{PLUGIN_TIMEOUT, asked, at, port},
    plain::{plain, text},
};
use crate::{
    Analysis, Direction, Evidence, LogBounds, MetricBounds, MetricSource, OnInconclusive, TrafficBounds,
    TrafficEvents, ValueFrom, decode::At, written,
};

const INTERVAL: Duration = Duration::from_secs(10);
const EVERY: Duration = Duration::from_secs(1);
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// A share of fewer requests says nothing.
const REQUESTS: u64 = 50;

pub(super) fn analysis(name: &str, written: &written::Analysis) -> Option<Analysis> {
    let (evidence, min_sample) = if let Some(traffic) = &written.traffic {
        let traffic = &traffic.value;
        (traffic_evidence(traffic)?, at(&traffic.min_sample, REQUESTS))
    } else if let Some(logs) = &written.logs {
        (log_evidence(&logs.value), at(&logs.value.min_sample, 1))
    } else {
        let metrics = &written.metrics.as_ref()?.value;
        (metric_evidence(metrics)?, at(&metrics.min_sample, 1))
    };
    Some(Analysis {
        name: name.to_owned(),
        evidence,
        min_sample,
        interval: at(&written.interval, INTERVAL),
        critical: at(&written.critical, false),
        weight: at(&written.weight, 1),
        every: at(&written.every, EVERY),
        confidence: percent(&written.confidence),
        tolerance: percent(&written.tolerance),
        extend: at(&written.extend, Duration::default()),
        inconclusive: at(&written.inconclusive, OnInconclusive::default()),
    })
}

fn traffic_evidence(traffic: &written::Traffic) -> Option<Evidence> {
    let events = match (&traffic.errors, &traffic.slower_than) {
        (Some(classes), _) => {
            TrafficEvents::Errors(classes.value.0.iter().map(|class| class.value).collect())
        }
        (None, slower) => TrafficEvents::SlowerThan(slower.as_ref()?.value),
    };
    let bounds = TrafficBounds {
        max_share: percent(&traffic.max_percent),
        no_worse_than: value(&traffic.no_worse_than),
    };
    Some(Evidence::Traffic { events, bounds })
}

fn log_evidence(logs: &written::Logs) -> Evidence {
    Evidence::Logs {
        pattern: logs.pattern.as_ref().map(|pattern| pattern.value.clone()),
        level: value(&logs.level),
        value: text(&logs.value),
        bounds: LogBounds {
            max_count: value(&logs.max_count),
            max_rate: value(&logs.max_rate),
            no_worse_than: value(&logs.no_worse_than),
            no_new: value(&logs.no_new),
            max: value(&logs.max),
            quantile: value(&logs.quantile),
        },
    }
}

fn metric_evidence(metrics: &written::Metrics) -> Option<Evidence> {
    let bounds = MetricBounds {
        min: value(&metrics.min),
        max: value(&metrics.max),
        no_worse_than: value(&metrics.no_worse_than),
    };
    Some(Evidence::Metrics {
        source: source(metrics)?,
        bounds,
        direction: at(&metrics.direction, Direction::LowerIsBetter),
    })
}

fn source(metrics: &written::Metrics) -> Option<MetricSource> {
    if let Some(endpoint) = text(&metrics.prometheus) {
        let query = text(&metrics.query)?;
        return Some(MetricSource::Prometheus { endpoint, query });
    }
    if let Some(http) = &metrics.http {
        let http = &http.value;
        let from = match text(&http.endpoint) {
            Some(endpoint) => ValueFrom::Endpoint(endpoint),
            None => ValueFrom::Port(port(&http.port)),
        };
        return Some(MetricSource::Http {
            from,
            path: text(&http.path)?,
            pointer: text(&metrics.json)?,
        });
    }
    if let Some(command) = &metrics.command {
        return Some(MetricSource::Command {
            run: plain(command.value.run.as_ref()),
            timeout: at(&command.value.timeout, COMMAND_TIMEOUT),
        });
    }
    if let Some(plugin) = &metrics.plugin {
        return Some(MetricSource::Plugin {
            asked: asked(&plugin.value)?,
            timeout: PLUGIN_TIMEOUT,
        });
    }
    let scrape = &metrics.scrape.as_ref()?.value;
    Some(MetricSource::Scrape {
        path: text(&scrape.path).unwrap_or_else(|| "/metrics".to_owned()),
        port: port(&scrape.port),
        metric: text(&metrics.metric)?,
    })
}

fn percent(slot: &Option<At<f64>>) -> Option<f64> {
    value(slot).map(|percent| percent / 100.0)
}

fn value<T: Copy>(slot: &Option<At<T>>) -> Option<T> {
    slot.as_ref().map(|at| at.value)
}

//! Verdicts over time: which evidence is gathered and within which bounds it is a pass.

use serde::{Deserialize, Serialize};
use slipway_model::Duration;

use super::{Binding, Port, Rate};
use crate::Pattern;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Analysis {
    pub name: String,
    pub evidence: Evidence,
    /// Fewer lines or samples than this give no verdict.
    pub min_sample: u64,
    /// Between two verdicts during a soak.
    pub interval: Duration,
    /// What is out of bounds at any look is a failure at once.
    #[serde(default)]
    pub critical: bool,
    /// What it counts for among others.
    #[serde(default = "Analysis::one")]
    pub weight: u32,
    /// Between two times that a metric is asked for.
    #[serde(default)]
    pub every: Duration,
    /// How sure it has to be that a revision is worse, from 0.5 to less than 1; else as the judge has it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confidence: Option<f64>,
    /// How much worse is tolerated: 0.05 is 5 %; else as the judge has it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tolerance: Option<f64>,
    /// How much longer it is watched than a soak takes while there is too little to say.
    #[serde(default)]
    pub extend: Duration,
    #[serde(default)]
    pub inconclusive: OnInconclusive,
}

impl StatusClass {
    /// As people and routers write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Client => "4xx",
            Self::Server => "5xx",
        }
    }
}

impl Analysis {
    fn one() -> u32 {
        1
    }

    /// It looks at those of the other revision that are held apart.
    pub fn compares_with_baseline(&self) -> bool {
        let against = match &self.evidence {
            Evidence::Traffic { bounds, .. } => bounds.no_worse_than,
            Evidence::Logs { bounds, .. } => bounds.no_worse_than,
            Evidence::Metrics { bounds, .. } => bounds.no_worse_than,
        };
        against == Some(Comparison::Baseline)
    }

    /// It has nothing to say where there is no other revision with users.
    pub fn only_compares(&self) -> bool {
        match &self.evidence {
            Evidence::Traffic { bounds, .. } => bounds.max_share.is_none(),
            Evidence::Logs { bounds, .. } => {
                bounds.max_count.is_none() && bounds.max_rate.is_none() && bounds.max.is_none()
            }
            Evidence::Metrics { bounds, .. } => bounds.min.is_none() && bounds.max.is_none(),
        }
    }
}

/// What is done where there is too little to say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnInconclusive {
    /// The run waits for people.
    #[default]
    Hold,
    /// It is a failure.
    Fail,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Evidence {
    /// Requests, as the router counts them.
    Traffic {
        events: TrafficEvents,
        bounds: TrafficBounds,
    },
    /// Log lines that match and are of the level or graver. At least one of the two is there.
    Logs {
        #[serde(rename = "match", skip_serializing_if = "Option::is_none", default)]
        pattern: Option<Pattern>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        level: Option<Level>,
        /// The group of the pattern whose number is looked at, instead of how many lines match.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        value: Option<String>,
        bounds: LogBounds,
    },
    Metrics {
        source: MetricSource,
        bounds: MetricBounds,
        direction: Direction,
    },
}

/// Which of all requests count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrafficEvents {
    /// Answers of these classes.
    Errors(Vec<StatusClass>),
    /// From the head of the request to the end of the answer.
    SlowerThan(Duration),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StatusClass {
    #[serde(rename = "4xx")]
    Client,
    #[serde(rename = "5xx")]
    Server,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrafficBounds {
    /// Of all requests: 0.01 is 1 %.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_share: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_worse_than: Option<Comparison>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LogBounds {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_rate: Option<Rate>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_worse_than: Option<Comparison>,
    /// No kind of message that counts is one that the other revision does not have.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_new: Option<Comparison>,
    /// Of the mean of values, or of their quantile.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max: Option<f64>,
    /// From 0 to 1: 0.99 is what 99 % of the values do not exceed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quantile: Option<f64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MetricBounds {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub no_worse_than: Option<Comparison>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum MetricSource {
    /// A query to a Prometheus server, by the name of its endpoint.
    Prometheus { endpoint: String, query: String },
    /// The instances' own metrics page; `metric` is a name with optional `{label="value"}` matchers.
    Scrape {
        path: String,
        port: Port,
        metric: String,
    },
    /// A number in a JSON document, where the pointer (RFC 6901) leads to.
    Http {
        from: ValueFrom,
        path: String,
        pointer: String,
    },
    /// A program that prints values, or events out of all.
    Command { run: Vec<String>, timeout: Duration },
    /// A check plugin, which says values, or events out of all.
    Plugin { asked: Binding, timeout: Duration },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueFrom {
    /// Of each instance.
    Port(Port),
    /// By the operator's name.
    Endpoint(String),
}

/// What a revision is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The revision that users are on.
    Stable,
    /// As many of its instances as of the new one, with as many users.
    Baseline,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    LowerIsBetter,
    HigherIsBetter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

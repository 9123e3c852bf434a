//! Verdicts over time: which evidence is gathered and within which bounds it is a pass.

use serde::{Deserialize, Serialize};
use slipway_model::Duration;

use super::{Port, Rate};
use crate::Pattern;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Analysis {
    pub name: String,
    pub evidence: Evidence,
    /// Fewer lines or samples than this give no verdict.
    pub min_sample: u64,
    /// Between two verdicts on a comparison; what is out of bounds is seen at once.
    pub interval: Duration,
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

impl Analysis {
    /// It has nothing to say where there is no other revision with users.
    pub fn only_compares(&self) -> bool {
        match &self.evidence {
            Evidence::Logs { bounds, .. } => bounds.max_count.is_none() && bounds.max_rate.is_none(),
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
    /// Log lines that match and are of the level or graver. At least one of the two is there.
    Logs {
        #[serde(rename = "match", skip_serializing_if = "Option::is_none", default)]
        pattern: Option<Pattern>,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        level: Option<Level>,
        bounds: LogBounds,
    },
    Metrics {
        source: MetricSource,
        bounds: MetricBounds,
        direction: Direction,
    },
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
}

/// What a revision is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The revision that users are on.
    Stable,
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

//! How a revision is rolled out.

use serde::{Deserialize, Serialize};
use slipway_model::Duration;

use super::{Amount, Analysis, Binding, Check, Evidence, Hook, MetricSource, Probe};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Strategy {
    /// As the environment calls it.
    pub name: String,
    pub method: Method,
    pub checks: Vec<Check>,
    pub analyses: Vec<Analysis>,
    /// How much of their weight has to pass, from 0 to 1.
    #[serde(default = "Strategy::all")]
    pub score: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hooks: Vec<Hook>,
    /// How long the new revision is watched with all users on it before it is confirmed.
    pub soak: Duration,
    /// How long an instance must have been healthy before it counts.
    pub min_healthy_time: Duration,
    /// How long one change may take to show progress before it has failed.
    pub progress_deadline: Duration,
    /// For how long nobody need be heard from before the place brings back by itself what ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dead_man: Option<Duration>,
    pub on_failure: OnFailure,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case",
    deny_unknown_fields
)]
pub enum Method {
    Recreate,
    Rolling {
        /// Sizes of the batches one after another; the last one repeats.
        batch: Vec<Amount>,
        max_unavailable: Amount,
        max_surge: Amount,
        /// How many instances may fail before the roll-out has failed.
        max_failures: u32,
    },
    BlueGreen,
    Canary {
        /// Weights ascend; after the last step everything goes to the new revision.
        steps: Vec<Step>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Step {
    /// Percent of users, 1 to 100.
    pub weight: u8,
    pub soak: Duration,
    /// Whether a person must approve before this step's weight is set.
    pub approve: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    RollBack,
    Hold,
    Ask,
}

impl Strategy {
    fn all() -> f64 {
        1.0
    }

    /// The plugins that its checks and analyses ask, with what they are asked.
    pub fn compares_with_baseline(&self) -> bool {
        self.analyses.iter().any(Analysis::compares_with_baseline)
    }

    pub fn asked(&self) -> impl Iterator<Item = &Binding> {
        let checks = self.checks.iter().filter_map(|check| match &check.probe {
            Probe::Plugin(asked) => Some(asked),
            _ => None,
        });
        let analyses = self
            .analyses
            .iter()
            .filter_map(|analysis| match &analysis.evidence {
                Evidence::Metrics {
                    source: MetricSource::Plugin { asked, .. },
                    ..
                } => Some(asked),
                _ => None,
            });
        checks.chain(analyses)
    }
}

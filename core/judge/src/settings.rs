//! How strict a judgement is. Every setting has a default.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Settings {
    /// Of the mean of values or of their quantile, or of the share of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// What bounds are held against instead of the mean, from 0 to 1: 0.99 is what 99 % of the values do not exceed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantile: Option<f64>,
    /// No worse than what users had until now.
    pub against_stable: bool,
    pub direction: Direction,
    /// How sure it has to be that a revision is worse before it fails, between 0.5 and 1: the chance of failing one that
    /// is no worse is at most what is missing to 1. The default is what a two-sided test calls 95 %.
    pub confidence: f64,
    /// How much worse is nothing to fail for, as a share of what users had: 0.05 is 5 %.
    pub tolerance: f64,
    /// Fewer samples, or fewer of all that could have been events, are too little to pass.
    pub min_sample: u64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    #[default]
    LowerIsBetter,
    HigherIsBetter,
}

/// Whoever looks again and again finds a difference by chance at last. So all looks of one watch share what chance may
/// have: those before the last one a tenth of it, in equal parts, the last one the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// The only one.
    Only,
    /// One of so many before the last.
    Early { of: u32 },
    /// After others.
    Last,
}

/// What the looks before the last one have of what chance may have.
const EARLY: f64 = 0.1;

impl Default for Settings {
    fn default() -> Self {
        Self {
            min: None,
            max: None,
            quantile: None,
            against_stable: true,
            direction: Direction::LowerIsBetter,
            confidence: 0.975,
            tolerance: 0.05,
            min_sample: 1,
        }
    }
}

impl Settings {
    /// How improbable a difference has to be to count as one.
    pub(crate) fn significance(&self, look: Look) -> f64 {
        let all = 1.0 - self.confidence;
        match look {
            Look::Only => all,
            Look::Early { of } => all * EARLY / f64::from(of.max(1)),
            Look::Last => all * (1.0 - EARLY),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_looks_share_what_chance_may_have() {
        let settings = Settings::default();
        let early = settings.significance(Look::Early { of: 59 }) * 59.0;
        let spent = early + settings.significance(Look::Last);
        assert!(
            (spent - settings.significance(Look::Only)).abs() < 1e-12,
            "{spent}"
        );
    }
}

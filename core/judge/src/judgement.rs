//! What is said of a revision, and everything that it was said by.

use serde::{Deserialize, Serialize};

use crate::{Look, Series, Settings, compare::compare, threshold::threshold};

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Judgement {
    pub outcome: Outcome,
    /// Why, in one line.
    pub reason: String,
    pub candidate: Summary,
    /// Of what users had until now, where it was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stable: Option<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Pass,
    Fail,
    /// Too little was seen to say. Never a pass.
    Inconclusive,
    /// The evidence could not be gathered.
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Summary {
    /// Samples, or all that could have been events.
    pub n: u64,
    /// The mean of values or their quantile, or the share of events; none of nothing.
    pub level: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// How improbable a difference like this is if the revisions are alike.
    pub chance: f64,
    /// A difference less probable than this counts as one.
    pub significance: f64,
    /// Of values: the probability that one of the candidate is worse than one of the other, 0.5 if they are alike. Of
    /// events: by how much the share is worse.
    pub effect: f64,
    /// Where the effect is, leaving out the significance on each side.
    pub interval: [f64; 2],
    /// By what share of the other one's level the candidate is worse; none where that was nothing.
    pub worse_by: Option<f64>,
}

/// What is bad already does not become good by more of it: too little of it is too little to pass, not to fail.
pub fn judge(settings: &Settings, look: Look, candidate: &Series, stable: Option<&Series>) -> Judgement {
    let summary = |series: &Series| Summary {
        n: series.size(),
        level: series.level(settings.quantile),
    };
    let mut judgement = Judgement {
        outcome: Outcome::Pass,
        reason: String::new(),
        candidate: summary(candidate),
        stable: settings.against_stable.then(|| stable.map(summary)).flatten(),
        comparison: None,
    };
    (judgement.outcome, judgement.reason) = threshold(settings, candidate);
    if judgement.outcome == Outcome::Pass && settings.against_stable {
        let compared = compare(settings, look, candidate, stable);
        judgement.outcome = compared.outcome;
        judgement.reason = format!("{}; {}", judgement.reason, compared.reason);
        judgement.comparison = compared.numbers;
    }
    let n = judgement.candidate.n;
    // A quantile of few values may still come right.
    let unsure = judgement.outcome == Outcome::Pass || matches!(candidate, Series::Spread(_));
    if unsure && n < settings.min_sample {
        judgement.outcome = Outcome::Inconclusive;
        judgement.reason = format!("{n} seen, at least {} are needed", settings.min_sample);
    }
    judgement
}

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
        }
    }
}

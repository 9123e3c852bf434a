//! What was seen of one revision over time.

use serde::{Deserialize, Serialize};

use crate::{spread::Spread, words::short};

#[derive(Debug, Clone, PartialEq)]
pub enum Series {
    /// Measured values, one a sample, in any unit. All of them are finite.
    Value(Vec<f64>),
    /// So many values that only their spread is kept.
    Spread(Spread),
    /// Events, one tally an interval.
    Count(Vec<Tally>),
}

/// How many events there were in an interval, out of all that could have been.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub events: u64,
    pub of: u64,
}

impl Tally {
    pub fn total(tallies: &[Self]) -> Self {
        tallies.iter().fold(Self::default(), |sum, one| Self {
            events: sum.events.saturating_add(one.events),
            of: sum.of.saturating_add(one.of),
        })
    }

    pub(crate) fn share(self) -> f64 {
        if self.of == 0 {
            return 0.0;
        }
        self.events as f64 / self.of as f64
    }
}

impl Series {
    /// Of what the tests go by: samples, or all that could have been events.
    pub fn size(&self) -> u64 {
        match self {
            Self::Value(values) => values.len() as u64,
            Self::Spread(spread) => spread.len(),
            Self::Count(tallies) => Tally::total(tallies).of,
        }
    }

    /// The mean of values or a quantile of them, or the share of events.
    pub fn level(&self, quantile: Option<f64>) -> Option<f64> {
        match (self, quantile) {
            (Self::Value(values), None) => mean(values),
            (Self::Value(values), Some(share)) => quantile_of(values, share),
            (Self::Spread(spread), None) => spread.mean(),
            (Self::Spread(spread), Some(share)) => spread.quantile(share),
            (Self::Count(tallies), _) => Some(Tally::total(tallies))
                .filter(|all| all.of > 0)
                .map(Tally::share),
        }
    }

    /// The level in words.
    pub(crate) fn told(&self, quantile: Option<f64>) -> String {
        if let Self::Count(tallies) = self {
            let all = Tally::total(tallies);
            return format!("{} of {} ({})", all.events, all.of, short(all.share()));
        }
        let level = self.level(quantile).map_or("nothing".to_owned(), short);
        match quantile {
            None => format!("{level} on average of {}", self.size()),
            Some(share) => format!("{level} for {} % of {}", short(share * 100.0), self.size()),
        }
    }
}

pub(crate) fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Of sorted values.
pub(crate) fn median(sorted: &[f64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

fn quantile_of(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).or(sorted.last()).copied()
}

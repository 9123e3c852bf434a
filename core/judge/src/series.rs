//! What was seen of one revision over time.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::words::short;

#[derive(Debug, Clone, PartialEq)]
pub enum Series {
    /// Measured values, one a sample, in any unit. All of them are finite.
    Value(Vec<f64>),
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
            Self::Count(tallies) => Tally::total(tallies).of,
        }
    }

    /// The mean of values, or the share of events.
    pub fn level(&self) -> Option<f64> {
        match self {
            Self::Value(values) => mean(values),
            Self::Count(tallies) => Some(Tally::total(tallies))
                .filter(|all| all.of > 0)
                .map(Tally::share),
        }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(values) => {
                let mean = mean(values).map_or("nothing".to_owned(), short);
                write!(f, "{mean} on average of {}", values.len())
            }
            Self::Count(tallies) => {
                let all = Tally::total(tallies);
                write!(f, "{} of {} ({})", all.events, all.of, short(all.share()))
            }
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

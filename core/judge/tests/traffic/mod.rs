//! What users might see of a service, by a seed.

use std::f64::consts::TAU;

use slipway_judge::{Series, Tally};

pub(crate) struct Traffic(fastrand::Rng);

impl Traffic {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// As latencies are: the logarithm is distributed normally, with a spread of one half.
    pub(crate) fn latency(&mut self, times: f64, count: usize) -> Series {
        let mut one = || {
            let (radius, angle) = ((-2.0 * (1.0 - self.0.f64()).ln()).sqrt(), TAU * self.0.f64());
            20.0 * times * (0.5 * radius * angle.cos()).exp()
        };
        Series::Value((0..count).map(|_| one()).collect())
    }

    /// This share of requests, so many an interval.
    pub(crate) fn errors(&mut self, share: f64, intervals: usize, of: u64) -> Series {
        let mut tally = || Tally {
            events: (0..of).filter(|_| self.0.f64() < share).count() as u64,
            of,
        };
        Series::Count((0..intervals).map(|_| tally()).collect())
    }
}

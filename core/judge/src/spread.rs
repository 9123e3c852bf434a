//! How values are spread, in memory that does not grow with their number: each is counted at a number of eight binary
//! digits, so that a quantile is off by 0.4 % at most, and whole numbers up to 256 are what they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Nearer to nothing is nothing; farther is as far as this.
const RANGE: (f64, f64) = (1e-9, 1e15);
/// Of the 52 digits after the first, those that are not told apart.
const DROPPED: u32 = 45;
/// So many values at most are handed on for comparisons.
const RANKED: u64 = 100_000;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(i64, u64)>", into = "Vec<(i64, u64)>")]
pub struct Spread {
    /// By the digits that are kept; negative ones are those of negative values.
    counts: BTreeMap<i64, u64>,
}

impl Spread {
    /// What is no finite number is left out.
    pub fn add(&mut self, value: f64) {
        if value.is_finite() {
            *self.counts.entry(key(value)).or_default() += 1;
        }
    }

    pub fn len(&self) -> u64 {
        self.counts.values().sum()
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    pub fn mean(&self) -> Option<f64> {
        let sum: f64 = (self.counts.iter())
            .map(|(key, count)| value(*key) * *count as f64)
            .sum();
        (!self.is_empty()).then(|| sum / self.len() as f64)
    }

    /// What so much of all values, from 0 to 1, does not exceed.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let rank = (share * self.len() as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let mut up_to = self.counts.iter().map(|(key, count)| {
            seen += count;
            (seen, value(*key))
        });
        let found = up_to.find(|(seen, _)| *seen >= rank);
        found
            .map(|(_, value)| value)
            .or_else(|| self.counts.keys().last().map(|key| value(*key)))
    }

    /// In order; of very many, every so manyth.
    pub(crate) fn values(&self) -> Vec<f64> {
        let step = self.len().div_ceil(RANKED).max(1);
        let (mut values, mut seen) = (Vec::new(), 0);
        for (key, count) in &self.counts {
            // How many of those that are taken are below, and below the next.
            let (from, to) = (seen / step, (seen + count) / step);
            values.extend(std::iter::repeat_n(value(*key), (to - from) as usize));
            seen += count;
        }
        values
    }
}

impl From<Vec<(i64, u64)>> for Spread {
    fn from(counts: Vec<(i64, u64)>) -> Self {
        let counts = counts.into_iter().collect();
        Self { counts }
    }
}

impl From<Spread> for Vec<(i64, u64)> {
    fn from(spread: Spread) -> Self {
        spread.counts.into_iter().collect()
    }
}

fn key(value: f64) -> i64 {
    let (least, most) = RANGE;
    if value.abs() < least {
        return 0;
    }
    let bits = value.abs().min(most).to_bits();
    let digits = (bits + (1 << (DROPPED - 1))) >> DROPPED;
    let digits = digits as i64;
    if value < 0.0 { -digits } else { digits }
}

fn value(key: i64) -> f64 {
    let size = f64::from_bits(key.unsigned_abs() << DROPPED);
    if key < 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Spread {
        let mut spread = Spread::default();
        values.into_iter().for_each(|value| spread.add(value));
        spread
    }

    #[test]
    fn values_are_nearly_what_they_were() {
        for exactly in [0.0, 1.0, -1.0, 3.0, 250.0, 256.0, -2.0] {
            assert_eq!(of([exactly]).quantile(0.5), Some(exactly));
        }
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..10_000 {
            let exactly = 10_f64.powf(random.f64() * 20.0 - 8.0).min(1e15);
            let found = of([exactly]).quantile(0.5).unwrap();
            assert!(
                (found / exactly - 1.0).abs() < 0.004,
                "{found}, {exactly} expected"
            );
        }
        assert!(of([f64::NAN, f64::INFINITY]).is_empty());
        let far = of([1e-300, 1e300]);
        assert_eq!(far.quantile(0.0), Some(0.0));
        assert_eq!(far.quantile(1.0), of([1e15]).quantile(1.0));
    }

    #[test]
    fn quantiles_and_means() {
        let spread = of((1..=200).map(f64::from));
        assert_eq!(spread.len(), 200);
        assert_eq!(spread.quantile(0.99), Some(198.0));
        assert_eq!(spread.quantile(0.5), Some(100.0));
        assert_eq!(spread.mean(), Some(100.5));
        assert_eq!(of([]).quantile(0.99), None);
        assert_eq!(of([]).mean(), None);
        assert_eq!(of([-5.0, 5.0, 0.0]).values(), [-5.0, 0.0, 5.0]);
        let kept: Spread = serde_json::from_value(serde_json::to_value(&spread).unwrap()).unwrap();
        assert_eq!(kept, spread);
    }

    #[test]
    fn any_number_of_values_takes_little() {
        let mut random = fastrand::Rng::with_seed(5);
        let spread = of((0..1_000_000).map(|_| random.f64() * 1000.0));
        assert!(spread.counts.len() < 6_000, "{}", spread.counts.len());
        let values = spread.values();
        assert_eq!(values.len(), 100_000);
        assert!(values.is_sorted());
        let middle = values[values.len() / 2];
        assert!((middle - 500.0).abs() < 5.0, "{middle}");
    }
}

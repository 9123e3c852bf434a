//! Smooth weighted round robin: of any run of requests as long as the sum of weights, each revision gets exactly its
//! weight, spread evenly. Without luck, so that five percent are five percent at once.

#[derive(Debug, Default)]
pub(super) struct Rotation {
    credit: Vec<i64>,
}

impl Rotation {
    /// Index of the next one. `None` if no weight is above 0.
    pub(super) fn next(&mut self, weights: impl ExactSizeIterator<Item = u32>) -> Option<usize> {
        self.credit.resize(weights.len(), 0);
        let mut total = 0;
        let mut best = None;
        for (at, weight) in weights.enumerate().filter(|(_, weight)| *weight > 0) {
            total += i64::from(weight);
            self.credit[at] += i64::from(weight);
            if best.is_none_or(|best: usize| self.credit[at] > self.credit[best]) {
                best = Some(at);
            }
        }
        self.credit[best?] -= total;
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(weights: &[u32], expected: &str) {
        let mut rotation = Rotation::default();
        let order: String = (0..expected.len())
            .map(|_| {
                rotation
                    .next(weights.iter().copied())
                    .map_or('-', |at| char::from(b'a' + at as u8))
            })
            .collect();
        assert_eq!(order, expected, "{weights:?}");
    }

    #[test]
    fn spread_evenly() {
        check(&[1], "aaa");
        check(&[1, 1], "abab");
        check(&[5, 1, 1], "aabacaaaabacaa");
        check(&[1, 0], "aa");
        check(&[0, 0], "--");
        check(&[], "-");
    }

    proptest::proptest! {
        #[test]
        fn exact_in_every_round(weights in proptest::collection::vec(0_u32..50, 1..6), rounds in 1_u32..4) {
            let mut rotation = Rotation::default();
            let mut counts = vec![0; weights.len()];
            for _ in 0..weights.iter().sum::<u32>() * rounds {
                counts[rotation.next(weights.iter().copied()).unwrap()] += 1;
            }
            let expected: Vec<u32> = weights.iter().map(|weight| weight * rounds).collect();
            proptest::prop_assert_eq!(counts, expected);
        }
    }
}

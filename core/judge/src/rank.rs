//! The rank-sum test of Wilcoxon, Mann and Whitney, which asks nothing of how values are distributed and knows no unit.
//! Exact for few values, ties included; by the normal distribution with the correction for ties for many. The effect is
//! the probability that a value of one side is above one of the other ("superiority", with ties as halves), its interval
//! from the variance of placements (DeLong, DeLong and Clarke-Pearson, 1988).

use crate::normal::quantile;

/// So many values of both sides together are ranked exactly.
const EXACT: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranked {
    /// How improbable it is that this side stands so high, if both sides were the same.
    pub(crate) chance: f64,
    /// The least that it could have been with so many values.
    pub(crate) least: f64,
    pub(crate) superiority: f64,
    pub(crate) interval: [f64; 2],
}

/// Is `one` above `other`? Both have at least one value; the interval leaves `significance` out on each side.
pub(crate) fn rank(one: &[f64], other: &[f64], significance: f64) -> Ranked {
    let (count, pairs) = (one.len() + other.len(), one.len() as f64 * other.len() as f64);
    let mut all: Vec<(f64, bool)> = (one.iter().map(|value| (*value, true)))
        .chain(other.iter().map(|value| (*value, false)))
        .collect();
    all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    // Twice the ranks, so that those of ties are whole.
    let mut ranks: Vec<u32> = Vec::with_capacity(count);
    let mut ties = 0.0;
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        let first = ranks.len() as u32 + 1;
        let last = first + group.len() as u32 - 1;
        ranks.extend(std::iter::repeat_n(first + last, group.len()));
        ties += (group.len() as f64).powi(3) - group.len() as f64;
    }
    let sum: u64 = (ranks.iter().zip(&all))
        .filter(|(_, (_, ours))| *ours)
        .map(|(rank, _)| u64::from(*rank))
        .sum();
    let lowest = one.len() as f64 * (one.len() as f64 + 1.0) / 2.0;
    let superiority = (sum as f64 / 2.0 - lowest) / pairs;
    let (chance, least) = if count <= EXACT {
        exact(&ranks, one.len(), sum)
    } else {
        by_normal(superiority * pairs, (one.len() as f64, other.len() as f64), ties)
    };
    let interval = interval(&all, (one.len(), other.len()), superiority, significance);
    Ranked {
        chance,
        least,
        superiority,
        interval,
    }
}

/// Of all ways to choose so many of the ranks: the share whose sum is at least this one; and that of the highest alone.
fn exact(ranks: &[u32], chosen: usize, sum: u64) -> (f64, f64) {
    let highest: usize = ranks.iter().rev().take(chosen).map(|rank| *rank as usize).sum();
    // `ways[n][s]`: of choosing n ranks that sum up to s.
    let mut ways = vec![vec![0.0_f64; highest + 1]; chosen + 1];
    ways[0][0] = 1.0;
    for (seen, rank) in ranks.iter().enumerate() {
        for n in (1..=chosen.min(seen + 1)).rev() {
            let (fewer, more) = ways.split_at_mut(n);
            let with = more[0].iter_mut().skip(*rank as usize);
            with.zip(&fewer[n - 1]).for_each(|(sum, ways)| *sum += ways);
        }
    }
    let all: f64 = ways[chosen].iter().sum();
    let above: f64 = ways[chosen][sum as usize..].iter().sum();
    (above / all, apart(chosen, ranks.len()))
}

/// That of all ways to choose, the one with all of the highest came about.
fn apart(chosen: usize, of: usize) -> f64 {
    (0..chosen)
        .map(|i| (chosen - i) as f64 / (of - i) as f64)
        .product()
}

fn by_normal(u: f64, (one, other): (f64, f64), ties: f64) -> (f64, f64) {
    let count = one + other;
    let variance = one * other / 12.0 * (count + 1.0 - ties / (count * (count - 1.0)));
    if variance <= 0.0 {
        return (1.0, 0.0);
    }
    // The half makes steps continuous.
    let z = (u - one * other / 2.0 - 0.5) / variance.sqrt();
    (crate::normal::above(z), apart(one as usize, count as usize))
}

fn interval(
    all: &[(f64, bool)],
    (ones, others): (usize, usize),
    superiority: f64,
    significance: f64,
) -> [f64; 2] {
    // Of each value: the share of the other side that is below it, ties as halves.
    let (mut below_one, mut below_other) = (0, 0);
    let (mut spread_one, mut spread_other) = (0.0, 0.0);
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        let ours = group.iter().filter(|(_, ours)| *ours).count();
        let theirs = group.len() - ours;
        let placement = |below: usize, tied: usize, of: usize| (below as f64 + tied as f64 / 2.0) / of as f64;
        spread_one += ours as f64 * (placement(below_other, theirs, others) - superiority).powi(2);
        spread_other += theirs as f64 * (placement(below_one, ours, ones) - (1.0 - superiority)).powi(2);
        below_one += ours;
        below_other += theirs;
    }
    let variance = |spread: f64, count: usize| match count {
        0 | 1 => 0.25,
        _ => spread / (count as f64 - 1.0) / count as f64,
    };
    let half = quantile(significance) * (variance(spread_one, ones) + variance(spread_other, others)).sqrt();
    [(superiority - half).max(0.0), (superiority + half).min(1.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64, within: f64) {
        assert!((found - expected).abs() < within, "{found}, {expected} expected");
    }

    #[test]
    fn few_values_are_counted_out() {
        // 3 above 3: one of 20 ways.
        let apart = rank(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0], 0.025);
        close(apart.chance, 0.05, 1e-12);
        close(apart.least, 0.05, 1e-12);
        close(apart.superiority, 1.0, 1e-12);
        let same = rank(&[1.0, 1.0], &[1.0, 1.0], 0.025);
        close(same.chance, 1.0, 1e-12);
        close(same.superiority, 0.5, 1e-12);
        // {2, 2, 3} of {1, 2, 2, 2, 3}: ranks 3, 3, 5 of 1, 3, 3, 3, 5 sum up to 11, the highest: 3 of 10 ways.
        close(rank(&[2.0, 2.0, 3.0], &[1.0, 2.0], 0.025).chance, 0.3, 1e-12);
    }

    #[test]
    fn many_values_agree_with_few() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut values = |count: usize, more: f64| -> Vec<f64> {
            (0..count).map(|_| (random.f64() + more) * 20.0).collect()
        };
        for more in [0.0, 0.05, 0.15] {
            let (one, other) = (values(30, more), values(30, 0.0));
            let exactly = rank(&one, &other, 0.025);
            let ties: Vec<f64> = one.iter().map(|value| value.floor()).collect();
            let u = exactly.superiority * 900.0;
            close(by_normal(u, (30.0, 30.0), 0.0).0, exactly.chance, 2e-3);
            assert!(rank(&ties, &ties, 0.025).chance > 0.45);
        }
    }

    #[test]
    fn the_unit_is_of_no_interest() {
        let mut random = fastrand::Rng::with_seed(1);
        let (one, other): (Vec<f64>, Vec<f64>) =
            (0..200).map(|_| (random.f64() + 0.05, random.f64())).unzip();
        let expected = rank(&one, &other, 0.025);
        for unit in [1e-4, 1e6] {
            let scaled = |values: &[f64]| -> Vec<f64> { values.iter().map(|value| value * unit).collect() };
            assert_eq!(rank(&scaled(&one), &scaled(&other), 0.025), expected);
        }
    }
}

//! Is one revision worse than the other? Exact, and without assumptions on how values are distributed.

/// The probability of seeing at least `bad` of `bad + other_bad` events on this side if both sides were the same, given
/// that this side had `share` of the opportunities (a conditional binomial test).
pub(super) fn chance(bad: u64, other_bad: u64, share: f64) -> f64 {
    let total = bad + other_bad;
    if bad == 0 {
        return 1.0;
    }
    if share <= 0.0 {
        return 0.0;
    }
    if share >= 1.0 {
        return 1.0;
    }
    let (log_share, log_rest) = (share.ln(), (1.0 - share).ln());
    let mut log_choose = 0.0;
    let mut below = 0.0;
    // Sums the side with fewer terms; the terms come one from another, so that nothing overflows.
    for k in 0..bad {
        below += (log_choose + k as f64 * log_share + (total - k) as f64 * log_rest).exp();
        log_choose += ((total - k) as f64).ln() - ((k + 1) as f64).ln();
    }
    (1.0 - below).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_tables() {
        let check = |bad, other, share, expected: f64| {
            let found = chance(bad, other, share);
            assert!((found - expected).abs() < 1e-9, "{bad} {other} {share}: {found}");
        };
        check(0, 5, 0.5, 1.0);
        check(5, 0, 0.5, 1.0 / 32.0);
        check(3, 1, 0.5, 5.0 / 16.0);
        check(1, 9, 0.1, 1.0 - 0.9_f64.powi(10));
        check(2, 2, 0.0, 0.0);
        check(2, 2, 1.0, 1.0);
    }

    #[test]
    fn large_totals_do_not_overflow() {
        assert!(chance(5_000, 5_000, 0.5) > 0.4);
        assert!(chance(6_000, 4_000, 0.5) < 1e-9);
    }
}

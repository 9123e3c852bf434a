//! Fisher's exact test on totals: how improbable is it that so many of all events fall on one side, if each was as
//! likely on both? The interval is Newcombe's for the difference of two shares (1998, method 10).

use crate::{normal::quantile, series::Tally};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Counted {
    pub(crate) chance: f64,
    /// What it would have been, had everything on this side been an event.
    pub(crate) least: f64,
    /// By how much the share is higher.
    pub(crate) difference: f64,
    pub(crate) interval: [f64; 2],
}

/// Is the share of `one` above that of `other`? Both are of something.
pub(crate) fn count(one: Tally, other: Tally, significance: f64) -> Counted {
    let z = quantile(significance);
    let difference = one.share() - other.share();
    let ([low, high], [other_low, other_high]) = (wilson(one, z), wilson(other, z));
    let half = |a: f64, b: f64| (a * a + b * b).sqrt();
    Counted {
        chance: tail(one, other),
        least: tail(
            Tally {
                events: one.of,
                ..one
            },
            other,
        ),
        difference,
        interval: [
            difference - half(one.share() - low, other_high - other.share()),
            difference + half(high - one.share(), other.share() - other_low),
        ],
    }
}

/// Of all ways in which the events may fall: the share with at least as many on this side.
fn tail(one: Tally, other: Tally) -> f64 {
    let events = one.events + other.events;
    let (fewest, most) = (events.saturating_sub(other.of), events.min(one.of));
    if one.events <= fewest {
        return 1.0;
    }
    let [size, rest, events] = [one.of, other.of, events].map(|number| number as f64);
    // How much more probable one more event on this side is than this many.
    let ratio = |k: f64| (size - k) * (events - k) / ((k + 1.0) * (rest - events + k + 1.0));
    // Weights relative to the most probable number; those too small to matter end the sum.
    let mode = ((size + 1.0) * (events + 1.0) / (size + rest + 2.0)).floor();
    let mode = mode.clamp(fewest as f64, most as f64);
    let from = one.events as f64;
    let (mut all, mut above) = (0.0, 0.0);
    let mut add = |k: f64, weight: f64| {
        all += weight;
        if k >= from {
            above += weight;
        }
    };
    let (mut k, mut weight) = (mode, 1.0);
    while weight > 0.0 && k <= most as f64 {
        add(k, weight);
        weight *= ratio(k);
        k += 1.0;
    }
    (k, weight) = (mode, 1.0);
    while k > fewest as f64 && weight > f64::EPSILON * 1e-4 {
        k -= 1.0;
        weight /= ratio(k);
        add(k, weight);
    }
    (above / all).min(1.0)
}

/// Wilson's interval of a share.
fn wilson(tally: Tally, z: f64) -> [f64; 2] {
    let (n, share) = (tally.of as f64, tally.share());
    let middle = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let part = 1.0 + z * z / n;
    [
        ((middle - half) / part).max(0.0),
        ((middle + half) / part).min(1.0),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(events: u64, of: u64) -> Tally {
        Tally { events, of }
    }

    fn close(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < 1e-9 * expected.max(1e-3),
            "{found}, {expected} expected"
        );
    }

    #[test]
    fn agrees_with_what_is_counted_by_hand() {
        // Fisher's tea: 3 of 4 cups right, and 4 of 4.
        close(tail(of(3, 4), of(1, 4)), 17.0 / 70.0);
        close(tail(of(4, 4), of(0, 4)), 1.0 / 70.0);
        close(tail(of(0, 4), of(4, 4)), 1.0);
        close(tail(of(0, 1000), of(0, 1000)), 1.0);
        // 6 events, all on one of two equal sides.
        close(
            tail(of(6, 6000), of(0, 6000)),
            (0..6)
                .map(|k| f64::from(6000 - k) / f64::from(12_000 - k))
                .product(),
        );
        close(count(of(1, 3), of(0, 3), 0.025).least, 1.0 / 20.0);
    }

    #[test]
    fn totals_may_be_large() {
        let even = tail(of(5_000_000, 1_000_000_000), of(5_000_000, 1_000_000_000));
        assert!((0.5..0.501).contains(&even), "{even}");
        assert!(tail(of(5_020_000, 1_000_000_000), of(4_980_000, 1_000_000_000)) < 1e-9);
        assert_eq!(tail(of(900_000, 1_000_000), of(0, 1_000_000)), 0.0);
    }

    #[test]
    fn the_interval_is_around_the_difference() {
        // Newcombe 1998, table II: 56/70 and 48/80, 95 %: 0.0524 to 0.3339.
        let found = count(of(56, 70), of(48, 80), 0.025);
        assert!(
            (found.interval[0] - 0.0524).abs() < 1e-4 && (found.interval[1] - 0.3339).abs() < 1e-4,
            "{found:?}"
        );
    }
}

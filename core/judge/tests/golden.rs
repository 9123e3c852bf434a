//! What must be found, and what must not: cases that other judges get wrong, and how often this one errs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod traffic;

use slipway_judge::{Direction, Judgement, Look, Outcome, Series, Settings, Spread, Tally, judge};
use traffic::Traffic;

const SEEDS: u64 = 2_000;
const INTERVALS: usize = 60;

fn judged(candidate: &Series, stable: Option<&Series>) -> Judgement {
    judge(&Settings::default(), Look::Only, candidate, stable)
}

/// As many errors in every so many intervals of 100 requests.
fn errors(in_one_of: usize, errors: u64) -> Series {
    let tally = |interval: usize| Tally {
        events: if interval.is_multiple_of(in_one_of) {
            errors
        } else {
            0
        },
        of: 100,
    };
    Series::Count((0..INTERVALS).map(tally).collect())
}

fn none() -> Series {
    errors(usize::MAX, 0)
}

fn share_of(outcome: Outcome, judged: impl Fn(u64) -> Judgement) -> f64 {
    let found = (0..SEEDS).filter(|seed| judged(*seed).outcome == outcome).count();
    found as f64 / SEEDS as f64
}

#[test]
fn errors_where_there_were_none_fail() {
    for (in_one_of, events) in [(2, 1), (2, 50), (10, 1), (10, 5)] {
        let judged = judged(&errors(in_one_of, events), Some(&none()));
        assert_eq!(
            judged.outcome,
            Outcome::Fail,
            "{in_one_of} {events}: {}",
            judged.reason
        );
    }
    assert_eq!(judged(&none(), Some(&none())).outcome, Outcome::Pass);
    assert_eq!(
        judged(&errors(10, 1), Some(&errors(10, 1))).outcome,
        Outcome::Pass
    );
}

#[test]
fn the_unit_does_not_matter() {
    let scaled = |series: &Series, unit: f64| match series {
        Series::Value(values) => Series::Value(values.iter().map(|value| value * unit).collect()),
        _ => unreachable!("these are values"),
    };
    for seed in 0..200 {
        let mut traffic = Traffic::new(seed);
        let (new, old) = (traffic.latency(1.05, 200), traffic.latency(1.0, 200));
        let expected = judged(&new, Some(&old));
        for unit in [1e-4, 1e6] {
            let found = judged(&scaled(&new, unit), Some(&scaled(&old, unit)));
            let numbers = |judged: &Judgement| judged.comparison.map(|c| (c.chance, c.effect, c.interval));
            assert_eq!(
                (found.outcome, numbers(&found)),
                (expected.outcome, numbers(&expected))
            );
        }
    }
}

#[test]
fn more_errors_are_never_judged_better() {
    let rank = |outcome| {
        [Outcome::Pass, Outcome::Inconclusive, Outcome::Fail]
            .iter()
            .position(|one| *one == outcome)
    };
    for (of, old) in [(3, 0), (20, 0), (20, 3), (200, 1), (200, 100), (5_000, 40)] {
        let series = |events| Series::Count(vec![Tally { events, of }]);
        let mut before = None;
        for events in 0..=of.min(400) {
            let now = judged(&series(events), Some(&series(old))).outcome;
            assert!(
                before <= Some(rank(now)),
                "{events} of {of} beside {old}: {now:?}"
            );
            before = Some(rank(now));
        }
    }
}

#[test]
fn the_same_passes_and_what_is_slower_is_found() {
    for count in [20, 200] {
        let same = share_of(Outcome::Pass, |seed| {
            let mut traffic = Traffic::new(seed);
            let (new, old) = (traffic.latency(1.0, count), traffic.latency(1.0, count));
            judged(&new, Some(&old))
        });
        assert!(same >= 0.95, "{count} of the same pass: {same}");
    }
    let slower = share_of(Outcome::Fail, |seed| {
        let mut traffic = Traffic::new(seed);
        let (new, old) = (traffic.latency(1.25, 200), traffic.latency(1.0, 200));
        judged(&new, Some(&old))
    });
    assert!(slower >= 0.95, "200 that are slower by a quarter fail: {slower}");
    let errors = share_of(Outcome::Pass, |seed| {
        let mut traffic = Traffic::new(seed);
        let (new, old) = (traffic.errors(0.01, 20, 100), traffic.errors(0.01, 20, 100));
        judged(&new, Some(&old))
    });
    assert!(errors >= 0.95, "the same share of errors passes: {errors}");
}

#[test]
fn whoever_looks_again_and_again_is_not_more_often_wrong() {
    const LOOKS: usize = 20;
    let failed = share_of(Outcome::Fail, |seed| {
        let mut traffic = Traffic::new(seed);
        let (new, old) = (traffic.errors(0.05, LOOKS, 50), traffic.errors(0.05, LOOKS, 50));
        let upto = |series: &Series, looks: usize| match series {
            Series::Count(tallies) => Series::Count(tallies[..looks].to_vec()),
            _ => unreachable!("these are counts"),
        };
        let settings = Settings {
            tolerance: 0.0,
            ..Settings::default()
        };
        let early = Look::Early { of: LOOKS as u32 - 1 };
        let mut looks = (1..=LOOKS).map(|looks| {
            let look = if looks < LOOKS { early } else { Look::Last };
            judge(&settings, look, &upto(&new, looks), Some(&upto(&old, looks)))
        });
        let last = judge(&settings, Look::Last, &new, Some(&old));
        looks
            .find(|judged| judged.outcome == Outcome::Fail)
            .unwrap_or(last)
    });
    assert!(failed <= 0.025, "{failed}");
}

#[test]
fn too_little_is_never_a_pass() {
    let values = |count: usize| Series::Value(vec![1.0; count]);
    let check = |new: &Series, old: Option<&Series>, reason: &str| {
        let judged = judged(new, old);
        assert_eq!(judged.outcome, Outcome::Inconclusive, "{}", judged.reason);
        assert!(judged.reason.contains(reason), "{}", judged.reason);
    };
    check(&values(0), Some(&values(9)), "nothing was seen");
    check(&values(9), None, "no other revision");
    check(&values(9), Some(&values(0)), "no other revision");
    check(&values(3), Some(&values(3)), "even the worst could be chance");
    check(
        &Series::Count(vec![Tally { events: 0, of: 3 }]),
        Some(&Series::Count(vec![Tally { events: 0, of: 3 }])),
        "even the worst",
    );
    check(
        &values(9),
        Some(&none()),
        "one revision has values and the other one counts",
    );
    let settings = Settings {
        min_sample: 10,
        ..Settings::default()
    };
    let judged = judge(&settings, Look::Only, &values(9), Some(&values(9)));
    assert_eq!(judged.reason, "9 seen, at least 10 are needed");
}

#[test]
fn higher_may_be_better() {
    let settings = Settings {
        direction: Direction::HigherIsBetter,
        ..Settings::default()
    };
    let mut traffic = Traffic::new(1);
    let (fast, slow) = (traffic.latency(1.0, 200), traffic.latency(0.7, 200));
    let outcome = |new: &Series, old: &Series| judge(&settings, Look::Only, new, Some(old)).outcome;
    assert_eq!(outcome(&slow, &fast), Outcome::Fail);
    assert_eq!(outcome(&fast, &slow), Outcome::Pass);
    let served = |events| Series::Count(vec![Tally { events, of: 1_000 }]);
    assert_eq!(outcome(&served(900), &served(990)), Outcome::Fail);
    assert_eq!(outcome(&served(990), &served(900)), Outcome::Pass);
}

#[test]
fn what_was_nothing_before_is_not_measured_in_shares_of_it() {
    let mostly = |zeros: usize, more: f64| {
        Series::Value(
            (0..100)
                .map(|at| if at < zeros { 0.0 } else { more + at as f64 })
                .collect(),
        )
    };
    // The middle is nothing on both sides, and yet there is more.
    assert_eq!(
        judged(&mostly(70, 5.0), Some(&mostly(95, 5.0))).outcome,
        Outcome::Fail
    );
    assert_eq!(
        judged(&mostly(50, 5.0), Some(&mostly(100, 0.0))).outcome,
        Outcome::Fail
    );
    assert_eq!(
        judged(&mostly(100, 0.0), Some(&mostly(100, 0.0))).outcome,
        Outcome::Pass
    );
}

#[test]
fn a_difference_that_is_certain_and_small_is_tolerated() {
    let mut traffic = Traffic::new(3);
    let (new, old) = (traffic.latency(1.03, 50_000), traffic.latency(1.0, 50_000));
    let judged = judged(&new, Some(&old));
    let numbers = judged.comparison.unwrap();
    assert!(
        numbers.chance < 1e-6 && judged.outcome == Outcome::Pass,
        "{}",
        judged.reason
    );
}

#[test]
fn bounds_hold_beside_the_comparison() {
    let settings = Settings {
        max: Some(0.02),
        ..Settings::default()
    };
    let of = |events| Series::Count(vec![Tally { events, of: 1_000 }]);
    let judged = judge(&settings, Look::Only, &of(30), Some(&of(30)));
    assert_eq!(
        (judged.outcome, judged.reason.as_str()),
        (Outcome::Fail, "30 of 1000 (0.03), at most 0.02 is allowed")
    );
}

#[test]
fn a_share_is_out_of_bounds_when_the_rest_cannot_help() {
    let settings = Settings {
        max: Some(0.01),
        against_stable: false,
        min_sample: 200,
        ..Settings::default()
    };
    let outcome = |events, of| {
        let series = Series::Count(vec![Tally { events, of }]);
        judge(&settings, Look::Last, &series, None).outcome
    };
    assert_eq!(outcome(1, 1), Outcome::Inconclusive);
    assert_eq!(outcome(2, 199), Outcome::Inconclusive);
    assert_eq!(outcome(3, 3), Outcome::Fail);
    assert_eq!(outcome(2, 200), Outcome::Pass);
    assert_eq!(outcome(3, 200), Outcome::Fail);
    assert_eq!(outcome(0, 0), Outcome::Inconclusive);
}

#[test]
fn a_quantile_sees_what_the_mean_does_not() {
    let mut random = fastrand::Rng::with_seed(11);
    let mut spread = |slow_in: usize| {
        let mut spread = Spread::default();
        for at in 0..20_000 {
            let slow = at % slow_in == 0;
            spread.add(random.f64() * 20.0 + if slow { 400.0 } else { 10.0 });
        }
        Series::Spread(spread)
    };
    let (good, bad) = (spread(1_000), spread(50));
    let outcome = |quantile, series: &Series| {
        let settings = Settings {
            max: Some(250.0),
            quantile,
            ..Settings::default()
        };
        judge(&settings, Look::Last, series, Some(&good)).outcome
    };
    assert_eq!(outcome(None, &good), Outcome::Pass);
    assert_eq!(outcome(Some(0.99), &good), Outcome::Pass);
    assert_eq!(outcome(Some(0.99), &bad), Outcome::Fail);
    let few = Settings {
        max: Some(250.0),
        quantile: Some(0.99),
        min_sample: 1_000_000,
        ..Settings::default()
    };
    assert_eq!(judge(&few, Look::Last, &bad, None).outcome, Outcome::Inconclusive);
}

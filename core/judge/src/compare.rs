//! Against what users had until now. A revision fails when it is worse by more than chance explains, and by more than is
//! tolerated. Where even the worst could not have been told from chance, nothing is said.

use crate::{
    Comparison, Direction, Look, Outcome, Series, Settings, Tally,
    counts::{Counted, count},
    rank::{Ranked, rank},
    series::{mean, median},
    words::short,
};

pub(crate) struct Compared {
    pub(crate) outcome: Outcome,
    pub(crate) reason: String,
    pub(crate) numbers: Option<Comparison>,
}

pub(crate) fn compare(
    settings: &Settings,
    look: Look,
    candidate: &Series,
    stable: Option<&Series>,
) -> Compared {
    let unclear = |reason: &str| Compared {
        outcome: Outcome::Inconclusive,
        reason: reason.to_owned(),
        numbers: None,
    };
    let Some(stable) = stable.filter(|stable| stable.size() > 0) else {
        return unclear("there is no other revision to compare with");
    };
    let significance = settings.significance(look);
    let worse = worse(settings.direction);
    let (numbers, least) = match (candidate, stable) {
        (Series::Value(_) | Series::Spread(_), Series::Value(_) | Series::Spread(_)) => {
            let (new, old) = (turned(candidate, worse), turned(stable, worse));
            let Ranked {
                chance,
                least,
                superiority,
                interval,
            } = rank(&new, &old, significance);
            let numbers = Comparison {
                chance,
                significance,
                effect: superiority,
                interval,
                worse_by: values_worse_by(&new, &old),
            };
            (numbers, least)
        }
        (Series::Count(new), Series::Count(old)) => {
            let [new, old] = [new, old].map(|tallies| bad(Tally::total(tallies), settings.direction));
            let Counted {
                chance,
                least,
                difference,
                interval,
            } = count(new, old, significance);
            let numbers = Comparison {
                chance,
                significance,
                effect: difference,
                interval,
                worse_by: match (new.events, old.events) {
                    (0, 0) => Some(0.0),
                    (_, 0) => None,
                    _ => Some(new.share() / old.share() - 1.0),
                },
            };
            (numbers, least)
        }
        (Series::Count(_), _) | (_, Series::Count(_)) => {
            return unclear("one revision has values and the other one counts");
        }
    };
    said(settings, numbers, least, stable)
}

fn said(settings: &Settings, numbers: Comparison, least: f64, stable: &Series) -> Compared {
    let than = format!("the stable revision's {}", stable.told(settings.quantile));
    let by = match numbers.worse_by {
        None => format!("worse than {than}"),
        Some(0.0) => format!("the same as {than}"),
        Some(by) if by > 0.0 => format!("{:.1} % worse than {than}", by * 100.0),
        Some(by) => format!("{:.1} % better than {than}", -by * 100.0),
    };
    let figures = format!(
        "{by} (by chance {} %, a failure below {} %)",
        short(numbers.chance * 100.0),
        short(numbers.significance * 100.0),
    );
    let tolerated = numbers.worse_by.is_some_and(|by| by <= settings.tolerance);
    let (outcome, reason) = if numbers.chance < numbers.significance && !tolerated {
        (Outcome::Fail, figures)
    } else if least >= numbers.significance {
        let reason = format!("so little that even the worst could be chance, beside {than}");
        (Outcome::Inconclusive, reason)
    } else {
        (Outcome::Pass, figures)
    };
    Compared {
        outcome,
        reason,
        numbers: Some(numbers),
    }
}

fn worse(direction: Direction) -> f64 {
    match direction {
        Direction::LowerIsBetter => 1.0,
        Direction::HigherIsBetter => -1.0,
    }
}

/// So that more is worse.
fn turned(series: &Series, worse: f64) -> Vec<f64> {
    let values = match series {
        Series::Value(values) => values.clone(),
        Series::Spread(spread) => spread.values(),
        Series::Count(_) => Vec::new(),
    };
    values.into_iter().map(|value| value * worse).collect()
}

fn bad(tally: Tally, direction: Direction) -> Tally {
    match direction {
        Direction::LowerIsBetter => tally,
        Direction::HigherIsBetter => Tally {
            events: tally.of.saturating_sub(tally.events),
            ..tally
        },
    }
}

/// Of the middle or on average, whichever is more: where most values are the same, the middle tells nothing.
fn values_worse_by(new: &[f64], old: &[f64]) -> Option<f64> {
    let middle = |values: &[f64]| {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        median(&sorted)
    };
    let change = |new: Option<f64>, old: Option<f64>| {
        let (new, old) = (new?, old?);
        match new - old {
            0.0 => Some(0.0),
            _ if old == 0.0 => None,
            difference => Some(difference / old.abs()),
        }
    };
    let (in_middle, on_average) = (change(middle(new), middle(old)), change(mean(new), mean(old)));
    Some(in_middle?.max(on_average?))
}

//! Against fixed bounds.

use crate::{Outcome, Series, Settings, Tally};

pub(crate) fn threshold(settings: &Settings, seen: &Series) -> (Outcome, String) {
    let Some([least, most]) = reachable(settings, seen) else {
        return (Outcome::Inconclusive, "nothing was seen".to_owned());
    };
    let told = seen.told(settings.quantile);
    match (settings.min, settings.max) {
        (Some(min), _) if most < min => (Outcome::Fail, format!("{told}, at least {min} is needed")),
        (_, Some(max)) if least > max => (Outcome::Fail, format!("{told}, at most {max} is allowed")),
        _ => (Outcome::Pass, told),
    }
}

/// Where the level is. Of fewer events than are needed: where it can still come to be with the rest.
fn reachable(settings: &Settings, seen: &Series) -> Option<[f64; 2]> {
    let level = seen.level(settings.quantile)?;
    let Series::Count(tallies) = seen else {
        return Some([level; 2]);
    };
    let all = Tally::total(tallies);
    let of = all.of.max(settings.min_sample) as f64;
    let missing = settings.min_sample.saturating_sub(all.of);
    Some([
        all.events as f64 / of,
        all.events.saturating_add(missing) as f64 / of,
    ])
}

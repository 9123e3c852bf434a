//! Where a run is killed: at the writes of its journal.

use std::{collections::BTreeSet, fmt};

use crate::Bench;

/// Of so many boundaries, one in so many: `SLIPWAY_SWEEP`.
pub fn one_in() -> Option<usize> {
    let number = std::env::var("SLIPWAY_SWEEP").ok()?;
    number.parse().ok().filter(|one| *one > 0)
}

/// As the program with faults understands it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kill {
    pub at: usize,
    pub kind: &'static str,
}

/// Of so many writes, one in so many, before it or after it: each with `SLIPWAY_SWEEP=1`, every seventh with
/// `SLIPWAY_SWEEP=7`, else as many as `few`.
pub fn spread(boundaries: usize, few: usize) -> BTreeSet<Kill> {
    let step = one_in().unwrap_or(boundaries / few).max(1);
    let places = |kind, first: usize| {
        let places = (first..=boundaries).step_by(step);
        places.map(move |at| Kill { at, kind })
    };
    places("before", 1).chain(places("after", 1 + step / 2)).collect()
}

/// The run that was begun and not ended.
pub fn interrupted(bench: &Bench, service: &str) -> Option<String> {
    let history = bench.json(service, &["history"]);
    let runs = history["runs"].as_array().expect("a list").clone();
    let open = runs.iter().find(|run| run["ended"].is_null());
    open.map(|run| run["run"].as_str().expect("an id").to_owned())
}

impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.at)
    }
}

//! Several analyses, one decision: how much of their weight has to pass (`score`).

use slipway_manifest::{Analysis, OnInconclusive, Strategy};

use crate::judge::Outcome;

/// What is to be done about the verdicts of a soak that is over.
#[derive(Debug, PartialEq)]
pub(super) enum Decision {
    /// Enough has passed.
    Good,
    /// Not enough can pass any more; by the first of those that failed.
    Bad { first: usize },
    /// It depends on these, of which too little is known: people decide.
    Unclear { all: Vec<usize> },
}

/// How much of the weight may be missing.
pub(super) fn spare(strategy: &Strategy, analyses: &[&Analysis]) -> f64 {
    let all: u32 = analyses.iter().map(|analysis| analysis.weight).sum();
    f64::from(all) * (1.0 - strategy.score)
}

/// Whether one that fails before the soak is over is enough to end it.
pub(super) fn ends_it(analysis: &Analysis, spare: f64) -> bool {
    analysis.critical || f64::from(analysis.weight) > spare
}

/// What is critical has to pass, whatever it weighs.
pub(super) fn decide<'a>(
    outcomes: impl IntoIterator<Item = (&'a Analysis, Outcome)>,
    spare: f64,
) -> Decision {
    let (mut bad, mut open, mut critical) = (0, 0, false);
    let (mut first, mut unclear) = (None, Vec::new());
    for (at, (analysis, outcome)) in outcomes.into_iter().enumerate() {
        match outcome {
            Outcome::Pass => {}
            Outcome::Inconclusive if analysis.inconclusive == OnInconclusive::Hold => {
                open += analysis.weight;
                critical |= analysis.critical;
                unclear.push(at);
            }
            _ if analysis.critical => return Decision::Bad { first: at },
            _ => {
                bad += analysis.weight;
                first.get_or_insert(at);
            }
        }
    }
    match first {
        Some(first) if f64::from(bad) > spare => Decision::Bad { first },
        _ if critical || f64::from(bad + open) > spare => Decision::Unclear { all: unclear },
        _ => Decision::Good,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn analysis(weight: u32, critical: bool, inconclusive: &str) -> Analysis {
        let logs = json!({ "logs": { "pattern": "ERROR", "level": null, "bounds": { "max-count": 0 } } });
        serde_json::from_value(json!({
            "name": "errors", "evidence": logs, "min-sample": 1, "interval": "10s",
            "weight": weight, "critical": critical, "inconclusive": inconclusive,
        }))
        .unwrap()
    }

    #[test]
    fn enough_of_the_weight_has_to_pass() {
        use Outcome::{Error, Fail, Inconclusive, Pass};
        let check = |outcomes: &[(u32, &str, Outcome)], expected: Decision| {
            let analyses: Vec<_> = outcomes
                .iter()
                .map(|(weight, how, _)| match *how {
                    "critical" => analysis(*weight, true, "hold"),
                    how => analysis(*weight, false, how),
                })
                .collect();
            let outcomes = analyses
                .iter()
                .zip(outcomes)
                .map(|(analysis, (_, _, outcome))| (analysis, *outcome));
            // Of a weight of 10, 70 % have to pass.
            assert_eq!(decide(outcomes, 3.0), expected);
        };
        let bad = |first| Decision::Bad { first };
        check(&[(7, "hold", Pass), (3, "hold", Fail)], Decision::Good);
        check(&[(6, "hold", Pass), (4, "hold", Fail)], bad(1));
        check(
            &[(6, "hold", Pass), (2, "hold", Error), (2, "hold", Fail)],
            bad(1),
        );
        check(&[(9, "hold", Pass), (1, "critical", Fail)], bad(1));
        check(&[(7, "hold", Pass), (3, "hold", Inconclusive)], Decision::Good);
        let unclear = |all: &[usize]| Decision::Unclear { all: all.to_vec() };
        check(&[(9, "hold", Pass), (1, "critical", Inconclusive)], unclear(&[1]));
        check(
            &[(6, "hold", Pass), (2, "hold", Fail), (2, "hold", Inconclusive)],
            unclear(&[2]),
        );
        check(&[(6, "hold", Pass), (4, "fail", Inconclusive)], bad(1));
    }
}

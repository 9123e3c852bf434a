//! Verdicts from what was seen over time. Pure: the same samples give the same verdict, whenever it is asked for again.

use slipway_manifest::{Analysis, Comparison, Direction, Evidence, LogBounds, MetricBounds};
use slipway_model::Digest;

use super::{
    Outcome::{Error, Fail, Inconclusive, Pass},
    Sample, Verdict,
    compare::chance,
};

/// One in twenty: how seldom a difference must be by chance to count as one.
const SIGNIFICANCE: f64 = 0.05;

/// The verdict on a revision from its sample, and that of the revision users are on.
pub fn judge(analysis: &Analysis, revision: Digest, sample: &Sample, stable: Option<&Sample>) -> Verdict {
    let verdict = |outcome, detail: String| Verdict::new(&analysis.name, revision, outcome, detail);
    if let Some(trouble) = &sample.trouble {
        return verdict(Error, trouble.clone());
    }
    let seen = match &analysis.evidence {
        Evidence::Logs { .. } => sample.lines,
        Evidence::Metrics { .. } => sample.values.len() as u64,
    };
    let (outcome, detail) = match &analysis.evidence {
        Evidence::Logs { bounds, .. } => logs(bounds, sample, stable),
        Evidence::Metrics {
            bounds, direction, ..
        } => metrics(bounds, *direction, sample, stable),
    };
    // A failure needs no least sample: what is bad already does not become good by more of it.
    if outcome == Pass && seen < analysis.min_sample {
        return verdict(
            Inconclusive,
            format!("{seen} seen, at least {} are needed", analysis.min_sample),
        );
    }
    verdict(outcome, detail)
}

fn logs(bounds: &LogBounds, sample: &Sample, stable: Option<&Sample>) -> (super::Outcome, String) {
    let example = sample
        .example
        .as_ref()
        .map_or(String::new(), |line| format!(", such as: {line}"));
    let found = format!(
        "{} of {} lines match in {:.0} s",
        sample.matches, sample.lines, sample.seconds
    );
    if let Some(most) = bounds.max_count
        && sample.matches > most
    {
        return (Fail, format!("{found}, at most {most} may{example}"));
    }
    if let Some(most) = bounds.max_rate {
        let rate = if sample.seconds > 0.0 {
            sample.matches as f64 / sample.seconds
        } else {
            0.0
        };
        // A rate over a moment says little: one event must not fail a limit that allows it over time.
        if rate > most.per_second() && sample.matches > 1 {
            return (Fail, format!("{found}, at most {most} may{example}"));
        }
    }
    if bounds.no_worse_than == Some(Comparison::Stable) && sample.matches > 0 {
        let Some(stable) = stable else {
            return (
                Inconclusive,
                format!("{found}, and there is no other revision to compare with"),
            );
        };
        let lines = sample.lines + stable.lines;
        let share = if lines == 0 {
            0.0
        } else {
            sample.lines as f64 / lines as f64
        };
        let chance = chance(sample.matches, stable.matches, share);
        if chance < SIGNIFICANCE {
            let other = format!("{} of {} on the stable revision", stable.matches, stable.lines);
            return (
                Fail,
                format!("{found}, {other} (by chance: {:.2} %){example}", chance * 100.0),
            );
        }
    }
    (Pass, found)
}

fn metrics(
    bounds: &MetricBounds,
    direction: Direction,
    sample: &Sample,
    stable: Option<&Sample>,
) -> (super::Outcome, String) {
    let Some(mean) = mean(&sample.values) else {
        return (Inconclusive, "no value was seen".to_owned());
    };
    let found = format!("{mean:.4} on average of {} looks", sample.values.len());
    if bounds.max.is_some_and(|max| mean > max) || bounds.min.is_some_and(|min| mean < min) {
        let least = bounds
            .min
            .map_or(String::new(), |min| format!(", at least {min}"));
        let most = bounds.max.map_or(String::new(), |max| format!(", at most {max}"));
        return (Fail, format!("{found}{least}{most}"));
    }
    if bounds.no_worse_than == Some(Comparison::Stable) {
        let Some(other) = stable.filter(|stable| !stable.values.is_empty()) else {
            return (
                Inconclusive,
                format!("{found}, and there is no other revision to compare with"),
            );
        };
        // Worse than all that was seen of the other one.
        let worst = match direction {
            Direction::LowerIsBetter => other.values.iter().copied().fold(f64::MIN, f64::max),
            Direction::HigherIsBetter => other.values.iter().copied().fold(f64::MAX, f64::min),
        };
        let worse = match direction {
            Direction::LowerIsBetter => mean > worst,
            Direction::HigherIsBetter => mean < worst,
        };
        if worse {
            return (
                Fail,
                format!("{found}, the worst look at the stable revision was {worst:.4}"),
            );
        }
    }
    (Pass, found)
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Outcome;

    fn logs_analysis(bounds: serde_json::Value, min_sample: u64) -> Analysis {
        serde_json::from_value(serde_json::json!({
            "name": "errors", "min-sample": min_sample, "interval": "1s",
            "evidence": { "logs": { "match": "ERROR", "bounds": bounds } },
        }))
        .unwrap()
    }

    fn seen(lines: u64, matches: u64) -> Sample {
        Sample {
            seconds: 10.0,
            lines,
            matches,
            ..Sample::default()
        }
    }

    #[test]
    fn logs_are_judged() {
        let check = |bounds: serde_json::Value, least, sample, stable: Option<Sample>, expected: Outcome| {
            let verdict = judge(
                &logs_analysis(bounds.clone(), least),
                Digest::of(""),
                &sample,
                stable.as_ref(),
            );
            assert_eq!(verdict.outcome, expected, "{bounds}: {}", verdict.detail);
        };
        let worse = serde_json::json!({ "no-worse-than": "stable" });
        check(serde_json::json!({ "max-count": 3 }), 0, seen(100, 3), None, Pass);
        check(serde_json::json!({ "max-count": 3 }), 0, seen(100, 4), None, Fail);
        check(
            serde_json::json!({ "max-rate": "0.1/s" }),
            0,
            seen(100, 2),
            None,
            Fail,
        );
        check(
            serde_json::json!({ "max-rate": "0.1/s" }),
            0,
            seen(100, 1),
            None,
            Pass,
        );
        check(
            serde_json::json!({ "max-count": 3 }),
            101,
            seen(100, 0),
            None,
            Inconclusive,
        );
        check(
            serde_json::json!({ "max-count": 3 }),
            101,
            seen(100, 4),
            None,
            Fail,
        );
        check(worse.clone(), 0, seen(100, 1), None, Inconclusive);
        check(worse.clone(), 0, seen(100, 20), Some(seen(1000, 1)), Fail);
        check(worse.clone(), 0, seen(100, 2), Some(seen(1000, 20)), Pass);
        let trouble = Sample {
            trouble: Some("no answer".into()),
            ..seen(100, 0)
        };
        check(worse, 0, trouble, Some(seen(1000, 20)), Error);
    }
}

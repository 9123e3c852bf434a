//! Verdicts from what was seen over time. Pure: the same samples give the same verdict, whenever it is asked for again.

use slipway_judge::{Judgement, Look, Series, Settings};
use slipway_manifest::{self as manifest, Analysis, Comparison, LogBounds};
use slipway_model::Digest;

use super::{Evidence, Outcome, Sample, Verdict};

/// Of what is new, so many are named.
const TOLD: usize = 3;

/// The verdict on a revision from its sample, and that of the revision users are on, where it is compared with one.
pub fn judge(
    analysis: &Analysis,
    revision: Digest,
    look: Look,
    candidate: &Sample,
    stable: Option<&Sample>,
) -> Verdict {
    let (outcome, detail, comparison) = said(analysis, look, candidate, stable);
    let evidence = Evidence {
        analysis: analysis.clone(),
        look,
        candidate: candidate.clone(),
        stable: stable.cloned(),
        comparison,
    };
    Verdict {
        evidence: Some(Box::new(evidence)),
        ..Verdict::new(&analysis.name, revision, outcome, detail)
    }
}

/// What is exceeded already, whatever comes.
pub(crate) fn is_lost(analysis: &Analysis, candidate: &Sample) -> bool {
    let manifest::Evidence::Logs { bounds, .. } = &analysis.evidence else {
        return false;
    };
    bounds
        .max_count
        .is_some_and(|most| candidate.total().events > most)
}

/// What the verdict would be, without putting the evidence together: it is asked at every look.
pub(crate) fn outcome(
    analysis: &Analysis,
    look: Look,
    candidate: &Sample,
    stable: Option<&Sample>,
) -> Outcome {
    said(analysis, look, candidate, stable).0
}

impl Evidence {
    /// The verdict that this comes to, whoever asks.
    pub fn judge(&self, revision: Digest) -> Verdict {
        judge(
            &self.analysis,
            revision,
            self.look,
            &self.candidate,
            self.stable.as_ref(),
        )
    }
}

fn said(
    analysis: &Analysis,
    look: Look,
    candidate: &Sample,
    stable: Option<&Sample>,
) -> (Outcome, String, Option<slipway_judge::Comparison>) {
    if let Some(trouble) = &candidate.trouble {
        return (Outcome::Error, trouble.clone(), None);
    }
    if let manifest::Evidence::Logs { bounds, .. } = &analysis.evidence
        && let Some(detail) = too_many(bounds, candidate)
    {
        return (Outcome::Fail, detail, None);
    }
    if let (manifest::Evidence::Logs { bounds, .. }, Some(stable)) = (&analysis.evidence, stable)
        && bounds.no_new == Some(Comparison::Stable)
        && !matches!(look, Look::Early { .. })
        && let Some((outcome, detail)) = new_kinds(candidate, stable)
    {
        return (outcome, detail, None);
    }
    let (series, old) = (
        series(&analysis.evidence, candidate),
        stable.map(|stable| series(&analysis.evidence, stable)),
    );
    let settings = settings(analysis, stable.is_some());
    let judged = slipway_judge::judge(&settings, look, &series, old.as_ref());
    let Judgement { outcome, reason, .. } = judged;
    let detail = match &analysis.evidence {
        manifest::Evidence::Traffic { events, .. } => format!("{}: {reason}", requests(events)),
        manifest::Evidence::Logs {
            value: Some(value), ..
        } => format!("`{value}` of lines that match: {reason}"),
        manifest::Evidence::Logs { .. } if outcome == Outcome::Fail => {
            format!("lines that match: {reason}{}", example(candidate))
        }
        manifest::Evidence::Logs { .. } => format!("lines that match: {reason}"),
        manifest::Evidence::Metrics { .. } if outcome == Outcome::Fail => {
            format!("{reason}{}", example(candidate))
        }
        manifest::Evidence::Metrics { .. } => reason,
    };
    (outcome, detail, judged.comparison)
}

fn settings(analysis: &Analysis, compared: bool) -> Settings {
    let by_default = Settings::default();
    let (lower, mut quantile) = (manifest::Direction::LowerIsBetter, None);
    let (min, max, against, direction) = match &analysis.evidence {
        manifest::Evidence::Traffic { bounds, .. } => (None, bounds.max_share, bounds.no_worse_than, lower),
        manifest::Evidence::Logs { bounds, .. } => {
            quantile = bounds.quantile;
            (None, bounds.max, bounds.no_worse_than, lower)
        }
        manifest::Evidence::Metrics {
            bounds, direction, ..
        } => (bounds.min, bounds.max, bounds.no_worse_than, *direction),
    };
    Settings {
        min,
        max,
        quantile,
        against_stable: compared && against.is_some(),
        direction: match direction {
            manifest::Direction::LowerIsBetter => slipway_judge::Direction::LowerIsBetter,
            manifest::Direction::HigherIsBetter => slipway_judge::Direction::HigherIsBetter,
        },
        confidence: analysis.confidence.unwrap_or(by_default.confidence),
        tolerance: analysis.tolerance.unwrap_or(by_default.tolerance),
        min_sample: analysis.min_sample,
    }
}

fn series(evidence: &manifest::Evidence, sample: &Sample) -> Series {
    match evidence {
        manifest::Evidence::Logs { value: Some(_), .. } => Series::Spread(sample.spread.clone()),
        manifest::Evidence::Metrics { .. } if sample.tallies.is_empty() => {
            Series::Value(sample.values.clone())
        }
        // A program may count too.
        _ => Series::Count(sample.tallies.clone()),
    }
}

/// Why there are more lines than there may be, if there are.
fn too_many(bounds: &LogBounds, sample: &Sample) -> Option<String> {
    let all = sample.total();
    let found = || {
        format!(
            "{} of {} lines match in {:.0} s",
            all.events, all.of, sample.seconds
        )
    };
    if let Some(most) = bounds.max_count.filter(|most| all.events > *most) {
        return Some(format!("{}, at most {most} may{}", found(), example(sample)));
    }
    let most = bounds.max_rate?;
    let rate = if sample.seconds > 0.0 {
        all.events as f64 / sample.seconds
    } else {
        0.0
    };
    // A rate over a moment says little: one event must not fail a limit that allows it over time.
    let over = rate > most.per_second() && all.events > 1;
    over.then(|| format!("{}, at most {most} may{}", found(), example(sample)))
}

/// What the other revision has not said, if there is anything; early on it may still come to say it.
fn new_kinds(candidate: &Sample, stable: &Sample) -> Option<(Outcome, String)> {
    if stable.total().of == 0 {
        let detail = "there is no line of another revision to compare with".to_owned();
        return Some((Outcome::Inconclusive, detail));
    }
    let new = candidate.kinds.not_in(&stable.kinds);
    let told = new
        .iter()
        .take(TOLD)
        .map(|kind| format!("{} times such as: {}", kind.count, kind.example));
    let what = match new.len() {
        0 => return None,
        1 => "a kind of message is new".to_owned(),
        many => format!("{many} kinds of messages are new"),
    };
    Some((
        Outcome::Fail,
        format!("{what}: {}", told.collect::<Vec<_>>().join("; ")),
    ))
}

fn requests(events: &manifest::TrafficEvents) -> String {
    match events {
        manifest::TrafficEvents::Errors(classes) => {
            let words: Vec<_> = classes.iter().map(|class| class.word()).collect();
            format!("requests answered with {}", words.join(" or "))
        }
        manifest::TrafficEvents::SlowerThan(limit) => format!("requests that take longer than {limit}"),
    }
}

fn example(sample: &Sample) -> String {
    let line = sample.example.as_ref();
    line.map_or(String::new(), |line| format!(", such as: {line}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use slipway_judge::Tally;

    use super::*;

    fn logs_analysis(bounds: &Value, min_sample: u64) -> Analysis {
        serde_json::from_value(json!({
            "name": "errors", "min-sample": min_sample, "interval": "1s",
            "evidence": { "logs": { "match": "ERROR", "bounds": bounds } },
        }))
        .unwrap()
    }

    fn seen(of: u64, events: u64) -> Sample {
        Sample {
            seconds: 10.0,
            tallies: vec![Tally { events, of }],
            ..Sample::default()
        }
    }

    #[test]
    fn logs_are_judged() {
        use Outcome::{Error, Fail, Inconclusive, Pass};
        let check = |bounds: Value, least, sample, stable: Option<Sample>, expected: Outcome| {
            let analysis = logs_analysis(&bounds, least);
            let verdict = judge(&analysis, Digest::of(""), Look::Only, &sample, stable.as_ref());
            assert_eq!(verdict.outcome, expected, "{bounds}: {}", verdict.detail);
            // What is kept of it is enough to come to the same.
            let kept = serde_json::to_value(&verdict).unwrap();
            let kept: Verdict = serde_json::from_value(kept).unwrap();
            assert_eq!(kept.evidence.as_ref().unwrap().judge(Digest::of("")), verdict);
        };
        let worse = json!({ "no-worse-than": "stable" });
        check(json!({ "max-count": 3 }), 0, seen(100, 3), None, Pass);
        check(json!({ "max-count": 3 }), 0, seen(100, 4), None, Fail);
        check(json!({ "max-rate": "0.1/s" }), 0, seen(100, 2), None, Fail);
        check(json!({ "max-rate": "0.1/s" }), 0, seen(100, 1), None, Pass);
        check(json!({ "max-count": 3 }), 101, seen(100, 0), None, Inconclusive);
        check(json!({ "max-count": 3 }), 101, seen(100, 4), None, Fail);
        check(worse.clone(), 0, seen(100, 0), Some(seen(0, 0)), Inconclusive);
        check(worse.clone(), 0, seen(100, 20), None, Pass);
        check(worse.clone(), 0, seen(100, 20), Some(seen(1000, 1)), Fail);
        check(worse.clone(), 0, seen(100, 2), Some(seen(1000, 20)), Pass);
        let trouble = Sample {
            trouble: Some("no answer".into()),
            ..seen(100, 0)
        };
        check(worse, 0, trouble, Some(seen(1000, 20)), Error);
    }

    fn judged(analysis: &Value, new: &Sample, old: Option<&Sample>) -> Verdict {
        let analysis: Analysis = serde_json::from_value(analysis.clone()).unwrap();
        let verdict = judge(&analysis, Digest::of(""), Look::Last, new, old);
        let kept: Verdict = serde_json::from_value(serde_json::to_value(&verdict).unwrap()).unwrap();
        assert_eq!(kept.evidence.as_ref().unwrap().judge(Digest::of("")), verdict);
        verdict
    }

    #[test]
    fn requests_are_judged() {
        use Outcome::{Error, Fail, Inconclusive, Pass};
        let analysis = json!({
            "name": "errors", "min-sample": 50, "interval": "1s",
            "evidence": { "traffic": {
                "events": { "errors": ["4xx", "5xx"] },
                "bounds": { "max-share": 0.05, "no-worse-than": "stable" },
            } },
        });
        let check = |new: Sample, old: Option<Sample>, outcome, detail: &str| {
            let verdict = judged(&analysis, &new, old.as_ref());
            assert_eq!(verdict.outcome, outcome, "{}", verdict.detail);
            assert!(verdict.detail.contains(detail), "{}", verdict.detail);
        };
        let words = "requests answered with 4xx or 5xx: 10 of 100 (0.1), at most 0.05 is allowed";
        check(seen(100, 10), Some(seen(1000, 0)), Fail, words);
        check(seen(1000, 20), Some(seen(1000, 0)), Fail, "worse than the stable");
        check(seen(1000, 20), Some(seen(1000, 20)), Pass, "20 of 1000");
        check(seen(1000, 20), None, Pass, "20 of 1000");
        check(seen(1000, 0), Some(seen(0, 0)), Inconclusive, "no other revision");
        check(seen(49, 0), None, Inconclusive, "at least 50");
        check(seen(1, 1), None, Inconclusive, "at least 50");
        check(
            Sample::default(),
            Some(seen(1000, 0)),
            Inconclusive,
            "nothing was seen",
        );
        let trouble = Sample {
            trouble: Some("no router".into()),
            ..seen(1000, 0)
        };
        check(trouble, None, Error, "no router");
    }

    #[test]
    fn values_in_lines_are_judged() {
        let analysis = json!({
            "name": "took", "min-sample": 100, "interval": "1s",
            "evidence": { "logs": {
                "match": "took (?<ms>[0-9.]+) ms", "value": "ms",
                "bounds": { "max": 250.0, "quantile": 0.99, "no-worse-than": "stable" },
            } },
        });
        let took = |count: u32, times: f64| {
            let mut sample = seen(1000, u64::from(count));
            (0..count).for_each(|at| sample.spread.add(times * f64::from(50 + at % 20)));
            sample
        };
        let check = |new: Sample, outcome, detail: &str| {
            let verdict = judged(&analysis, &new, Some(&took(500, 1.0)));
            assert_eq!(verdict.outcome, outcome, "{}", verdict.detail);
            assert!(verdict.detail.contains(detail), "{}", verdict.detail);
        };
        check(took(500, 1.0), Outcome::Pass, "69 for 99 % of 500");
        check(took(500, 1.5), Outcome::Fail, "worse than the stable");
        check(took(500, 5.0), Outcome::Fail, "at most 250 is allowed");
        check(took(99, 5.0), Outcome::Inconclusive, "at least 100");
        check(took(0, 1.0), Outcome::Inconclusive, "");
    }

    #[test]
    fn what_a_program_counts_is_judged() {
        let analysis = json!({
            "name": "orders", "min-sample": 1, "interval": "1s",
            "evidence": { "metrics": {
                "source": { "command": { "run": ["./orders.sh"], "timeout": "1s" } },
                "bounds": { "max": 0.05 }, "direction": "lower-is-better",
            } },
        });
        assert_eq!(judged(&analysis, &seen(100, 5), None).outcome, Outcome::Pass);
        assert_eq!(judged(&analysis, &seen(100, 6), None).outcome, Outcome::Fail);
        let nothing = judged(&analysis, &Sample::default(), None);
        assert_eq!(nothing.outcome, Outcome::Inconclusive);
    }

    #[test]
    fn what_is_new_is_told() {
        let analysis = logs_analysis(&json!({ "no-new": "stable" }), 1);
        let said = |messages: &[&str], of| {
            let mut sample = seen(of, messages.len() as u64);
            messages.iter().for_each(|message| sample.kinds.add(message));
            sample
        };
        let old = said(&["order 1 failed"], 100);
        let check = |look, new: &Sample, old: &Sample, outcome, detail: &str| {
            let verdict = judge(&analysis, Digest::of(""), look, new, Some(old));
            assert_eq!(verdict.outcome, outcome, "{}", verdict.detail);
            assert!(verdict.detail.contains(detail), "{}", verdict.detail);
        };
        let same = said(&["order 2 failed"], 100);
        let other = said(&["no stock", "order 2 failed", "no stock", "out of memory"], 100);
        check(Look::Last, &same, &old, Outcome::Pass, "1 of 100");
        let told = "2 kinds of messages are new: 2 times such as: no stock; 1 times such as: out of memory";
        check(Look::Last, &other, &old, Outcome::Fail, told);
        check(Look::Early { of: 3 }, &other, &old, Outcome::Pass, "4 of 100");
        check(
            Look::Last,
            &other,
            &said(&[], 0),
            Outcome::Inconclusive,
            "no line of another revision",
        );
    }

    #[test]
    fn metrics_are_judged() {
        let analysis: Analysis = serde_json::from_value(json!({
            "name": "latency", "min-sample": 1, "interval": "1s", "tolerance": 0.1,
            "evidence": { "metrics": {
                "source": { "scrape": { "path": "/metrics", "port": "http", "metric": "ms" } },
                "bounds": { "max": 50.0, "no-worse-than": "stable" }, "direction": "lower-is-better",
            } },
        }))
        .unwrap();
        let measured = |times: f64| Sample {
            values: (0..30).map(|at| times * f64::from(20 + at % 5)).collect(),
            ..Sample::default()
        };
        let outcome = |new: f64| {
            let verdict = judge(
                &analysis,
                Digest::of(""),
                Look::Last,
                &measured(new),
                Some(&measured(1.0)),
            );
            verdict.outcome
        };
        assert_eq!(outcome(1.0), Outcome::Pass);
        assert_eq!(outcome(1.08), Outcome::Pass);
        assert_eq!(outcome(1.3), Outcome::Fail);
        assert_eq!(outcome(3.0), Outcome::Fail);
    }
}

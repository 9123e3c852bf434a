//! A check: asks a service with an HTTP API whether a revision is well. Only reads.
//!
//! The setting `api` names an endpoint of the operator's, who holds its address and its credential: neither is ever seen here.

use serde::Deserialize;
use slipway_sdk::{
    About, Check, Failure, Finding, FindingOutcome, Subject,
    http::{Endpoint, escape},
};

/// Known by the setting that names it.
const API: Endpoint = Endpoint("api");

struct Plugin;

/// What `deploy.toml` says in `[checks.NAME]`; its schema is in `settings.schema.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// Read by Slipway, which gives the endpoint of that name.
    #[expect(dead_code, reason = "it is for the host")]
    api: String,
    /// The least score that is good enough, of 100.
    at_least: f64,
}

/// `GET /v1/scores?service=..&environment=..&revision=..`
#[derive(Debug, Deserialize)]
struct Scores {
    scores: Vec<Score>,
}

#[derive(Debug, Deserialize)]
struct Score {
    of: String,
    score: f64,
}

impl Check for Plugin {
    const ABOUT: About = About {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        summary: "Asks a service with an HTTP API for the scores of a revision.",
        settings_schema: include_str!("settings.schema.json"),
    };
    const NEEDS: &'static [&'static str] = &["endpoint of api"];
    type Settings = Settings;

    fn check(settings: Settings, subject: Subject) -> Result<Finding, Failure> {
        let path = format!(
            "/v1/scores?service={}&environment={}&revision={}",
            escape(&subject.service),
            escape(&subject.environment),
            escape(&subject.revision)
        );
        Ok(found(&API.get_json(&path)?, &settings))
    }
}

slipway_sdk::export_check!(Plugin);

/// Pure, so that it can be tested. Where nothing was scored there is nothing to say, and that is never a pass.
fn found(Scores { scores }: &Scores, settings: &Settings) -> Finding {
    let bad: Vec<_> = scores
        .iter()
        .filter(|one| one.score < settings.at_least)
        .collect();
    let (outcome, message) = match (scores.len(), bad.len()) {
        (0, _) => (FindingOutcome::Inconclusive, "nothing was scored yet".to_owned()),
        (all, 0) => (
            FindingOutcome::Passed,
            format!("all {all} scores are at least {}", settings.at_least),
        ),
        (all, bad) => (
            FindingOutcome::Failed,
            format!("{bad} of {all} scores are below {}", settings.at_least),
        ),
    };
    Finding {
        outcome,
        message,
        evidence: bad
            .iter()
            .map(|one| format!("{}: {}", one.of, one.score))
            .collect(),
        values: scores.iter().map(|one| one.score).collect(),
        tallies: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(scores: Value, outcome: FindingOutcome, message: &str, evidence: &[&str]) {
        let scores = serde_json::from_value(json!({ "scores": scores })).unwrap();
        let settings = Settings {
            api: "acme".to_owned(),
            at_least: 90.0,
        };
        let found = found(&scores, &settings);
        assert_eq!((found.outcome, found.message.as_str()), (outcome, message));
        assert_eq!(found.evidence, evidence);
    }

    #[test]
    fn scores_decide() {
        check(
            json!([]),
            FindingOutcome::Inconclusive,
            "nothing was scored yet",
            &[],
        );
        let good = json!([{ "of": "search", "score": 90 }, { "of": "cart", "score": 99.5 }]);
        check(good, FindingOutcome::Passed, "all 2 scores are at least 90", &[]);
        let bad = json!([{ "of": "search", "score": 12 }, { "of": "cart", "score": 99.5 }]);
        check(
            bad,
            FindingOutcome::Failed,
            "1 of 2 scores are below 90",
            &["search: 12"],
        );
    }
}

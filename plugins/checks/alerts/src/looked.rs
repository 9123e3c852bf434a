//! What there is to say of the rules that were found. Pure.

use slipway_sdk::{Finding, FindingOutcome};

use crate::{
    rules::{Alert, Rule},
    settings::Settings,
};

/// Of what fires, so many are named in the message.
const NAMED: usize = 3;

pub(crate) fn looked(rules: Vec<Rule>, settings: &Settings) -> Finding {
    let looked_at: Vec<_> = rules
        .into_iter()
        .filter(|rule| settings.rules.is_empty() || settings.rules.contains(&rule.name))
        .filter(|rule| rule.can_have(&settings.labels))
        .collect();
    let mut firing: Vec<_> = looked_at
        .iter()
        .flat_map(|rule| rule.alerts.iter().flatten().map(move |alert| (rule, alert)))
        .filter(|(_, alert)| alert.fires(&settings.labels))
        .collect();
    if !firing.is_empty() {
        firing.sort_by_cached_key(|(rule, alert)| line(rule, alert));
        return fired(&firing);
    }
    // Whoever does not look sees nothing: that nothing fires says something only of rules that were evaluated.
    match blind(&looked_at, settings) {
        Some(why) => Finding {
            outcome: FindingOutcome::Inconclusive,
            message: why,
            evidence: Vec::new(),
            values: Vec::new(),
            tallies: Vec::new(),
        },
        None => Finding {
            outcome: FindingOutcome::Passed,
            message: match looked_at.len() {
                1 => format!("the alerting rule {} does not fire", looked_at[0].name),
                many => format!("none of {many} alerting rules fires"),
            },
            evidence: Vec::new(),
            values: vec![0.0],
            tallies: Vec::new(),
        },
    }
}

fn fired(firing: &[(&Rule, &Alert)]) -> Finding {
    let named = firing
        .iter()
        .take(NAMED)
        .map(|(rule, alert)| match alert.summary() {
            Some(summary) => format!("{}: {summary}", rule.name),
            None => rule.name.clone(),
        });
    let named: Vec<_> = named.collect();
    let how_many = match firing.len() {
        1 => "an alert fires".to_owned(),
        many => format!("{many} alerts fire"),
    };
    let more = match firing.len() - named.len() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Finding {
        outcome: FindingOutcome::Failed,
        message: format!("{how_many}: {}{more}", named.join("; ")),
        evidence: firing.iter().map(|(rule, alert)| line(rule, alert)).collect(),
        values: vec![firing.len() as f64],
        tallies: Vec::new(),
    }
}

/// Why nobody can tell, if so.
fn blind(rules: &[Rule], settings: &Settings) -> Option<String> {
    let there = |name: &&String| rules.iter().any(|rule| rule.name == **name);
    if let Some(absent) = settings.rules.iter().find(|name| !there(name)) {
        return Some(format!(
            "the server has no alerting rule `{absent}` that can have these labels"
        ));
    }
    if rules.is_empty() {
        return Some("the server has no alerting rule that can have these labels".to_owned());
    }
    let broken = rules.iter().find(|rule| rule.health == "err");
    if let Some(rule) = broken {
        let why = rule.last_error.as_deref().unwrap_or("no explanation");
        return Some(format!(
            "the alerting rule {} cannot be evaluated: {why}",
            rule.name
        ));
    }
    let new = rules.iter().find(|rule| rule.health == "unknown");
    new.map(|rule| format!("the alerting rule {} was not evaluated yet", rule.name))
}

/// An alert as the server's own people write it.
fn line(rule: &Rule, alert: &Alert) -> String {
    let labels = alert.labels.iter().filter(|(name, _)| *name != "alertname");
    let labels: Vec<_> = labels.map(|(name, value)| format!("{name}={value:?}")).collect();
    let since = alert.active_at.as_ref();
    let since = since.map_or(String::new(), |at| format!(" since {at}"));
    let summary = alert.summary();
    let summary = summary.map_or(String::new(), |text| format!(": {text}"));
    format!("{}{{{}}}{since}{summary}", rule.name, labels.join(", "))
}

#[cfg(test)]
mod tests {
    use FindingOutcome::{Failed, Inconclusive, Passed};
    use serde_json::{Value, json};

    use super::*;
    use crate::rules::Answer;

    fn rule(name: &str, labels: Value, health: &str, alerts: Value) -> Value {
        json!({ "type": "alerting", "name": name, "labels": labels, "health": health, "alerts": alerts })
    }

    fn alert(state: &str, revision: &str) -> Value {
        json!({
            "labels": { "alertname": "HighErrors", "revision": revision, "severity": "page" },
            "annotations": { "summary": "too many errors" },
            "state": state, "activeAt": "2026-05-01T10:00:00Z", "value": "1e+00",
        })
    }

    fn find(rules: &[Value], settings: Value) -> Finding {
        let answer =
            json!({ "status": "success", "data": { "groups": [{ "rules": rules }, { "rules": null }] } });
        let answer: Answer = serde_json::from_value(answer).unwrap();
        let settings: Settings = serde_json::from_value(settings).unwrap();
        looked(answer.rules().unwrap(), &settings.about("sha256:ab"))
    }

    #[track_caller]
    fn check(rules: &[Value], settings: Value, outcome: FindingOutcome, message: &str, values: &[f64]) {
        let found = find(rules, settings);
        assert_eq!((found.outcome, found.message.as_str()), (outcome, message));
        assert_eq!(found.values, values);
    }

    #[test]
    fn what_fires_about_the_revision_is_named() {
        let own = || json!({ "endpoint": "m", "labels": { "revision": "${revision}" } });
        let errors = |alerts| rule("HighErrors", json!({ "severity": "page" }), "ok", alerts);
        let quiet = rule("Slow", json!({}), "ok", json!([]));
        let rules = [
            errors(json!([alert("firing", "ab"), alert("firing", "cd")])),
            quiet.clone(),
        ];
        let message = "an alert fires: HighErrors: too many errors";
        check(&rules, own(), Failed, message, &[1.0]);
        let evidence =
            "HighErrors{revision=\"ab\", severity=\"page\"} since 2026-05-01T10:00:00Z: too many errors";
        assert_eq!(find(&rules, own()).evidence, [evidence]);
        let all = json!({ "endpoint": "m" });
        let message = "2 alerts fire: HighErrors: too many errors; HighErrors: too many errors";
        check(&rules, all, Failed, message, &[2.0]);
        let none = "none of 2 alerting rules fires";
        let rules = [
            errors(json!([alert("firing", "cd"), alert("pending", "ab")])),
            quiet,
        ];
        check(&rules, own(), Passed, none, &[0.0]);
        let slow = json!({ "endpoint": "m", "rules": ["Slow"] });
        check(
            &rules,
            slow,
            Passed,
            "the alerting rule Slow does not fire",
            &[0.0],
        );
    }

    #[test]
    fn the_first_few_are_named() {
        let alerts: Vec<_> = (0..5)
            .map(|number| alert("firing", &number.to_string()))
            .collect();
        let found = find(
            &[rule("HighErrors", json!({}), "ok", json!(alerts))],
            json!({ "endpoint": "m" }),
        );
        assert!(found.message.ends_with("; and 2 more"), "{}", found.message);
        assert_eq!(found.evidence.len(), 5);
    }

    #[test]
    fn nobody_can_tell_without_rules_that_are_evaluated() {
        let all = || json!({ "endpoint": "m" });
        let none = "the server has no alerting rule that can have these labels";
        check(&[], all(), Inconclusive, none, &[]);
        let recording = json!({ "type": "recording", "name": "rate", "health": "ok" });
        check(&[recording], all(), Inconclusive, none, &[]);
        let of_other = rule("Slow", json!({ "service": "other" }), "ok", Value::Null);
        let own = json!({ "endpoint": "m", "labels": { "service": "shop" } });
        check(&[of_other], own.clone(), Inconclusive, none, &[]);
        let templated = rule(
            "Slow",
            json!({ "service": "{{ $labels.job }}" }),
            "ok",
            Value::Null,
        );
        check(
            &[templated],
            own,
            Passed,
            "the alerting rule Slow does not fire",
            &[0.0],
        );
        let slow = || rule("Slow", json!({}), "ok", json!([]));
        let absent = json!({ "endpoint": "m", "rules": ["Slow", "Fast"] });
        let message = "the server has no alerting rule `Fast` that can have these labels";
        check(&[slow()], absent, Inconclusive, message, &[]);
        let new = rule("New", json!({}), "unknown", json!([]));
        let message = "the alerting rule New was not evaluated yet";
        check(&[slow(), new], all(), Inconclusive, message, &[]);
        let mut broken = rule("Broken", json!({}), "err", json!([]));
        broken["lastError"] = json!("many-to-many matching");
        let message = "the alerting rule Broken cannot be evaluated: many-to-many matching";
        check(&[slow(), broken.clone()], all(), Inconclusive, message, &[]);
        // What fires is seen all the same.
        let fires = rule("HighErrors", json!({}), "ok", json!([alert("firing", "ab")]));
        check(
            &[broken, fires],
            all(),
            Failed,
            "an alert fires: HighErrors: too many errors",
            &[1.0],
        );
    }

    #[test]
    fn what_is_no_list_is_a_failure() {
        let refused = json!({ "status": "error", "error": "bad type" });
        let refused: Answer = serde_json::from_value(refused).unwrap();
        let message = refused.rules().unwrap_err().message;
        assert_eq!(message, "the server cannot list its rules: bad type");
    }
}

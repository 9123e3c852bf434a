//! The verb of the contract, and the only place that calls the host.

use slipway_sdk::{
    About, Check, Failure, Finding, Subject,
    http::{Endpoint, escape},
};

use crate::{looked::looked, rules::Answer, settings::Settings};

/// The one that the setting of this name names.
const SERVER: Endpoint = Endpoint("endpoint");

pub(crate) struct Alerts;

impl Check for Alerts {
    const ABOUT: About = About {
        name: "alerts",
        version: env!("CARGO_PKG_VERSION"),
        summary: "Alerting rules of a Prometheus server: which of them fire about a revision, and how many alerts that is.",
        settings_schema: include_str!("settings.schema.json"),
    };
    const NEEDS: &'static [&'static str] = &["endpoint of endpoint"];
    type Settings = Settings;

    fn check(settings: Settings, subject: Subject) -> Result<Finding, Failure> {
        let answer: Answer = SERVER.get_json(&path(&settings.rules))?;
        Ok(looked(answer.rules()?, &settings.about(&subject.revision)))
    }
}

/// A server that cannot choose by name answers with all rules.
fn path(rules: &[String]) -> String {
    let names = rules
        .iter()
        .map(|name| format!("&rule_name%5B%5D={}", escape(name)));
    format!("/api/v1/rules?type=alert{}", names.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_asked_for_by_name() {
        assert_eq!(path(&[]), "/api/v1/rules?type=alert");
        let rules = ["High errors", "Slow"].map(str::to_owned);
        assert_eq!(
            path(&rules),
            "/api/v1/rules?type=alert&rule_name%5B%5D=High%20errors&rule_name%5B%5D=Slow"
        );
    }
}

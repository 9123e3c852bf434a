//! The policy: what is asked of what comes from where.

use std::{collections::BTreeMap, path::PathBuf};

use slipway_registry::PublicKey;

use super::Area;

/// The policy. What is longest decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    pub rules: Vec<Rule>,
    /// Where it is written.
    pub file: PathBuf,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub area: Area,
    pub demand: Demand,
    /// Where it is written: `operator.toml:12`.
    pub line: String,
}

/// What is asked of what comes from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// Nothing.
    Unsigned,
    /// A signature by one of these.
    Signed {
        keys: Vec<TrustedKey>,
        /// That says at least this.
        claims: BTreeMap<String, String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    /// As the operator calls it.
    pub name: String,
    pub key: PublicKey,
}

impl Trust {
    pub(crate) fn rule(&self, place: &str) -> Option<&Rule> {
        let covering = self.rules.iter().filter(|rule| rule.area.covers(place));
        covering.max_by_key(|rule| rule.area.length())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::admit_web, *};

    #[test]
    fn what_is_longest_decides() {
        let rule = |area: &str| Rule {
            area: area.parse().unwrap(),
            demand: Demand::Unsigned,
            line: String::new(),
        };
        let areas = [
            "registry.example",
            "*",
            "registry.example/team/web",
            "registry.example/team",
        ];
        let trust = Trust {
            rules: areas.map(rule).to_vec(),
            file: "operator.toml".into(),
        };
        let check = |place: &str, expected: &str| {
            let found = trust.rule(place).map(|rule| rule.area.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{place}");
        };
        check("registry.example/team/web", "registry.example/team/web");
        check("registry.example/team/web/inner", "registry.example/team/web");
        check("registry.example/team/website", "registry.example/team");
        check("registry.example/other", "registry.example");
        check("registry.example:5000/team", "*");
        let none = Trust {
            rules: vec![rule("registry.example/team")],
            ..trust.clone()
        };
        assert_eq!(none.rule("registry.example"), None);
        let refused = none
            .rule_for("registry.example/other", "artifact web")
            .unwrap_err();
        assert!(
            refused.message.contains("says nothing of registry.example/other"),
            "{refused}"
        );
        let web = admit_web(&none, "https://charts.example/index.yaml").unwrap_err();
        assert!(web.message.contains("charts.example/index.yaml"), "{web}");
        assert_eq!(admit_web(&trust, "https://charts.example/index.yaml"), Ok(()));
    }
}

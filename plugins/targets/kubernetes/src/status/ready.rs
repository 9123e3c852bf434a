//! The kinds whose readiness the manifest decides about.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use slipway_kubernetes_api::Id;

use super::{Expression, Standing, rules};

/// By kind, as in `Kind.group`; kinds of the core have no group.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(try_from = "BTreeMap<String, Value>")]
pub(crate) struct Ready(BTreeMap<String, Rule>);

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    when: Expression,
    /// It will not come about by itself any more.
    failed: Option<Expression>,
}

impl Ready {
    /// What the cluster's own kinds say of themselves is asked first; for others the rule takes the place of the usual
    /// conditions.
    pub(crate) fn standing(&self, id: &Id, live: &Value) -> Standing {
        let Some(rule) = self.of(id) else {
            return rules::standing(id, live);
        };
        let told = if rules::is_custom(id) {
            rules::common(live).unwrap_or(Standing::Current)
        } else {
            rules::standing(id, live)
        };
        if matches!(told, Standing::Leaving | Standing::Failed(_)) {
            return told;
        }
        if let Some(failed) = rule.failed.as_ref().filter(|failed| failed.unmet(live).is_none()) {
            return Standing::Failed(format!("`{failed}` holds"));
        }
        if told != Standing::Current {
            return told;
        }
        rule.when
            .unmet(live)
            .map_or(Standing::Current, Standing::InProgress)
    }

    /// Whether an object has to be looked at; others are well as soon as they are there.
    pub(crate) fn watched(&self, id: &Id) -> bool {
        rules::watched(id) || self.of(id).is_some()
    }

    fn of(&self, id: &Id) -> Option<&Rule> {
        let key = match id.group.as_str() {
            "" => id.kind.clone(),
            group => format!("{}.{group}", id.kind),
        };
        self.0.get(&key)
    }
}

impl TryFrom<BTreeMap<String, Value>> for Ready {
    type Error = String;

    fn try_from(written: BTreeMap<String, Value>) -> Result<Self, String> {
        let expression = |kind: &str, key: &str, text: &Value| -> Result<Expression, String> {
            let text = text
                .as_str()
                .ok_or_else(|| format!("ready for {kind}: `{key}` is no text"))?;
            text.parse().map_err(|error| format!("ready for {kind}: {error}"))
        };
        let mut rules = BTreeMap::new();
        for (kind, rule) in written {
            let (when, failed) = match &rule {
                Value::Object(map) => (map.get("when").unwrap_or(&Value::Null), map.get("failed")),
                text => (text, None),
            };
            let when = expression(&kind, "when", when)?;
            let failed = failed.map(|text| expression(&kind, "failed", text)).transpose()?;
            rules.insert(kind, Rule { when, failed });
        }
        Ok(Self(rules))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ready() -> Ready {
        serde_json::from_value(json!({
            "Database.example.com": { "when": "status.phase == 'Ready'", "failed": "status.phase == 'Broken'" },
            "Ingress.networking.k8s.io": "status.loadBalancer.ingress"
        }))
        .unwrap()
    }

    #[test]
    fn the_manifest_decides() {
        let check = |key: &str, live: Value, expected: Standing| {
            assert_eq!(ready().standing(&key.parse().unwrap(), &live), expected, "{live}");
        };
        let database = |phase: &str| {
            json!({ "metadata": { "generation": 2 }, "status": { "observedGeneration": 2, "phase": phase,
                "conditions": [{ "type": "Ready", "status": "False" }] } })
        };
        let key = "Database.example.com/db";
        check(key, database("Ready"), Standing::Current);
        let why = "`status.phase == 'Ready'` does not hold: status.phase is 'Booting'";
        check(key, database("Booting"), Standing::waits(why));
        let why = "`status.phase == 'Broken'` holds".to_owned();
        check(key, database("Broken"), Standing::Failed(why));
        let mut old = database("Ready");
        old["metadata"]["generation"] = json!(3);
        check(
            key,
            old,
            Standing::waits("its controller has not seen the change yet"),
        );
        let ingress = "Ingress.networking.k8s.io/web";
        let why = "`status.loadBalancer.ingress` does not hold: status.loadBalancer.ingress is not there";
        check(
            ingress,
            json!({ "status": { "loadBalancer": {} } }),
            Standing::waits(why),
        );
        let served = json!({ "status": { "loadBalancer": { "ingress": [{ "ip": "10.0.0.1" }] } } });
        check(ingress, served, Standing::Current);
        assert!(ready().watched(&ingress.parse().unwrap()));
        // Without a rule an Ingress is well as soon as it is there: not every controller says more.
        assert!(!Ready::default().watched(&ingress.parse().unwrap()));
    }

    #[test]
    fn errors_name_the_kind() {
        let error = serde_json::from_value::<Ready>(json!({ "Database.example.com": "status.phase = 'x'" }));
        let expected = "ready for Database.example.com: `=` at character 14 is not understood: `==` compares";
        assert_eq!(error.unwrap_err().to_string(), expected);
    }
}

//! What a Prometheus server answers to `/api/v1/rules`, as far as it matters here. Servers that speak the same leave out,
//! or say null, where there is nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use slipway_sdk::Failure;

pub(crate) type Labels = BTreeMap<String, String>;

#[derive(Debug, Deserialize)]
pub(crate) struct Answer {
    status: String,
    error: Option<String>,
    data: Option<Data>,
}

#[derive(Debug, Deserialize)]
struct Data {
    groups: Option<Vec<Group>>,
}

#[derive(Debug, Deserialize)]
struct Group {
    rules: Option<Vec<Rule>>,
}

/// A rule of any type.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rule {
    #[serde(rename = "type", default)]
    kind: String,
    pub(crate) name: String,
    /// Which all its alerts have, unless a template makes them.
    #[serde(default)]
    pub(crate) labels: Option<Labels>,
    pub(crate) alerts: Option<Vec<Alert>>,
    /// `ok`, `err`, or `unknown` before it was first evaluated.
    #[serde(default)]
    pub(crate) health: String,
    pub(crate) last_error: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Alert {
    #[serde(default)]
    pub(crate) labels: Labels,
    #[serde(default)]
    pub(crate) annotations: Option<Labels>,
    pub(crate) state: String,
    pub(crate) active_at: Option<String>,
}

impl Answer {
    /// The alerting ones.
    pub(crate) fn rules(self) -> Result<Vec<Rule>, Failure> {
        if self.status != "success" {
            let why = self.error.unwrap_or_else(|| "no explanation".to_owned());
            return Err(Failure::failed(format!(
                "the server cannot list its rules: {why}"
            )));
        }
        let data = self
            .data
            .ok_or_else(|| Failure::failed("the server lists no rules"))?;
        let groups = data.groups.unwrap_or_default();
        let rules = groups
            .into_iter()
            .flat_map(|group| group.rules.unwrap_or_default());
        Ok(rules.filter(|rule| rule.kind == "alerting").collect())
    }
}

impl Rule {
    /// Whether it can have an alert with these labels.
    pub(crate) fn can_have(&self, wanted: &Labels) -> bool {
        let other = |(name, value): (&String, &String)| {
            let own = match name.as_str() {
                "alertname" => Some(&self.name),
                name => self.labels.as_ref().and_then(|labels| labels.get(name)),
            };
            own.is_some_and(|own| own != value && !own.contains("{{"))
        };
        !wanted.iter().any(other)
    }
}

impl Alert {
    pub(crate) fn fires(&self, wanted: &Labels) -> bool {
        self.state == "firing"
            && wanted
                .iter()
                .all(|(name, value)| self.labels.get(name) == Some(value))
    }

    pub(crate) fn summary(&self) -> Option<&str> {
        let annotations = self.annotations.as_ref()?;
        let found = ["summary", "description", "message"]
            .into_iter()
            .find_map(|name| annotations.get(name));
        found.map(String::as_str)
    }
}

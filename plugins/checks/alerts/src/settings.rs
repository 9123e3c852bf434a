//! The settings as written in deploy.toml. What each means is said in `settings.schema.json`, which a test keeps in
//! step.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    /// Read by the host, which gives the endpoint of that name.
    #[expect(dead_code, reason = "it is the host's")]
    pub(crate) endpoint: String,
    #[serde(default)]
    pub(crate) rules: Vec<String>,
    #[serde(default)]
    pub(crate) labels: BTreeMap<String, String>,
}

impl Settings {
    /// With the revision in it.
    pub(crate) fn about(mut self, revision: &str) -> Self {
        let hex = revision.rsplit(':').next().unwrap_or_default();
        for value in self.labels.values_mut() {
            *value = value.replace("${revision}", hex);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_schema_and_the_settings_name_the_same_keys() {
        let schema: Value = serde_json::from_str(include_str!("settings.schema.json")).unwrap();
        for example in schema["examples"].as_array().unwrap() {
            serde_json::from_value::<Settings>(example.clone()).unwrap();
        }
        // An unknown key makes serde list every known one.
        let error = serde_json::from_str::<Settings>(r#"{"?":1}"#)
            .unwrap_err()
            .to_string();
        let mut known: Vec<_> = error.split('`').skip(1).step_by(2).skip(1).collect();
        let mut described: Vec<_> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        known.sort_unstable();
        described.sort_unstable();
        assert_eq!(known, described);
    }

    #[test]
    fn the_revision_stands_in_labels() {
        let settings =
            r#"{"endpoint":"metrics","labels":{"revision":"sha256:${revision}","of":"${revision}"}}"#;
        let settings: Settings = serde_json::from_str(settings).unwrap();
        let labels = settings.about("sha256:ab").labels;
        assert_eq!(
            (labels["revision"].as_str(), labels["of"].as_str()),
            ("sha256:ab", "ab")
        );
    }
}

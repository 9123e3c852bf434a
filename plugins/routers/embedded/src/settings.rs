//! The settings as written in deploy.toml. What each means is said in `settings.schema.json`, which a test keeps in
//! step.

use serde::{Deserialize, Serialize};
use slipway_sdk::Duration;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) listen: String,
    pub(crate) preview: Option<String>,
    #[serde(default = "http")]
    pub(crate) port: String,
    pub(crate) sticky: Option<Sticky>,
    pub(crate) retries: Option<u32>,
    #[serde(default)]
    pub(crate) expose: bool,
    #[serde(default)]
    pub(crate) trust_forwarded: bool,
    pub(crate) timeouts: Option<Timeouts>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Sticky {
    #[serde(default = "cookie")]
    cookie: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age: Option<Duration>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Timeouts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    connect: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    header: Option<Duration>,
}

fn http() -> String {
    "http".to_owned()
}

fn cookie() -> String {
    "slipway-revision".to_owned()
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
}

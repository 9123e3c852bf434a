//! The settings as written in deploy.toml. What each means is said in `settings.schema.json`, which a test keeps in
//! step.

use serde::Deserialize;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    /// The host's to know: it decides where the endpoint `cluster` leads.
    #[serde(default, rename = "context")]
    _context: Option<String>,
    #[serde(default = "namespace")]
    pub(crate) namespace: String,
    pub(crate) ingress: String,
    pub(crate) service: String,
    pub(crate) preview: Option<Preview>,
    /// In seconds.
    #[serde(default = "settle")]
    pub(crate) settle: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Preview {
    pub(crate) header: String,
    pub(crate) value: Option<String>,
}

fn namespace() -> String {
    "default".to_owned()
}

/// The controller reads what has changed three times in ten seconds, unless it is told otherwise.
fn settle() -> u32 {
    5
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
        assert_eq!(schema["properties"]["settle"]["default"], settle());
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

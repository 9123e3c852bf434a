//! The settings as written in deploy.toml, every template expanded. What each means is said in
//! `settings.schema.json`, which a test keeps in step.

use serde::Deserialize;
use serde_json::Value;
use slipway_sdk::Failure;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Settings {
    #[serde(default)]
    pub(super) path: String,
    #[serde(default = "default_namespace")]
    pub(super) namespace: String,
    #[serde(default)]
    pub(super) images: Images,
    #[serde(default)]
    pub(super) image_paths: Vec<String>,
    #[serde(default)]
    pub(super) more_images: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Images {
    #[default]
    Relocate,
    AsWritten,
}

impl Settings {
    pub(super) fn parse(settings: Value) -> Result<Self, Failure> {
        serde_json::from_value(settings).map_err(|error| Failure::invalid(format!("the settings: {error}")))
    }

    /// What is known before there is an environment: values that are templates are left away, but for the path, of
    /// which the rest says what it may be.
    pub(super) fn known(mut settings: Value) -> Result<Self, Failure> {
        if let Value::Object(settings) = &mut settings {
            settings.retain(|key, value| key == "path" || !is_template(value));
            for value in settings.values_mut() {
                if let Value::Array(items) = value {
                    items.retain(|item| !is_template(item));
                }
            }
        }
        Self::parse(settings)
    }
}

fn is_template(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains("{{"))
}

fn default_namespace() -> String {
    "default".to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_schema_and_the_settings_name_the_same_keys() {
        let schema: Value = serde_json::from_str(include_str!("settings.schema.json")).unwrap();
        for example in schema["examples"].as_array().unwrap() {
            Settings::parse(example.clone()).unwrap();
        }
        // An unknown key makes serde list every known one.
        let error = Settings::parse(json!({ "?": 1 })).unwrap_err().message;
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
    fn what_is_known_before_an_environment_is() {
        let settings = json!({
            "path": "overlays/{{ environment }}", "namespace": "{{ x }}", "more-images": ["a", "b:{{ tag }}"]
        });
        let known = Settings::known(settings).unwrap();
        assert_eq!(known.path, "overlays/{{ environment }}");
        assert_eq!(
            (known.namespace.as_str(), known.more_images),
            ("default", vec!["a".to_owned()])
        );
    }
}

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
    /// Empty until the target has been asked.
    #[serde(default)]
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

    /// In an environment: objects go where its target is.
    pub(super) fn at(settings: Value, target: &Value) -> Result<Self, Failure> {
        let mut settings = Self::parse(settings)?;
        let there = target.get("namespace").and_then(Value::as_str);
        let (own, there) = (settings.namespace.as_str(), there.unwrap_or_default());
        if !own.is_empty() && !there.is_empty() && own != there {
            return Err(Failure::invalid(format!(
                "`namespace` is {own:?}, and that of the environment's target is {there:?}"
            ))
            .hint("leave it away: the target's counts"));
        }
        if own.is_empty() {
            settings.namespace = if there.is_empty() { "default" } else { there }.to_owned();
        }
        Ok(settings)
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
            ("", vec!["a".to_owned()])
        );
    }

    #[test]
    fn the_namespace_is_the_targets() {
        let check = |settings: Value, target: Value, expected: Result<&str, &str>| {
            let found = Settings::at(settings, &target).map(|settings| settings.namespace);
            let found = found.map_err(|failure| failure.message);
            assert_eq!(found.as_deref().map_err(String::as_str), expected);
        };
        check(json!({}), json!({}), Ok("default"));
        check(json!({ "namespace": "a" }), json!({}), Ok("a"));
        check(json!({}), json!({ "namespace": "a" }), Ok("a"));
        check(json!({ "namespace": "a" }), json!({ "namespace": "a" }), Ok("a"));
        check(
            json!({ "namespace": "a" }),
            json!({ "namespace": "b" }),
            Err("`namespace` is \"a\", and that of the environment's target is \"b\""),
        );
    }
}

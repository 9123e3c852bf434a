//! What a format is told of the environment that it renders for, and where in `deploy.toml` stands what it refuses.

use serde_json::{Map, Value};
use slipway_manifest::Binding;
use slipway_plugin::{DependencyKind, FailureKind, Kind, PluginError, Resolved};

use super::desk::Desk;
use crate::{RunError, package::PackagedArtifact, registries::Registries};

impl Desk<'_> {
    /// What release made of the artifact's dependencies, and what its images are pulled by here.
    pub(super) fn resolved(&self, artifact: &PackagedArtifact) -> Vec<Resolved> {
        let registries = Registries::new(
            self.project,
            (&self.engine.registries, None),
            std::sync::Arc::new(slipway_registry::Silent),
        );
        let from = registries.pulled_from(self.environment);
        let resolved = artifact.needs.iter().map(|need| {
            let from = from.as_ref().filter(|_| need.kind == DependencyKind::Image);
            Resolved {
                reference: need.reference.clone(),
                digest: need.blob.digest,
                pull: from.map(|from| format!("{from}@{}", need.blob.digest)),
            }
        });
        resolved.collect()
    }

    /// The settings of the environment's target, with what its plugin says of those that are left away.
    pub(super) async fn target(&self) -> Result<Value, RunError> {
        let Binding { plugin, settings } = &self.environment.target;
        let schema = self.engine.plugins.settings_schema(Kind::Target, plugin).await?;
        Ok(Value::Object(with_defaults(settings.values.clone(), &schema)))
    }

    /// An error about what `deploy.toml` says of an artifact names the line: that of the first setting it mentions, or
    /// that of the artifact. Only if the manifest still says what was released.
    pub(super) fn placed(&self, artifact: &str, error: PluginError) -> PluginError {
        let PluginError::Answered {
            plugin,
            verb,
            mut failure,
        } = error
        else {
            return error;
        };
        let written = self.project.manifest.artifacts.get(artifact);
        let written = written.map(|written| &written.settings).filter(|settings| {
            Value::Object(settings.values.clone()) == self.package.artifacts[artifact].settings
        });
        if let Some(settings) = written
            && failure.kind == FailureKind::Invalid
        {
            let mentioned = mentioned(&failure.message, &settings.values);
            let pointer = mentioned.map_or(String::new(), |key| format!("/{key}"));
            if let Some(place) = settings.nearest_place(&pointer) {
                let (line, _) = place.value.position(&self.project.text);
                failure.message = format!("{}:{line}: {}", self.project.file.display(), failure.message);
            }
        }
        PluginError::Answered {
            plugin,
            verb,
            failure,
        }
    }
}

fn with_defaults(mut settings: Map<String, Value>, schema: &Value) -> Map<String, Value> {
    let properties = schema.get("properties").and_then(Value::as_object);
    for (key, about) in properties.into_iter().flatten() {
        if let Some(default) = about.get("default") {
            settings.entry(key).or_insert_with(|| default.clone());
        }
    }
    settings
}

/// The setting that a message names first, as `key`.
fn mentioned<'a>(message: &str, settings: &'a Map<String, Value>) -> Option<&'a str> {
    let place = |key: &&String| message.find(&format!("`{key}`"));
    let named = settings.keys().filter(|key| place(key).is_some());
    named.min_by_key(place).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_away_is_the_default() {
        let schema = json!({ "properties": { "namespace": { "default": "default" }, "context": {} } });
        let check = |settings: Value, expected: Value| {
            let settings = settings.as_object().unwrap().clone();
            assert_eq!(Value::Object(with_defaults(settings, &schema)), expected);
        };
        check(json!({}), json!({ "namespace": "default" }));
        check(
            json!({ "namespace": "a", "x": 1 }),
            json!({ "namespace": "a", "x": 1 }),
        );
    }

    #[test]
    fn the_setting_that_is_meant() {
        let settings = json!({ "namespace": "a", "path": "b" });
        let settings = settings.as_object().unwrap();
        for (message, expected) in [
            ("`namespace` is `a`, and `path` is not", Some("namespace")),
            ("nothing fits `path`", Some("path")),
            ("the namespace is wrong", None),
        ] {
            assert_eq!(mentioned(message, settings), expected, "{message}");
        }
    }
}

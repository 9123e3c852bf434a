//! The settings as written in deploy.toml. What each means is said in `settings.schema.json`, which a test keeps in
//! step.

use serde::Deserialize;

use crate::status::Ready;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    /// The host's to know: it decides where the endpoint `cluster` leads.
    #[serde(default, rename = "context")]
    _context: Option<String>,
    #[serde(default = "namespace")]
    pub(crate) namespace: String,
    #[serde(default)]
    pub(crate) mode: Mode,
    #[serde(default)]
    pub(crate) conflicts: Conflicts,
    #[serde(default)]
    pub(crate) allow: Vec<Allowance>,
    #[serde(default)]
    pub(crate) ready: Ready,
    /// So many restarts of a container are borne.
    #[serde(default = "restarts")]
    pub(crate) restarts: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mode {
    #[default]
    InPlace,
    SideBySide,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Conflicts {
    #[default]
    Refuse,
    Take,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Allowance {
    CreateNamespace,
    Replace,
    PruneNamespaces,
    PruneVolumes,
    PruneCrds,
}

impl Settings {
    pub(crate) fn allows(&self, what: Allowance) -> bool {
        self.allow.contains(&what)
    }
}

fn namespace() -> String {
    "default".to_owned()
}

/// What ends twice has not ended by bad luck.
fn restarts() -> i64 {
    1
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

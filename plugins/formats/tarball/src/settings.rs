//! The settings as written in deploy.toml, every template expanded. What each means is said in
//! `settings.schema.json`, which a test keeps in step.

use std::collections::BTreeMap;

use serde::Deserialize;
use slipway_sdk::process::{Health, ProcessPort, Restart, Stop};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) command: Vec<String>,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, Scalar>,
    #[serde(default)]
    pub(crate) ports: BTreeMap<String, ProcessPort>,
    pub(crate) health: Option<Health>,
    #[serde(default = "one")]
    pub(crate) instances: u32,
    pub(crate) restart: Option<Restart>,
    pub(crate) stop: Option<Stop>,
    #[serde(default)]
    pub(crate) data: DataSetting,
    #[serde(default)]
    pub(crate) strip: u32,
    pub(crate) workdir: Option<String>,
    pub(crate) log: Option<Log>,
    pub(crate) user: Option<String>,
}

/// The value of an environment variable, however it was written.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Flag(bool),
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "`data` is true, false or \"exclusive\"")]
pub(crate) enum DataSetting {
    Flag(bool),
    Word(DataWord),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DataWord {
    Exclusive,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) max_size: Size,
}

/// Bytes, as a number or with a unit such as `16MiB`.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "`max-size` is a number of bytes, or one with a unit such as \"16MiB\""
)]
pub(crate) enum Size {
    Bytes(u64),
    Text(String),
}

impl Default for DataSetting {
    fn default() -> Self {
        Self::Flag(false)
    }
}

impl Scalar {
    pub(crate) fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

impl Size {
    pub(crate) fn bytes(&self) -> Option<u64> {
        let text = match self {
            Self::Bytes(bytes) => return Some(*bytes),
            Self::Text(text) => text,
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let scale = match unit.trim_start() {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "kB" | "KB" => 1000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(scale)
    }
}

fn one() -> u32 {
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
        let known: Vec<_> = error.split('`').skip(1).step_by(2).skip(1).collect();
        let described: Vec<_> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let (mut known, mut described) = (known, described);
        known.sort_unstable();
        described.sort_unstable();
        assert_eq!(known, described);
    }

    #[test]
    fn sizes() {
        let text = |text: &str| Size::Text(text.to_owned()).bytes();
        assert_eq!(Size::Bytes(5).bytes(), Some(5));
        assert_eq!(
            [text("16MiB"), text("2 kB"), text("7")],
            [Some(16 << 20), Some(2000), Some(7)]
        );
        assert_eq!(
            [text("MiB"), text("1.5MiB"), text("1XB"), text("99999999999GiB")],
            [None; 4]
        );
    }
}

//! How strict a judgement is to be, as people type it: `KEY=VALUE`.

use std::{fmt, str::FromStr};

use serde::de::DeserializeOwned;
use serde_json::Value;
use slipway_judge::Settings;
use slipway_manifest::{Analysis, Evidence};

use crate::error::CommandError;

#[derive(Debug, Clone)]
pub(super) struct Set {
    key: Key,
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Confidence,
    Tolerance,
    MinSample,
    Min,
    Max,
    Quantile,
    Direction,
    MaxCount,
    MaxRate,
    MaxPercent,
}

const KEYS: [(&str, Key); 10] = [
    ("confidence", Key::Confidence),
    ("tolerance", Key::Tolerance),
    ("min-sample", Key::MinSample),
    ("min", Key::Min),
    ("max", Key::Max),
    ("quantile", Key::Quantile),
    ("direction", Key::Direction),
    ("max-count", Key::MaxCount),
    ("max-rate", Key::MaxRate),
    ("max-percent", Key::MaxPercent),
];

impl FromStr for Set {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("it is written KEY=VALUE")?;
        let found = KEYS.iter().find(|(known, _)| *known == name);
        let known = || KEYS.map(|(name, _)| name).join(", ");
        let (_, key) = found.ok_or_else(|| format!("`{name}` is none of {}", known()))?;
        Ok(Self {
            key: *key,
            value: value.to_owned(),
        })
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = KEYS.iter().find(|(_, key)| *key == self.key);
        write!(f, "{}={}", name.map_or("", |(name, _)| name), self.value)
    }
}

/// For series that nobody has said anything of.
pub(super) fn settings(all: &[Set]) -> Result<Settings, CommandError> {
    let mut settings = Settings::default();
    for set in all {
        match set.key {
            Key::Confidence => settings.confidence = set.confidence()?,
            Key::Tolerance => settings.tolerance = set.tolerance()?,
            Key::MinSample => settings.min_sample = set.parsed()?,
            Key::Min => settings.min = Some(set.number()?),
            Key::Max => settings.max = Some(set.number()?),
            Key::Direction => settings.direction = set.direction()?,
            Key::Quantile => settings.quantile = Some(set.quantile()?),
            Key::MaxPercent => settings.max = Some(set.share()?),
            Key::MaxCount | Key::MaxRate => return Err(set.wrong("a file has no log lines; see `max`")),
        }
    }
    Ok(settings)
}

/// Answers whether it is something that the analysis has.
pub(super) fn apply(set: &Set, analysis: &mut Analysis) -> Result<bool, CommandError> {
    match (set.key, &mut analysis.evidence) {
        (Key::Confidence, _) => analysis.confidence = Some(set.confidence()?),
        (Key::Tolerance, _) => analysis.tolerance = Some(set.tolerance()?),
        (Key::MinSample, _) => analysis.min_sample = set.parsed()?,
        (Key::Min, Evidence::Metrics { bounds, .. }) => bounds.min = Some(set.number()?),
        (Key::Max, Evidence::Metrics { bounds, .. }) => bounds.max = Some(set.number()?),
        (Key::Direction, Evidence::Metrics { direction, .. }) => *direction = set.direction()?,
        (
            Key::Max,
            Evidence::Logs {
                value: Some(_),
                bounds,
                ..
            },
        ) => bounds.max = Some(set.number()?),
        (
            Key::Quantile,
            Evidence::Logs {
                value: Some(_),
                bounds,
                ..
            },
        ) => bounds.quantile = Some(set.quantile()?),
        (Key::MaxPercent, Evidence::Traffic { bounds, .. }) => bounds.max_share = Some(set.share()?),
        (Key::MaxCount | Key::MaxRate, Evidence::Logs { value: Some(_), .. }) => return Ok(false),
        (Key::MaxCount, Evidence::Logs { bounds, .. }) => bounds.max_count = Some(set.parsed()?),
        (Key::MaxRate, Evidence::Logs { bounds, .. }) => bounds.max_rate = Some(set.parsed()?),
        _ => return Ok(false),
    }
    Ok(true)
}

impl Set {
    fn confidence(&self) -> Result<f64, CommandError> {
        let percent = Some(self.number()?).filter(|percent| (50.0..100.0).contains(percent));
        let share = percent.map(|percent| percent / 100.0);
        share.ok_or_else(|| self.wrong("it is at least 50 and less than 100"))
    }

    fn quantile(&self) -> Result<f64, CommandError> {
        let share = Some(self.number()?).filter(|share| *share > 0.0 && *share < 1.0);
        share.ok_or_else(|| self.wrong("it is between 0 and 1: 0.99 is what 99 % do not exceed"))
    }

    fn share(&self) -> Result<f64, CommandError> {
        let percent = Some(self.number()?).filter(|percent| (0.0..100.0).contains(percent));
        let share = percent.map(|percent| percent / 100.0);
        share.ok_or_else(|| self.wrong("it is at least 0 and less than 100"))
    }

    fn tolerance(&self) -> Result<f64, CommandError> {
        let percent = Some(self.number()?).filter(|percent| *percent >= 0.0);
        let share = percent.map(|percent| percent / 100.0);
        share.ok_or_else(|| self.wrong("it is at least 0"))
    }

    /// Of the manifest and of the judge, who have the same words.
    fn direction<T: DeserializeOwned>(&self) -> Result<T, CommandError> {
        let word = Value::from(self.value.as_str());
        serde_json::from_value(word).map_err(|_| self.wrong("it is `lower-is-better` or `higher-is-better`"))
    }

    fn number(&self) -> Result<f64, CommandError> {
        let number = Some(self.parsed::<f64>()?).filter(|number| number.is_finite());
        number.ok_or_else(|| self.wrong("a number that is finite is needed"))
    }

    fn parsed<T: FromStr<Err: fmt::Display>>(&self) -> Result<T, CommandError> {
        self.value
            .parse()
            .map_err(|error: T::Err| self.wrong(&error.to_string()))
    }

    fn wrong(&self, why: &str) -> CommandError {
        CommandError::usage(format!("--set {self}: {why}"))
    }
}

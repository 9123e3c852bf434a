//! Durations as people write them: `250ms`, `2m`, `1h30m`. Kept as milliseconds, so that plans compare exactly.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Duration(u64);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a duration: a number and a unit (ms, s, m, h, d), such as `30s` or `1h30m`")]
pub struct DurationError(pub String);

const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

impl Duration {
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    pub const fn from_secs(secs: u64) -> Self {
        Self(secs * 1000)
    }

    pub const fn as_millis(self) -> u64 {
        self.0
    }

    pub fn std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0)
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || DurationError(text.chars().take(40).collect());
        if text == "0" {
            return Ok(Self(0));
        }
        let mut rest = text;
        let mut total = 0_u64;
        let mut last = u64::MAX;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let letters = rest
                .bytes()
                .skip(digits)
                .take_while(u8::is_ascii_lowercase)
                .count();
            let number: u64 = rest
                .get(..digits)
                .and_then(|number| number.parse().ok())
                .ok_or_else(bad)?;
            let unit = rest.get(digits..digits + letters).ok_or_else(bad)?;
            let (_, millis) = UNITS
                .into_iter()
                .find(|(name, _)| *name == unit)
                .ok_or_else(bad)?;
            if millis >= last {
                return Err(bad());
            }
            last = millis;
            total = number
                .checked_mul(millis)
                .and_then(|part| total.checked_add(part))
                .ok_or_else(bad)?;
            rest = &rest[digits + letters..];
        }
        if text.is_empty() {
            Err(bad())
        } else {
            Ok(Self(total))
        }
    }
}

impl TryFrom<String> for Duration {
    type Error = DurationError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        duration.to_string()
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("0s");
        }
        let mut rest = self.0;
        for (unit, millis) in UNITS {
            if rest >= millis {
                write!(f, "{}{unit}", rest / millis)?;
                rest %= millis;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read() {
        for (text, millis) in [
            ("250ms", 250),
            ("2m", 120_000),
            ("1h30m", 5_400_000),
            ("1d1ms", 86_400_001),
        ] {
            let duration: Duration = text.parse().unwrap();
            assert_eq!(
                (duration.as_millis(), duration.to_string().as_str()),
                (millis, text)
            );
        }
    }

    #[test]
    fn refused() {
        for bad in [
            "",
            "5",
            "m",
            "-1s",
            "1s1s",
            "1s2m",
            "1.5s",
            "99999999999999999999s",
            "300000000000d",
            "1é",
        ] {
            assert!(bad.parse::<Duration>().is_err(), "{bad}");
        }
    }
}

//! Durations as people write them, checked and handed on as they were written: `250ms`, `2m`, `1h30m`.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Duration(String);

/// From the longest, in which order they are written.
const UNITS: [&str; 5] = ["d", "h", "m", "s", "ms"];

impl TryFrom<String> for Duration {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if is_duration(&text) {
            Ok(Self(text))
        } else {
            Err(format!(
                "`{text}` is not a duration: a number and a unit (ms, s, m, h, d), such as `30s` or `1h30m`"
            ))
        }
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> Self {
        duration.0
    }
}

fn is_duration(text: &str) -> bool {
    let mut rest = text;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let after = number.trim_start_matches(|c: char| c.is_ascii_lowercase());
        let unit = &number[..number.len() - after.len()];
        let digits = rest.len() - number.len();
        if !(1..=9).contains(&digits) || !units.any(|known| *known == unit) {
            return false;
        }
        rest = after;
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_with_falling_units() {
        for good in ["250ms", "0s", "2m", "1h30m", "1d2h3m4s5ms"] {
            assert_eq!(
                Duration::try_from(good.to_owned()).map(String::from).as_deref(),
                Ok(good)
            );
        }
        for bad in [
            "",
            "5",
            "s",
            "1m1h",
            "1s1s",
            "1.5s",
            "-1s",
            "1 s",
            "1w",
            "1234567890s",
            "ä",
        ] {
            assert!(Duration::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}

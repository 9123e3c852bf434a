//! Texts with a meaning of their own: sizes in bytes, regular expressions, host names.

use std::{fmt, str::FromStr};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// A number of bytes: `64MiB`, `1GB`, `512`. Powers of 1024 with an `i`, of 1000 without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

/// A regular expression that compiles, in the syntax of the `regex` crate: linear time, no look-around, no back-references.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Pattern(Regex);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a size: a whole number and a unit (B, kB, MB, GB, TB, KiB, MiB, GiB, TiB), such as `64MiB`"
)]
pub struct ByteSizeError(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a regular expression: {0}")]
pub struct PatternError(String);

const UNITS: [(&str, u64); 10] = [
    ("TiB", 1 << 40),
    ("TB", 1_000_000_000_000),
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1000),
    ("B", 1),
    ("", 1),
];

/// Memory that one compiled expression may take.
const PATTERN_LIMIT: usize = 1 << 20;

impl Pattern {
    pub fn is_match(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What a named group matches, where all of it matches first.
    pub fn group<'t>(&self, text: &'t str, name: &str) -> Option<&'t str> {
        Some(self.0.captures(text)?.name(name)?.as_str())
    }

    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.0.capture_names().flatten()
    }
}

impl FromStr for ByteSize {
    type Err = ByteSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || ByteSizeError(text.chars().take(40).collect());
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = text[..digits].parse().map_err(|_| bad())?;
        let unit = text[digits..].trim_start();
        let (_, factor) = UNITS
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(bad)?;
        number.checked_mul(factor).map(Self).ok_or_else(bad)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        RegexBuilder::new(text)
            .size_limit(PATTERN_LIMIT)
            .build()
            .map(Self)
            .map_err(|error| {
                // The library draws the expression over several lines; its last line says what is wrong.
                let message = error.to_string();
                let cause = message.lines().last().unwrap_or_default();
                PatternError(cause.strip_prefix("error: ").unwrap_or(cause).to_owned())
            })
    }
}

/// In the largest unit that divides it.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, factor): &(&str, u64)| self.0 >= *factor && self.0.is_multiple_of(*factor);
        let (unit, factor) = UNITS.into_iter().find(fits).unwrap_or(("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.as_str().to_owned()
    }
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// As RFC 1123 has it: labels of letters, digits and inner hyphens, at most 63 each and 253 together.
pub(super) fn is_hostname(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes, shown) in [
            ("64MiB", 64 << 20, "64MiB"),
            ("1GB", 1_000_000_000, "1GB"),
            ("512", 512, "512B"),
            ("1024 KiB", 1 << 20, "1MiB"),
        ] {
            let size: ByteSize = text.parse().unwrap();
            assert_eq!((size.0, size.to_string().as_str()), (bytes, shown));
        }
        for bad in ["", "MiB", "1.5GB", "-1B", "1XB", "99999999999TiB", "1é"] {
            assert!(bad.parse::<ByteSize>().is_err(), "{bad}");
        }
    }

    #[test]
    fn hostnames() {
        for good in ["localhost", "shop.example", "a-1.b", "0.0"] {
            assert!(is_hostname(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "a..b",
            "-a",
            "a-",
            "a_b",
            "a b",
            "é.example",
            &"a".repeat(64),
            &"a.".repeat(130),
        ] {
            assert!(!is_hostname(bad), "{bad}");
        }
    }

    #[test]
    fn patterns_say_what_is_wrong() {
        let error = "a(b".parse::<Pattern>().unwrap_err().to_string();
        assert_eq!(error, "not a regular expression: unclosed group");
        assert!(
            "(a{1000}){1000}".parse::<Pattern>().is_err(),
            "larger than its limit"
        );
    }
}

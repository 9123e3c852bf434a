//! Amounts of instances and rates of events, as people write them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use slipway_model::Duration;

/// `3` or `"25%"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Written", try_from = "Written")]
pub enum Amount {
    Count(u32),
    /// 0 to 100.
    Percent(u8),
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Count(u32),
    Percent(String),
}

/// `0.1/s`, `5/m`: how many per unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Rate {
    pub count: f64,
    pub per: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    #[error(
        "`{0}` is not a number of instances nor a share: a whole number, or a percentage such as `\"25%\"`"
    )]
    Amount(String),
    #[error("`{0}` is not a rate: a number, `/` and a unit (s, m, h), such as `0.1/s`")]
    Rate(String),
}

const UNITS: [(&str, u64); 3] = [("s", 1), ("m", 60), ("h", 3600)];

impl Amount {
    /// Of so many instances, rounded up: a share of some instances is never none, unless it is 0 %.
    pub fn of(self, instances: u32) -> u32 {
        match self {
            Self::Count(count) => count,
            Self::Percent(percent) => {
                u32::try_from((u64::from(instances) * u64::from(percent)).div_ceil(100)).unwrap_or(instances)
            }
        }
    }

    /// The sizes of batches of so many, without end: the last one repeats, and none is empty. Without sizes, nothing.
    pub fn batches(sizes: &[Self], total: usize) -> impl Iterator<Item = usize> {
        let of = u32::try_from(total).unwrap_or(u32::MAX);
        let last = std::iter::repeat_n(sizes.last(), usize::MAX).flatten();
        sizes
            .iter()
            .chain(last)
            .map(move |size| size.of(of).max(1) as usize)
    }

    pub fn is_zero(self) -> bool {
        matches!(self, Self::Count(0) | Self::Percent(0))
    }
}

impl Rate {
    pub fn per_second(self) -> f64 {
        self.count / self.per.std().as_secs_f64()
    }
}

impl FromStr for Amount {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text
            .strip_suffix('%')
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let percent = digits
            .and_then(|digits| digits.parse().ok())
            .filter(|percent| *percent <= 100);
        percent
            .map(Self::Percent)
            .ok_or_else(|| QuantityError::Amount(short(text)))
    }
}

impl FromStr for Rate {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.split_once('/').and_then(|(count, unit)| {
            let plain = count.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let count = count
                .parse::<f64>()
                .ok()
                .filter(|count| plain && count.is_finite())?;
            let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
            Some(Self {
                count,
                per: Duration::from_secs(seconds),
            })
        });
        parsed.ok_or_else(|| QuantityError::Rate(short(text)))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.per.as_millis() / 1000;
        let unit = UNITS
            .into_iter()
            .find(|(_, length)| *length == seconds)
            .map_or("s", |(name, _)| name);
        write!(f, "{}/{unit}", self.count)
    }
}

impl From<Amount> for Written {
    fn from(amount: Amount) -> Self {
        match amount {
            Amount::Count(count) => Self::Count(count),
            percent @ Amount::Percent(_) => Self::Percent(percent.to_string()),
        }
    }
}

impl TryFrom<Written> for Amount {
    type Error = QuantityError;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        match written {
            Written::Count(count) => Ok(Self::Count(count)),
            Written::Percent(text) => text.parse(),
        }
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> Self {
        rate.to_string()
    }
}

impl TryFrom<String> for Rate {
    type Error = QuantityError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_rounds_up() {
        for (amount, instances, expected) in [
            ("25%", 4, 1),
            ("25%", 5, 2),
            ("1%", 3, 1),
            ("0%", 9, 0),
            ("100%", 7, 7),
        ] {
            assert_eq!(
                amount.parse::<Amount>().unwrap().of(instances),
                expected,
                "{amount} of {instances}"
            );
        }
    }

    #[test]
    fn written_and_read() {
        for text in ["0.1/s", "5/m", "12/h"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        assert!(("6/m".parse::<Rate>().unwrap().per_second() - 0.1).abs() < 1e-12);
        for bad in ["", "1", "/s", "-1/s", "1/d", "inf/s", "NaN/s", "1/s/s", "1e3/s"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
        for bad in ["", "%", "101%", "-1%", "1.5%", "5", "+5%"] {
            assert!(bad.parse::<Amount>().is_err(), "{bad}");
        }
    }
}

//! When an environment may be changed: times of the week, and times without changes, as people say them where they are.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time, Weekday},
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Serialize};

/// A time of the week in which changes may begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Window {
    /// The days that it begins on; without any, every day.
    pub days: Vec<Days>,
    pub from: TimeOfDay,
    /// On the next day, if it is not later than `from`.
    pub to: TimeOfDay,
    pub zone: Zone,
}

/// A time without changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Freeze {
    pub from: Moment,
    pub to: Moment,
    pub zone: Zone,
    pub reason: String,
}

/// `fri`, `mon-thu`, `sat-mon`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Days {
    first: Weekday,
    last: Weekday,
}

/// `09:00`; `24:00` is the end of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TimeOfDay {
    hour: i8,
    minute: i8,
}

/// `2026-12-24`, a whole day, or `2026-12-24T18:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Moment {
    date: Date,
    time: Option<TimeOfDay>,
}

/// A time zone by its IANA name. Its rules are those that come with the program, so that every operator and every CI job
/// of one version gives the same answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Zone(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error(
        "`{0}` is not a day nor a span of days: mon, tue, wed, thu, fri, sat, sun, or two of them such as `mon-thu`"
    )]
    Days(String),
    #[error("`{0}` is not a time of day: hours and minutes such as `09:00`, up to `24:00`")]
    Time(String),
    #[error("`{0}` is not a date: `2026-12-24`, or with a time of day `2026-12-24T18:00`")]
    Date(String),
    #[error("`{0}` is not a time zone: an IANA name such as `Europe/Berlin`, or `UTC`")]
    Zone(String),
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

impl Days {
    pub fn contain(self, day: Weekday) -> bool {
        let after = |day: Weekday| day.since(self.first);
        after(day) <= after(self.last)
    }
}

impl TimeOfDay {
    pub const MIDNIGHT: Self = Self { hour: 0, minute: 0 };
    pub const END: Self = Self { hour: 24, minute: 0 };

    /// That time of a day. Nothing at the end of time.
    pub fn on(self, date: Date) -> Option<DateTime> {
        if self == Self::END {
            return Some(date.tomorrow().ok()?.to_datetime(Time::midnight()));
        }
        Some(date.at(self.hour, self.minute, 0, 0))
    }
}

impl Moment {
    /// When something that begins with it begins.
    pub fn begin(self) -> Option<DateTime> {
        self.time.unwrap_or(TimeOfDay::MIDNIGHT).on(self.date)
    }

    /// When something that ends with it ends: a day counts to its end.
    pub fn end(self) -> Option<DateTime> {
        self.time.unwrap_or(TimeOfDay::END).on(self.date)
    }
}

impl Zone {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn time_zone(&self) -> TimeZone {
        // Its name was looked up in the same table when it was read.
        known(&self.0).unwrap_or(TimeZone::UTC)
    }

    /// The moment when clocks there show this; of a time that is skipped or comes twice, what clocks go over to.
    pub fn instant(&self, local: DateTime) -> Option<Timestamp> {
        let ambiguous = self.time_zone().to_ambiguous_timestamp(local);
        ambiguous.compatible().ok()
    }
}

fn known(name: &str) -> Option<TimeZone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    Some(zone).filter(|zone| !zone.is_unknown())
}

impl FromStr for Days {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = |name: &str| WEEKDAYS.into_iter().find(|(known, _)| *known == name);
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        match (day(first), day(last)) {
            (Some((_, first)), Some((_, last))) => Ok(Self { first, last }),
            _ => Err(CalendarError::Days(short(text))),
        }
    }
}

impl FromStr for TimeOfDay {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| -> Option<i8> {
            let two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|_| two)
        };
        let parsed = text.split_once(':').and_then(|(hour, minute)| {
            let (hour, minute) = (number(hour)?, number(minute)?);
            let on_the_clock = hour < 24 && minute < 60 || (hour, minute) == (24, 0);
            on_the_clock.then_some(Self { hour, minute })
        });
        parsed.ok_or_else(|| CalendarError::Time(short(text)))
    }
}

impl FromStr for Moment {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || CalendarError::Date(short(text));
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time.parse().map_err(|_| bad())?)),
            None => (text, None),
        };
        let shape = |(position, byte): (usize, u8)| match position {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        if date.len() != 10 || !date.bytes().enumerate().all(shape) || time == Some(TimeOfDay::END) {
            return Err(bad());
        }
        let date = date.parse().map_err(|_| bad())?;
        Ok(Self { date, time })
    }
}

impl FromStr for Zone {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        known(text)
            .map(|zone| Self(zone.iana_name().unwrap_or(text).to_owned()))
            .ok_or_else(|| CalendarError::Zone(short(text)))
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |day| {
            let known = WEEKDAYS.iter().find(|(_, known)| *known == day);
            known.map_or("", |(name, _)| name)
        };
        f.write_str(name(self.first))?;
        if self.first == self.last {
            return Ok(());
        }
        write!(f, "-{}", name(self.last))
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.hour, self.minute)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        self.time.map_or(Ok(()), |time| write!(f, "T{time}"))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `mon-thu, sat 09:00 to 16:00 Europe/Berlin`
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, days) in self.days.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{days}")?;
        }
        if self.days.is_empty() {
            f.write_str("every day")?;
        }
        write!(f, " {} to {} {}", self.from, self.to, self.zone)
    }
}

macro_rules! as_written {
    ($($type:ty)*) => {
        $(
            impl From<$type> for String {
                fn from(value: $type) -> Self {
                    value.to_string()
                }
            }

            impl TryFrom<String> for $type {
                type Error = CalendarError;

                fn try_from(text: String) -> Result<Self, Self::Error> {
                    text.parse()
                }
            }
        )*
    };
}

as_written! { Days TimeOfDay Moment Zone }

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read() {
        for text in ["mon", "mon-thu", "sat-mon"] {
            assert_eq!(text.parse::<Days>().unwrap().to_string(), text);
        }
        for text in ["00:00", "09:05", "23:59", "24:00"] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().to_string(), text);
        }
        for text in ["2026-12-24", "2026-12-24T18:00"] {
            assert_eq!(text.parse::<Moment>().unwrap().to_string(), text);
        }
        for text in ["Europe/Berlin", "UTC", "Asia/Kathmandu"] {
            assert_eq!(text.parse::<Zone>().unwrap().to_string(), text);
        }
        for bad in ["", "monday", "Mon", "mon-", "mon-thu-fri", "mon,tue"] {
            assert!(bad.parse::<Days>().is_err(), "{bad}");
        }
        for bad in ["", "9:00", "09", "24:01", "25:00", "09:60", "+9:00", "09:00:00"] {
            assert!(bad.parse::<TimeOfDay>().is_err(), "{bad}");
        }
        for bad in [
            "",
            "2026-02-30",
            "20261224",
            "2026-12-24T",
            "2026-12-24T24:00",
            "2026-12-24 18:00",
            "-026-12-24",
        ] {
            assert!(bad.parse::<Moment>().is_err(), "{bad}");
        }
        for bad in ["", "Berlin", "Europe/Berln", "+01:00", "Etc/Unknown", "../zone"] {
            assert!(bad.parse::<Zone>().is_err(), "{bad}");
        }
    }

    #[test]
    fn spans_of_days_may_go_over_the_end_of_a_week() {
        let check = |text: &str, expected: &str| {
            let days: Days = text.parse().unwrap();
            let found = WEEKDAYS.into_iter().filter(|(_, day)| days.contain(*day));
            let found: Vec<_> = found.map(|(name, _)| name).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        };
        check("wed", "wed");
        check("mon-thu", "mon tue wed thu");
        check("sat-mon", "mon sat sun");
        check("tue-mon", "mon tue wed thu fri sat sun");
    }
}

//! The time that a line of a log bears, where it bears one: programs write logs as they like.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde_json::Value;

/// Where a document says its time.
const KEYS: [&str; 4] = ["time", "timestamp", "ts", "@timestamp"];

/// At the beginning of a line, or in a line that is a JSON document.
pub(crate) fn time_of(line: &str) -> Option<Timestamp> {
    if line.starts_with('{') {
        let document: Value = serde_json::from_str(line).ok()?;
        return KEYS.iter().find_map(|key| value(document.get(key)?));
    }
    let mut words = line.trim_start_matches('[').splitn(3, [' ', ']']);
    let (first, second) = (words.next()?, words.next().unwrap_or_default());
    text(first).or_else(|| text(&format!("{first}T{}", second.replace(',', "."))))
}

fn value(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(written) => text(written),
        Value::Number(number) => {
            let number = number.as_f64()?;
            // No log is from before 1970-04, nor from after the year 5000: larger ones count thousandths.
            let seconds = if number > 1e11 { number / 1000.0 } else { number };
            Timestamp::from_microsecond((seconds * 1e6) as i64).ok()
        }
        _ => None,
    }
}

/// Without a zone it counts as UTC: all that is compared comes from one place.
fn text(text: &str) -> Option<Timestamp> {
    let dated = text.len() >= "2026-01-01T00:00".len() && text.as_bytes()[0].is_ascii_digit();
    if !dated {
        return None;
    }
    text.parse().ok().or_else(|| {
        let time: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(time).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let check = |line: &str, expected: Option<&str>| {
            let expected = expected.map(|time| time.parse::<Timestamp>().unwrap());
            assert_eq!(time_of(line), expected, "{line}");
        };
        let noon = Some("2026-11-23T12:00:00.5Z");
        check("2026-11-23T12:00:00.5Z INFO up", noon);
        check("2026-11-23T13:00:00.5+01:00 INFO up", noon);
        check("[2026-11-23T12:00:00.5Z] up", noon);
        check("2026-11-23 12:00:00.5 up", noon);
        check("2026-11-23 12:00:00,500 - root - up", noon);
        check("[2026-11-23 12:00:00.500] up", noon);
        check("2026-11-23T12:00:00.5Z", noon);
        check(r#"{"level":"info","time":"2026-11-23T12:00:00.5Z"}"#, noon);
        check(r#"{"level":"info","ts":1795435200.5}"#, noon);
        check(r#"{"timestamp":1795435200500}"#, noon);
        for none in [
            "",
            " ",
            "up",
            "2026",
            "{",
            "{}",
            r#"{"time":true}"#,
            "12:00 up",
            "ü",
            "[",
            "2026-11-23 up",
        ] {
            check(none, None);
        }
    }
}

//! Times as the API writes them, in milliseconds since 1970.

/// `2026-11-24T11:14:52Z`, with or without fractions of a second; always in UTC.
pub fn parse_time(text: &str) -> Option<u64> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let mut time = time.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    u64::try_from(seconds * 1000 + millis).ok()
}

/// With milliseconds and three more digits, as leases want it.
pub fn print_time(millis: u64) -> String {
    let (days, rest) = (millis / 86_400_000, millis % 86_400_000);
    let (year, month, day) = date(i64::try_from(days).unwrap_or_default());
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, milli) = (rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}000Z")
}

/// Days since 1970-01-01. Years begin in March here, so that the leap day is the last of a year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * shifted + 2) / 5 + 1, (shifted + 2) % 12 + 1);
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_and_written() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-11-24T11:14:52Z", 1_795_518_892_000),
            ("2024-02-29T23:59:59.123456789Z", 1_709_251_199_123),
            ("2000-03-01T00:00:00.5Z", 951_868_800_500),
        ] {
            assert_eq!(parse_time(text), Some(millis), "{text}");
            assert_eq!(parse_time(&print_time(millis)), Some(millis), "{text}");
        }
        assert_eq!(print_time(1_795_518_892_007), "2026-11-24T11:14:52.007000Z");
        for bad in [
            "",
            "now",
            "2026-11-24",
            "2026-11-24T11:14Z",
            "2026-11-24T11:14:52+01:00",
        ] {
            assert_eq!(parse_time(bad), None, "{bad}");
        }
    }
}

//! Plain scalars that the readers of Kubernetes tools take for a time. They become texts in one normal form.

/// The time in the form of RFC 3339 if the text is one: a date, or a date with a time of day.
pub(crate) fn normal(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut rest = &bytes[5..];
    let year = number(&bytes[..4])?;
    let month = short(&mut rest)?;
    expect(&mut rest, b'-')?;
    let day = short(&mut rest)?;
    if !(1..=12).contains(&month) || day < 1 || day > days(year, month) {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    let zoned = match rest {
        [] => return Some(format!("{date}T00:00:00Z")),
        [b'T' | b't', ..] => true,
        [b' ', ..] => false,
        _ => return None,
    };
    rest = &rest[1..];
    let clock = clock(&mut rest)?;
    let zone = if zoned { zone(rest)? } else { "Z".to_owned() };
    if !zoned && !rest.is_empty() {
        return None;
    }
    Some(format!("{date}T{clock}{zone}"))
}

fn clock(rest: &mut &[u8]) -> Option<String> {
    let hour = short(rest)?;
    expect(rest, b':')?;
    let minute = short(rest)?;
    expect(rest, b':')?;
    let second = short(rest)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let mut clock = format!("{hour:02}:{minute:02}:{second:02}");
    if let [b'.' | b',', digits @ ..] = *rest {
        let count = digits.iter().take_while(|c| c.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        let fraction = std::str::from_utf8(&digits[..count.min(9)]).ok()?;
        let fraction = fraction.trim_end_matches('0');
        if !fraction.is_empty() {
            clock = format!("{clock}.{fraction}");
        }
        *rest = &digits[count..];
    }
    Some(clock)
}

fn zone(rest: &[u8]) -> Option<String> {
    let [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] = rest else {
        return (rest == b"Z").then(|| "Z".to_owned());
    };
    let (hour, minute) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
    if hour > 24 || minute > 60 {
        return None;
    }
    if hour == 0 && minute == 0 {
        return Some("Z".to_owned());
    }
    Some(format!("{}{hour:02}:{minute:02}", char::from(*sign)))
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// One or two digits.
fn short(rest: &mut &[u8]) -> Option<u32> {
    let count = rest.iter().take(2).take_while(|c| c.is_ascii_digit()).count();
    let value = number(&rest[..count])?;
    *rest = &rest[count..];
    Some(value)
}

fn number(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn expect(rest: &mut &[u8], wanted: u8) -> Option<()> {
    *rest = rest.strip_prefix(&[wanted])?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::normal;

    #[test]
    fn times() {
        for (text, time) in [
            ("2001-01-01", "2001-01-01T00:00:00Z"),
            ("2001-12-14t21:59:43.10-05:00", "2001-12-14T21:59:43.1-05:00"),
            ("2001-12-14 21:59:43", "2001-12-14T21:59:43Z"),
            ("2001-12-14T21:59:43+00:00", "2001-12-14T21:59:43Z"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(time));
        }
        for text in [
            "2001-13-01",
            "2001-02-29",
            "2001-01-01T",
            "2001-01-01x",
            "20010-1-1",
        ] {
            assert_eq!(normal(text), None, "{text}");
        }
    }
}

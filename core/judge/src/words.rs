//! Numbers for people.

/// With as many digits as tell something.
pub(crate) fn short(number: f64) -> String {
    let digits = 3 - number.abs().max(f64::MIN_POSITIVE).log10().floor() as i32;
    match digits {
        0..=9 => {
            let text = format!("{number:.*}", digits as usize);
            let text = if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.')
            } else {
                &text
            };
            text.to_owned()
        }
        _ if number == 0.0 => "0".to_owned(),
        ..0 if number.abs() < 1e15 => format!("{number:.0}"),
        _ => format!("{number:.3e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let numbers = [0.0, 0.001_234_56, 1.0, 12.345_67, 123_456.7, 1e-12, -2.5, 1e20];
        let expected = [
            "0",
            "0.001235",
            "1",
            "12.35",
            "123457",
            "1.000e-12",
            "-2.5",
            "1.000e20",
        ];
        assert_eq!(numbers.map(short), expected);
    }
}

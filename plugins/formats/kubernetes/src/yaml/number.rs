//! Numbers as text, as the YAML and JSON writers of Go print them. Digits are the shortest that read back the same;
//! where the exponent begins differs between the two.

/// As YAML has it: with an exponent below 1e-4 and from 1e6 on.
pub(crate) fn yaml_float(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let (negative, digits, exponent) = shortest(value);
    if !(-4..6).contains(&exponent) {
        with_exponent(negative, &digits, exponent, 2)
    } else {
        positional(negative, &digits, exponent)
    }
}

/// As JSON has it; none for what JSON cannot say.
pub(crate) fn json_float(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let (negative, digits, exponent) = shortest(value);
    let size = value.abs();
    Some(if size != 0.0 && !(1e-6..1e21).contains(&size) {
        with_exponent(negative, &digits, exponent, 1)
    } else {
        positional(negative, &digits, exponent)
    })
}

/// Sign, digits without a point, and the exponent of the first one.
fn shortest(value: f64) -> (bool, String, i32) {
    let text = format!("{:e}", value.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    (value.is_sign_negative(), digits, exponent.parse().unwrap_or(0))
}

fn with_exponent(negative: bool, digits: &str, exponent: i32, width: usize) -> String {
    let sign = if negative { "-" } else { "" };
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let direction = if exponent < 0 { '-' } else { '+' };
    let size = exponent.unsigned_abs();
    format!("{sign}{first}{point}{rest}e{direction}{size:0width$}")
}

fn positional(negative: bool, digits: &str, exponent: i32) -> String {
    let sign = if negative { "-" } else { "" };
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        format!("{sign}0.{zeros}{digits}")
    } else if exponent + 1 >= count {
        let zeros = "0".repeat((exponent + 1 - count) as usize);
        format!("{sign}{digits}{zeros}")
    } else {
        let (whole, rest) = digits.split_at(exponent as usize + 1);
        format!("{sign}{whole}.{rest}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats() {
        for (value, yaml, json) in [
            (1e6, "1e+06", "1000000"),
            (1_234_567.5, "1.2345675e+06", "1234567.5"),
            (123_456.0, "123456", "123456"),
            (1e-5, "1e-05", "0.00001"),
            (1e-7, "1e-07", "1e-7"),
            (1e21, "1e+21", "1e+21"),
            (-2.5, "-2.5", "-2.5"),
            (0.1, "0.1", "0.1"),
            (0.0, "0", "0"),
        ] {
            assert_eq!(yaml_float(value), yaml);
            assert_eq!(json_float(value).as_deref(), Some(json));
        }
        assert_eq!(json_float(f64::NAN), None);
    }
}

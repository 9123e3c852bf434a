//! What a plain scalar is. Twice: as YAML 1.2 is read when resources are (`yes` is a text, `0o17` a number), and as
//! YAML 1.1 is read when kustomizations are, and by older readers for whom texts are quoted when they are written.

use super::{
    refold::refold,
    scalar::{Scalar, Style, Tag},
    timestamp,
    value::Value,
};

/// A plain scalar, as resources are read.
pub(crate) fn resolve(text: &str) -> (Tag, Value) {
    let Some(&first) = text.as_bytes().first() else {
        return (Tag::Null, Value::Null);
    };
    let resolved = match first {
        b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' => word(text),
        b'.' => dotted(text),
        b'+' | b'-' | b'0'..=b'9' => numeric(text),
        _ => None,
    };
    resolved.unwrap_or_else(|| (Tag::Text, Value::Text(text.to_owned())))
}

/// A plain scalar, as kustomizations are read.
pub(crate) fn resolve_1_1(text: &str) -> Value {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Value::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Value::Bool(false),
        _ => match resolve(text) {
            (Tag::Timestamp, _) => Value::Text(text.to_owned()),
            (_, value) => value,
        },
    }
}

/// Is it a text even for a reader of YAML 1.1?
pub(crate) fn resolves_as_text_in_1_1(text: &str) -> bool {
    matches!(resolve_1_1(text), Value::Text(_)) && resolve(text).0 == Tag::Text
}

/// What a scalar of the tree is once it is printed: its quoting and its tag decide together with its text.
pub(crate) fn settle(scalar: &Scalar) -> Result<Value, String> {
    let text = || {
        Ok(Value::Text(match scalar.style {
            Style::Folded => refold(&scalar.text),
            Style::Plain | Style::Quoted => scalar.text.clone(),
        }))
    };
    match (&scalar.tag, scalar.style) {
        (Tag::Text | Tag::Other | Tag::Merge, _) | (Tag::None, Style::Quoted | Style::Folded) => {
            return text();
        }
        (Tag::None, Style::Plain) if scalar.text.contains('\n') => return text(),
        (Tag::None, Style::Plain) => return Ok(resolve(&scalar.text).1),
        (Tag::Binary, _) => return binary(&scalar.text),
        _ => {}
    }
    let (tag, value) = resolve(&scalar.text);
    match (&scalar.tag, value) {
        (expected, value) if *expected == tag => match scalar.style {
            Style::Plain => Ok(value),
            Style::Quoted | Style::Folded => text(),
        },
        (Tag::Float, Value::Int(value)) => Ok(Value::Float(value as f64)),
        (expected, _) => Err(format!("`{}` is not {}", scalar.text, expected.in_words())),
    }
}

impl Tag {
    fn in_words(&self) -> &'static str {
        match self {
            Self::Int => "a whole number",
            Self::Float => "a number",
            Self::Bool => "true or false",
            Self::Null => "nothing",
            Self::Timestamp => "a time",
            _ => "what its tag says",
        }
    }
}

fn binary(text: &str) -> Result<Value, String> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64_STANDARD
        .decode(text)
        .map(|bytes| Value::Text(String::from_utf8_lossy(&bytes).into_owned()))
        .map_err(|_| "a value with the tag !!binary is not base64".to_owned())
}

type Resolved = Option<(Tag, Value)>;

fn word(text: &str) -> Resolved {
    match text {
        "true" | "True" | "TRUE" => Some((Tag::Bool, Value::Bool(true))),
        "false" | "False" | "FALSE" => Some((Tag::Bool, Value::Bool(false))),
        "~" | "null" | "Null" | "NULL" => Some((Tag::Null, Value::Null)),
        _ => None,
    }
}

fn dotted(text: &str) -> Resolved {
    let value = match text {
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        ".inf" | ".Inf" | ".INF" => f64::INFINITY,
        _ => text.parse().ok().filter(|value: &f64| value.is_finite())?,
    };
    Some((Tag::Float, Value::Float(value)))
}

fn numeric(text: &str) -> Resolved {
    match text {
        "+.inf" | "+.Inf" | "+.INF" => return Some((Tag::Float, Value::Float(f64::INFINITY))),
        "-.inf" | "-.Inf" | "-.INF" => return Some((Tag::Float, Value::Float(f64::NEG_INFINITY))),
        _ => {}
    }
    if let Some(time) = timestamp::normal(text) {
        return Some((Tag::Timestamp, Value::Text(time)));
    }
    let plain = if text.contains('_') {
        text.replace('_', "")
    } else {
        text.to_owned()
    };
    if let Some(value) = integer(&plain) {
        return Some((Tag::Int, value));
    }
    if !looks_like_a_float(plain.as_bytes()) {
        return None;
    }
    let value: f64 = plain.parse().ok().filter(|value: &f64| value.is_finite())?;
    Some((Tag::Float, Value::Float(value)))
}

/// Decimal, or with a prefix for another base; a leading zero alone means octal.
fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let bytes = digits.as_bytes();
    let (base, digits) = match bytes {
        [b'0', b'x' | b'X', _, ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if !digits.bytes().all(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let size = u64::from_str_radix(digits, base).ok()?;
    if negative {
        let value = 0_i64.checked_sub_unsigned(size)?;
        return Some(Value::Int(value));
    }
    match i64::try_from(size) {
        Ok(value) => Some(Value::Int(value)),
        // With a sign it is too large for a signed number.
        Err(_) if text.starts_with('+') => None,
        Err(_) => Some(Value::Large(size)),
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn looks_like_a_float(text: &[u8]) -> bool {
    fn digits(text: &[u8]) -> (usize, &[u8]) {
        let count = text.iter().take_while(|c| c.is_ascii_digit()).count();
        (count, &text[count..])
    }
    fn sign(text: &[u8]) -> &[u8] {
        match text {
            [b'-' | b'+', rest @ ..] => rest,
            _ => text,
        }
    }
    let (whole, rest) = digits(sign(text));
    let rest = match rest {
        [b'.', rest @ ..] => {
            let (fraction, rest) = digits(rest);
            if whole == 0 && fraction == 0 {
                return false;
            }
            rest
        }
        _ if whole == 0 => return false,
        _ => rest,
    };
    match rest {
        [] => true,
        [b'e' | b'E', rest @ ..] => {
            let (count, rest) = digits(sign(rest));
            count > 0 && rest.is_empty()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_what_looks_like_them() {
        for (text, value) in [
            ("0", Value::Int(0)),
            ("0777", Value::Int(511)),
            ("0o17", Value::Int(15)),
            ("-0b11", Value::Int(-3)),
            ("0x1F", Value::Int(31)),
            ("1_000", Value::Int(1000)),
            ("08", Value::Float(8.0)),
            ("1e3", Value::Float(1000.0)),
            ("18446744073709551615", Value::Large(u64::MAX)),
            ("18446744073709551616", Value::Float(18_446_744_073_709_551_616.0)),
            ("-9223372036854775808", Value::Int(i64::MIN)),
            (".5", Value::Float(0.5)),
            ("2001-1-2", Value::Text("2001-01-02T00:00:00Z".to_owned())),
        ] {
            assert_eq!(resolve(text).1, value, "{text}");
        }
        for text in [
            "1:30", "0x", "1.2.3", "-", "+", ".", "1e", "_1", "yes", "9e999", "0b2", "- 1",
        ] {
            assert_eq!(resolve(text).1, Value::Text(text.to_owned()), "{text}");
        }
    }
}

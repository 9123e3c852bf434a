//! Whether a value is one that a parameter allows, and its normal form.
//!
//! Texts stay as written but for durations (canonical: `90s` is `1m30s`), host names (lower case) and sizes, which become
//! the number of bytes. Messages hold the offending value, except a secret's.

use std::fmt::Display;

use serde_json::{Map, Value};
use slipway_model::Duration;
use url::Url;

use super::{ByteSize, Kind, Parameter, text::is_hostname};

impl Parameter {
    /// The value's normal form, or what is wrong with it in one line.
    pub fn check(&self, value: &Value) -> Result<Value, String> {
        self.kind.check(value)
    }

    /// A value given as text, as on the command line: `3`, `true`, `a,b` or `["a", "b"]` for a list, JSON for a map.
    pub fn parse_str(&self, text: &str) -> Result<Value, String> {
        self.kind.parse_str(text)
    }
}

impl Kind {
    pub fn check(&self, value: &Value) -> Result<Value, String> {
        match self {
            Self::String {
                min_length,
                max_length,
                pattern,
            } => {
                let text = text(value, "a string")?;
                length(text.chars().count(), *min_length, *max_length, "characters")?;
                if let Some(pattern) = pattern.as_ref().filter(|pattern| !pattern.is_match(text)) {
                    return Err(format!("`{}` does not match `{}`", short(text), pattern.as_str()));
                }
                Ok(value.clone())
            }
            Self::Integer { minimum, maximum } => {
                within(integer(value, "an integer")?, *minimum, *maximum)?;
                Ok(value.clone())
            }
            Self::Number { minimum, maximum } => {
                let number = value.as_f64().ok_or_else(|| expected("a number", value))?;
                within(number, *minimum, *maximum)?;
                Ok(value.clone())
            }
            Self::Boolean if value.is_boolean() => Ok(value.clone()),
            Self::Boolean => Err(expected("true or false", value)),
            Self::Enum { values } => {
                let text = text(value, "a string")?;
                if !values.iter().any(|allowed| allowed == text) {
                    let allowed = values
                        .iter()
                        .map(|value| format!("`{value}`"))
                        .collect::<Vec<_>>()
                        .join(", ");
                    return Err(format!("`{}` is none of {allowed}", short(text)));
                }
                Ok(value.clone())
            }
            Self::Hostname => {
                let text = text(value, "a host name")?;
                let normal = is_hostname(text).then(|| text.to_ascii_lowercase().into());
                normal.ok_or_else(|| format!("`{}` is not a host name, such as `shop.example`", short(text)))
            }
            Self::Port { minimum, maximum } => {
                let number = integer(value, "a port number")?;
                within(
                    number,
                    Some(minimum.unwrap_or(1).into()),
                    Some(maximum.unwrap_or(u16::MAX).into()),
                )?;
                Ok(value.clone())
            }
            Self::Url => url(text(value, "a URL")?),
            Self::Duration { minimum, maximum } => {
                let duration: Duration = parsed(text(value, "a duration such as \"30s\"")?)?;
                within(duration, *minimum, *maximum)?;
                Ok(duration.to_string().into())
            }
            Self::Bytes { minimum, maximum } => {
                let size = match value.as_u64() {
                    Some(bytes) => ByteSize(bytes),
                    None => parsed(text(value, "a size such as \"64MiB\"")?)?,
                };
                within(size, *minimum, *maximum)?;
                Ok(size.0.into())
            }
            Self::List {
                items,
                min_length,
                max_length,
            } => {
                let list = value.as_array().ok_or_else(|| expected("a list", value))?;
                length(list.len(), *min_length, *max_length, "elements")?;
                let element = |(index, item)| {
                    items
                        .check(item)
                        .map_err(|cause| format!("element {}: {cause}", index + 1))
                };
                list.iter().enumerate().map(element).collect()
            }
            Self::Map {
                items,
                min_length,
                max_length,
            } => {
                let map = value.as_object().ok_or_else(|| expected("a table", value))?;
                length(map.len(), *min_length, *max_length, "keys")?;
                let entry = |(key, item): (&String, _)| match items.check(item) {
                    Ok(item) => Ok((key.clone(), item)),
                    Err(cause) => Err(format!("`{}`: {cause}", short(key))),
                };
                map.iter()
                    .map(entry)
                    .collect::<Result<Map<_, _>, _>>()
                    .map(Value::Object)
            }
            Self::Secret => {
                let reference = value.as_str().filter(|text| is_secret_reference(text));
                let refused =
                    "a secret's value is never written down: only a reference, `${secret.NAME}`, is";
                reference.map(Into::into).ok_or_else(|| refused.to_owned())
            }
        }
    }

    pub fn parse_str(&self, text: &str) -> Result<Value, String> {
        let value = match self {
            Self::Integer { .. } | Self::Port { .. } => {
                text.parse::<i64>().map_or_else(|_| text.into(), Value::from)
            }
            Self::Number { .. } => text.parse::<f64>().map_or_else(|_| text.into(), Value::from),
            Self::Boolean => text.parse::<bool>().map_or_else(|_| text.into(), Value::from),
            Self::List { items, .. } if !text.trim_start().starts_with('[') => {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts
                    .map(|part| items.parse_str(part))
                    .collect::<Result<_, _>>()?
            }
            Self::List { .. } | Self::Map { .. } => serde_json::from_str(text)
                .map_err(|error| format!("`{}` is not JSON: {error}", short(text)))?,
            _ => text.into(),
        };
        // A list's elements were normalised already; normal forms are values, so checking them again changes nothing.
        self.check(&value)
    }
}

fn is_secret_reference(text: &str) -> bool {
    let name = text
        .strip_prefix("${secret.")
        .and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    })
}

fn url(text: &str) -> Result<Value, String> {
    let cause = match Url::parse(text) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            return Err(
                "the URL holds a user name or password: those belong into a parameter of type secret"
                    .to_owned(),
            );
        }
        Ok(url) if url.cannot_be_a_base() => "it has no `//`".to_owned(),
        Ok(_) => return Ok(text.into()),
        Err(error) => error.to_string(),
    };
    Err(format!(
        "`{}` is not a URL, such as `https://shop.example/`: {cause}",
        short(text)
    ))
}

fn text<'a>(value: &'a Value, what: &str) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| expected(what, value))
}

fn integer(value: &Value, what: &str) -> Result<i64, String> {
    value.as_i64().ok_or_else(|| expected(what, value))
}

fn parsed<T: std::str::FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

fn within<T: PartialOrd + Display>(value: T, minimum: Option<T>, maximum: Option<T>) -> Result<(), String> {
    match (minimum, maximum) {
        (Some(minimum), _) if value < minimum => Err(format!("{value} is less than the minimum, {minimum}")),
        (_, Some(maximum)) if value > maximum => Err(format!("{value} is more than the maximum, {maximum}")),
        _ => Ok(()),
    }
}

fn length(length: usize, minimum: Option<u64>, maximum: Option<u64>, unit: &str) -> Result<(), String> {
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    match (minimum, maximum) {
        (Some(minimum), _) if length < minimum => {
            Err(format!("{length} {unit}, at least {minimum} are wanted"))
        }
        (_, Some(maximum)) if length > maximum => {
            Err(format!("{length} {unit}, at most {maximum} are allowed"))
        }
        _ => Ok(()),
    }
}

fn expected(what: &str, found: &Value) -> String {
    let found = match found {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    };
    format!("expected {what}, found {found}")
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(kind: &Value, value: Value, expected: Result<Value, &str>) {
        let kind: Kind = serde_json::from_value(kind.clone()).unwrap();
        assert_eq!(
            kind.check(&value),
            expected.map_err(str::to_owned),
            "{kind:?} {value}"
        );
        if let Ok(normal) = kind.check(&value) {
            assert_eq!(
                kind.check(&normal),
                Ok(normal.clone()),
                "normalising twice changes {normal}"
            );
        }
    }

    #[test]
    fn values() {
        let string = json!({"type": "string", "min-length": 2, "max-length": 3, "pattern": "^a"});
        check(&string, json!("añ"), Ok(json!("añ")));
        check(&string, json!("a"), Err("1 characters, at least 2 are wanted"));
        check(&string, json!("aaaa"), Err("4 characters, at most 3 are allowed"));
        check(&string, json!("ba"), Err("`ba` does not match `^a`"));
        check(&string, json!(1), Err("expected a string, found an integer"));
        let integer = json!({"type": "integer", "minimum": 1, "maximum": 5});
        check(&integer, json!(5), Ok(json!(5)));
        check(&integer, json!(0), Err("0 is less than the minimum, 1"));
        check(&integer, json!(6), Err("6 is more than the maximum, 5"));
        check(&integer, json!(1.5), Err("expected an integer, found a number"));
        check(
            &json!({"type": "number", "maximum": 0.5}),
            json!(0.25),
            Ok(json!(0.25)),
        );
        check(&json!({"type": "number"}), json!(3), Ok(json!(3)));
        check(
            &json!({"type": "boolean"}),
            json!("true"),
            Err("expected true or false, found a string"),
        );
        check(
            &json!({"type": "enum", "values": ["a", "b"]}),
            json!("c"),
            Err("`c` is none of `a`, `b`"),
        );
        check(
            &json!({"type": "hostname"}),
            json!("Shop.Example"),
            Ok(json!("shop.example")),
        );
        check(
            &json!({"type": "port"}),
            json!(0),
            Err("0 is less than the minimum, 1"),
        );
        check(
            &json!({"type": "port"}),
            json!(65536),
            Err("65536 is more than the maximum, 65535"),
        );
        check(
            &json!({"type": "url"}),
            json!("https://shop.example"),
            Ok(json!("https://shop.example")),
        );
        check(
            &json!({"type": "duration", "maximum": "1h"}),
            json!("90s"),
            Ok(json!("1m30s")),
        );
        check(
            &json!({"type": "duration", "maximum": "1h"}),
            json!("2h"),
            Err("2h is more than the maximum, 1h"),
        );
        check(&json!({"type": "bytes"}), json!("64MiB"), Ok(json!(67_108_864)));
        check(
            &json!({"type": "bytes", "minimum": 1024}),
            json!("1kB"),
            Err("1kB is less than the minimum, 1KiB"),
        );
    }

    #[test]
    fn collections_say_which_part() {
        let list = json!({"type": "list", "items": {"type": "duration"}, "max-length": 2});
        check(&list, json!(["60s"]), Ok(json!(["1m"])));
        check(
            &list,
            json!(["1s", 2]),
            Err("element 2: expected a duration such as \"30s\", found an integer"),
        );
        check(&list, json!([1, 2, 3]), Err("3 elements, at most 2 are allowed"));
        let map = json!({"type": "map", "items": {"type": "list", "items": {"type": "integer"}}});
        check(&map, json!({"a": [1]}), Ok(json!({"a": [1]})));
        check(
            &map,
            json!({"a": ["x"]}),
            Err("`a`: element 1: expected an integer, found a string"),
        );
    }

    #[test]
    fn a_secret_is_a_reference_and_never_shown() {
        check(
            &json!({"type": "secret"}),
            json!("${secret.db-password}"),
            Ok(json!("${secret.db-password}")),
        );
        for leaked in ["hunter2", "${secret.}", "${secret.a b}", "${secret.a}x"] {
            let refused = "a secret's value is never written down: only a reference, `${secret.NAME}`, is";
            check(&json!({"type": "secret"}), json!(leaked), Err(refused));
        }
        let error = Kind::Url
            .check(&json!("https://me:hunter2@shop.example"))
            .unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn from_the_command_line() {
        let parse = |kind: Value, text: &str| serde_json::from_value::<Kind>(kind).unwrap().parse_str(text);
        assert_eq!(parse(json!({"type": "integer"}), "3"), Ok(json!(3)));
        assert_eq!(
            parse(json!({"type": "integer"}), "x").unwrap_err(),
            "expected an integer, found a string"
        );
        assert_eq!(parse(json!({"type": "string"}), "3"), Ok(json!("3")));
        assert_eq!(parse(json!({"type": "boolean"}), "true"), Ok(json!(true)));
        let sizes = json!({"type": "list", "items": {"type": "bytes"}});
        assert_eq!(parse(sizes.clone(), "1kB, 2kB"), Ok(json!([1000, 2000])));
        assert_eq!(parse(sizes, "[\"1kB\"]"), Ok(json!([1000])));
        let map = json!({"type": "map", "items": {"type": "string"}});
        assert_eq!(parse(map.clone(), r#"{"a": "b"}"#), Ok(json!({"a": "b"})));
        assert!(parse(map, "a=b").unwrap_err().starts_with("`a=b` is not JSON"));
    }
}

//! Parameters: bounds in the type that they bound, defaults in normal form.

use serde_json::Value;

use super::plain::{plain, text};
use crate::{
    Kind, Parameter, Type,
    decode::{At, Literal, Slot},
    written,
};

/// What is wrong, and where.
type Wrong = At<String>;

pub(super) fn parameter(written: &written::Parameter) -> Option<Parameter> {
    let kind = kind(written).ok()??;
    let default = default(written, &kind).and_then(Result::ok);
    let required = written
        .required
        .as_ref()
        .map_or(default.is_none(), |required| required.value);
    Some(Parameter {
        kind,
        default,
        required,
        help: text(&written.help),
    })
}

/// The default in normal form, or what is wrong with it.
pub(crate) fn default(written: &written::Parameter, kind: &Kind) -> Option<Result<Value, Wrong>> {
    let default = written.default.as_ref()?;
    Some(kind.check(&default.value.0).map_err(|value| At {
        value,
        span: default.span,
    }))
}

/// Nothing when the type itself is missing, which is reported where keys are.
pub(crate) fn kind(written: &written::Parameter) -> Result<Option<Kind>, Wrong> {
    let Some(of) = &written.of else { return Ok(None) };
    let (minimum, maximum) = (&written.minimum, &written.maximum);
    let min_length = written.min_length.as_ref().map(|length| length.value);
    let max_length = written.max_length.as_ref().map(|length| length.value);
    if let (Some(low), Some(high), Some(place)) = (min_length, max_length, &written.max_length)
        && low > high
    {
        return Err(At {
            value: format!("`max-length` {high} is less than `min-length` {low}"),
            span: place.span,
        });
    }
    let items = || match &written.items {
        Some(items) => Ok(kind(&items.value.0)?.map(Box::new)),
        None => Err(At {
            value: "a list or map needs `items`: what its elements are".to_owned(),
            span: of.span,
        }),
    };
    Ok(Some(match of.value {
        Type::String => {
            let pattern = written.pattern.as_ref().map(|pattern| pattern.value.clone());
            Kind::String {
                min_length,
                max_length,
                pattern,
            }
        }
        Type::Integer => {
            let (minimum, maximum) = bounds(minimum, maximum, Value::as_i64, "an integer")?;
            Kind::Integer { minimum, maximum }
        }
        Type::Number => {
            let (minimum, maximum) = bounds(minimum, maximum, Value::as_f64, "a number")?;
            Kind::Number { minimum, maximum }
        }
        Type::Boolean => Kind::Boolean,
        Type::Enum => {
            let values = plain(written.values.as_ref());
            if values.is_empty() {
                return Err(At {
                    value: "an enum needs `values`: at least one".to_owned(),
                    span: of.span,
                });
            }
            Kind::Enum { values }
        }
        Type::Hostname => Kind::Hostname,
        Type::Port => {
            let port = |value: &Value| {
                value
                    .as_u64()
                    .and_then(|port| u16::try_from(port).ok())
                    .filter(|port| *port > 0)
            };
            let (minimum, maximum) = bounds(minimum, maximum, port, "a port number, 1 to 65535")?;
            Kind::Port { minimum, maximum }
        }
        Type::Url => Kind::Url,
        Type::Duration => {
            let duration = |value: &Value| value.as_str()?.parse().ok();
            let (minimum, maximum) = bounds(minimum, maximum, duration, "a duration such as \"30s\"")?;
            Kind::Duration { minimum, maximum }
        }
        Type::Bytes => {
            let size = |value: &Value| {
                value
                    .as_u64()
                    .map(crate::ByteSize)
                    .or_else(|| value.as_str()?.parse().ok())
            };
            let (minimum, maximum) = bounds(minimum, maximum, size, "a size such as \"64MiB\"")?;
            Kind::Bytes { minimum, maximum }
        }
        Type::List => match items()? {
            Some(items) => Kind::List {
                items,
                min_length,
                max_length,
            },
            None => return Ok(None),
        },
        Type::Map => match items()? {
            Some(items) => Kind::Map {
                items,
                min_length,
                max_length,
            },
            None => return Ok(None),
        },
        Type::Secret => Kind::Secret,
    }))
}

fn bounds<T: PartialOrd>(
    minimum: &Slot<Literal>,
    maximum: &Slot<Literal>,
    read: impl Fn(&Value) -> Option<T>,
    what: &str,
) -> Result<(Option<T>, Option<T>), Wrong> {
    let bound = |slot: &Slot<Literal>| match slot {
        None => Ok(None),
        Some(at) => match read(&at.value.0) {
            Some(bound) => Ok(Some(bound)),
            None => Err(At {
                value: format!("a bound of this type is {what}"),
                span: at.span,
            }),
        },
    };
    let (low, high) = (bound(minimum)?, bound(maximum)?);
    match (&low, &high, maximum) {
        (Some(least), Some(most), Some(place)) if least > most => Err(At {
            value: "`maximum` is less than `minimum`".to_owned(),
            span: place.span,
        }),
        _ => Ok((low, high)),
    }
}

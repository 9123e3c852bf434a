//! Single values: texts with a meaning, numbers, booleans, and literals of any of these.

use std::{fmt::Display, str::FromStr};

use serde_json::{Value, json};
use slipway_model::{Digest, Duration, EnvironmentName, ServiceName};
use toml::{Spanned, de::DeValue};

use super::{
    Context, Decode, Definitions,
    json::{float, integer, json_of},
};
use crate::{Amount, Days, Glob, Moment, Pattern, Rate, Registry, TimeOfDay, Zone};

/// A type that is written as a string.
pub(crate) trait Text: FromStr<Err: Display> {
    /// As in "expected a duration".
    const WHAT: &'static str;
    const CODE: &'static str;

    fn text_schema() -> Value {
        json!({ "type": "string" })
    }
}

/// Any value that JSON can say.
#[derive(Debug, Clone)]
pub(crate) struct Literal(pub(crate) Value);

impl<T: Text> Decode for T {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        let Some(text) = value.get_ref().as_str() else {
            cx.wrong_type(T::WHAT, value);
            return None;
        };
        let parsed = text.parse::<T>();
        parsed
            .map_err(|error| {
                cx.error(
                    T::CODE,
                    value.span().into(),
                    error.to_string(),
                    format!("not {}", T::WHAT),
                );
                // `scheme://user:password@host`
                if text.contains("://") && text.contains('@') {
                    cx.secret();
                }
            })
            .ok()
    }

    fn schema(_: &mut Definitions) -> Value {
        T::text_schema()
    }
}

macro_rules! text {
    ($($type:ty, $what:literal, $code:literal, $schema:tt;)*) => {
        $(impl Text for $type {
            const WHAT: &'static str = $what;
            const CODE: &'static str = $code;

            fn text_schema() -> Value {
                json!($schema)
            }
        })*
    };
}

text! {
    String, "a string", "wrong-type", { "type": "string" };
    ServiceName, "a service name", "invalid-name", { "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 40 };
    EnvironmentName, "an environment's name", "invalid-name", { "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": 40 };
    Duration, "a duration", "invalid-duration", { "type": "string", "pattern": "^(0|([0-9]+(d|h|ms|m|s))+)$", "examples": ["30s", "1h30m"] };
    Digest, "a digest", "invalid-digest", { "type": "string", "pattern": "^sha256:[0-9a-f]{64}$" };
    Pattern, "a regular expression", "invalid-pattern", { "type": "string", "format": "regex" };
    Glob, "a pattern of file names", "invalid-glob", { "type": "string", "minLength": 1 };
    Registry, "a registry", "invalid-registry", { "type": "string", "minLength": 1, "examples": ["oci://registry.example/shop"] };
    Days, "a day or a span of days", "invalid-days", { "type": "string", "pattern": "^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?$", "examples": ["mon-thu", "sat"] };
    TimeOfDay, "a time of day", "invalid-time", { "type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "examples": ["09:00"] };
    Moment, "a date", "invalid-date", { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T([01][0-9]|2[0-3]):[0-5][0-9])?$", "examples": ["2026-12-24", "2026-12-24T18:00"] };
    Zone, "a time zone", "invalid-zone", { "type": "string", "minLength": 1, "examples": ["Europe/Berlin", "UTC"] };
    Rate, "a rate", "invalid-rate", { "type": "string", "pattern": "^[0-9.]+/[smh]$", "examples": ["0.1/s"] };
}

macro_rules! number {
    ($($type:ty, $what:literal;)*) => {
        $(impl Decode for $type {
            fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
                let Some(number) = value.get_ref().as_integer() else {
                    cx.wrong_type($what, value);
                    return None;
                };
                let parsed = integer(number).and_then(|number| Self::try_from(number).ok());
                if parsed.is_none() {
                    let message = format!("{number} is out of range: {} to {}", Self::MIN, Self::MAX);
                    cx.error("out-of-range", value.span().into(), message, "out of range");
                }
                parsed
            }

            fn schema(_: &mut Definitions) -> Value {
                json!({ "type": "integer", "minimum": Self::MIN, "maximum": Self::MAX })
            }
        })*
    };
}

number! {
    u8, "a whole number";
    u16, "a whole number";
    u32, "a whole number";
    u64, "a whole number";
}

impl Decode for f64 {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        let parsed = match value.get_ref() {
            DeValue::Integer(number) => integer(number).map(|number| number as Self),
            DeValue::Float(number) => float(number),
            _ => {
                cx.wrong_type("a number", value);
                return None;
            }
        };
        if parsed.is_none() {
            cx.error(
                "out-of-range",
                value.span().into(),
                "a number that is finite is needed",
                "out of range",
            );
        }
        parsed
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "number" })
    }
}

impl Decode for bool {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        let found = value.get_ref().as_bool();
        if found.is_none() {
            cx.wrong_type("true or false", value);
        }
        found
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": "boolean" })
    }
}

impl Decode for Literal {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        json_of(value, cx).map(Self)
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "type": ["string", "number", "boolean", "array", "object"] })
    }
}

impl Decode for Amount {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Integer(_) => u32::decode(value, cx).map(Self::Count),
            DeValue::String(text) => text
                .parse()
                .map_err(|error: <Self as FromStr>::Err| {
                    cx.error(
                        "invalid-amount",
                        value.span().into(),
                        error.to_string(),
                        "not an amount",
                    );
                })
                .ok(),
            _ => {
                cx.wrong_type("a number of instances or a percentage", value);
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> Value {
        json!({ "anyOf": [
            { "type": "integer", "minimum": 0 },
            { "type": "string", "pattern": "^([0-9]|[1-9][0-9]|100)%$", "examples": ["25%"] },
        ] })
    }
}

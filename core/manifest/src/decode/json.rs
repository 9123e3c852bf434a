//! A TOML value as JSON says it.

use serde_json::{Map, Value};
use toml::{
    Spanned,
    de::{DeFloat, DeInteger, DeValue},
};

use super::Context;

/// Dates become the text that they are written as; a number that JSON cannot say is reported.
pub(super) fn json_of(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Value> {
    let number = match value.get_ref() {
        DeValue::String(text) => return Some(Value::String(text.to_string())),
        DeValue::Boolean(boolean) => return Some(Value::Bool(*boolean)),
        DeValue::Datetime(moment) => return Some(Value::String(moment.to_string())),
        DeValue::Array(array) => return array.iter().map(|value| json_of(value, cx)).collect(),
        DeValue::Table(table) => {
            let entry = |(key, value): (&Spanned<toml::de::DeString<'_>>, _)| {
                Some((key.get_ref().to_string(), json_of(value, cx)?))
            };
            return table
                .iter()
                .map(entry)
                .collect::<Option<Map<_, _>>>()
                .map(Value::Object);
        }
        DeValue::Integer(number) => integer(number).map(Value::from),
        DeValue::Float(number) => float(number).map(Value::from),
    };
    if number.is_none() {
        cx.error(
            "out-of-range",
            value.span().into(),
            "a number that fits 64 bits and is finite is needed",
            "out of range",
        );
    }
    number
}

pub(super) fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

pub(super) fn float(number: &DeFloat<'_>) -> Option<f64> {
    number
        .as_str()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())
}

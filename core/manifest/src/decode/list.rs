//! Several of a kind: lists, one or many, and tables from names to things.

use indexmap::IndexMap;
use serde_json::{Value, json};
use slipway_model::Span;
use toml::{Spanned, de::DeValue};

use super::{At, Context, Decode, Definitions, Slot, at};

/// A table of things by name. A thing that is wrong keeps its name, so that references to it are not reported as well.
#[derive(Debug, Clone)]
pub(crate) struct Named<T>(pub(crate) IndexMap<String, Entry<T>>);

#[derive(Debug, Clone)]
pub(crate) struct Entry<T> {
    pub(crate) key: Span,
    pub(crate) value: Slot<T>,
}

/// `x` or `[x, y]`.
#[derive(Debug, Clone)]
pub(crate) struct OneOrMany<T>(pub(crate) Vec<At<T>>);

const NAME_LIMIT: usize = 60;

impl<T> Named<T> {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }

    /// Those that could be read, with their names and where these stand.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Span, &T)> {
        self.0
            .iter()
            .filter_map(|(name, entry)| Some((name.as_str(), entry.key, &entry.value.as_ref()?.value)))
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(IndexMap::new())
    }
}

impl<T: Decode> Decode for Named<T> {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        let Some(table) = value.get_ref().as_table() else {
            cx.wrong_type("a table of names", value);
            return None;
        };
        let entries = table.iter().map(|(key, value)| {
            let name = key.get_ref().to_string();
            let key = key.span().into();
            if !is_name(&name) {
                cx.error(
                    "invalid-name",
                    key,
                    format!("`{}` is not a name", shortened(&name)),
                    "not a name",
                );
                cx.help(format!(
                    "a name is made of lower-case letters, digits and inner hyphens, {NAME_LIMIT} at most"
                ));
            }
            (
                name,
                Entry {
                    key,
                    value: at(value, cx),
                },
            )
        });
        Some(Self(entries.collect()))
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let names = json!({ "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": NAME_LIMIT });
        json!({ "type": "object", "propertyNames": names, "additionalProperties": T::schema(definitions) })
    }
}

impl<T: Decode> Decode for Vec<At<T>> {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        let Some(array) = value.get_ref().as_array() else {
            cx.wrong_type("a list", value);
            return None;
        };
        Some(array.iter().filter_map(|value| at(value, cx)).collect())
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "type": "array", "items": T::schema(definitions) })
    }
}

impl<T: Decode> Decode for OneOrMany<T> {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        match value.get_ref() {
            DeValue::Array(_) => Vec::decode(value, cx).map(Self),
            _ => at(value, cx).map(|one| Self(vec![one])),
        }
    }

    fn schema(definitions: &mut Definitions) -> Value {
        let one = T::schema(definitions);
        json!({ "anyOf": [one, { "type": "array", "items": one }] })
    }
}

fn is_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=NAME_LIMIT).contains(&name.len())
        && name.bytes().all(inner)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

fn shortened(name: &str) -> String {
    name.chars().take(NAME_LIMIT).collect()
}

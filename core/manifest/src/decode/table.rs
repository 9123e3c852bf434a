//! Tables with known keys.

use serde_json::{Value, json};
use slipway_model::Span;
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{Context, Decode, Definitions, Slot, at};
use crate::Settings;

/// The known keys of one table.
pub(crate) struct Fields {
    pub(crate) known: &'static [&'static str],
    pub(crate) required: &'static [&'static str],
}

impl Fields {
    /// The table, with its unknown and missing keys reported. With `open`, unknown keys are somebody else's.
    pub(crate) fn table<'v, 'i>(
        &self,
        value: &'v Spanned<DeValue<'i>>,
        open: bool,
        cx: &mut Context<'_>,
    ) -> Option<&'v DeTable<'i>> {
        let Some(table) = value.get_ref().as_table() else {
            cx.wrong_type("a table", value);
            return None;
        };
        for key in table
            .keys()
            .filter(|key| !open && !self.known.contains(&key.get_ref().as_ref()))
        {
            self.unknown(key, cx);
        }
        for missing in self
            .required
            .iter()
            .filter(|required| !table.contains_key(**required))
        {
            let span = value.span().into();
            cx.error(
                "missing-key",
                span,
                format!("the key `{missing}` is missing"),
                format!("needs `{missing}`"),
            );
        }
        Some(table)
    }

    fn unknown(&self, key: &Spanned<DeString<'_>>, cx: &mut Context<'_>) {
        let shown = key.get_ref().chars().take(60).collect::<String>();
        cx.error(
            "unknown-key",
            key.span().into(),
            format!("unknown key `{shown}`"),
            "nothing reads it",
        );
        cx.suggest(key.get_ref(), self.known.iter().copied(), "keys here");
    }
}

pub(crate) fn slot<T: Decode>(table: &DeTable<'_>, key: &str, cx: &mut Context<'_>) -> Slot<T> {
    table.get(key).and_then(|value| at(value, cx))
}

/// The keys of an open table that are not its own.
pub(crate) fn rest(table: &DeTable<'_>, span: Span, known: &[&str], cx: &mut Context<'_>) -> Settings {
    let mut settings = Settings::default();
    settings.stand_at(span);
    for (key, value) in table
        .iter()
        .filter(|(key, _)| !known.contains(&key.get_ref().as_ref()))
    {
        settings.insert(key, value, cx);
    }
    settings
}

pub(crate) fn property<T: Decode>(doc: &str, definitions: &mut Definitions) -> Value {
    let mut schema = T::schema(definitions);
    schema["description"] = doc.trim().into();
    schema
}

pub(crate) fn object(
    doc: &[&str],
    required: &[&str],
    open: bool,
    properties: serde_json::Map<String, Value>,
) -> Value {
    let doc = doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let mut schema = json!({ "type": "object", "description": doc, "properties": properties });
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    schema["additionalProperties"] = open.into();
    schema
}

/// Declares a table: the struct, how it is read and its JSON Schema. Each key has one line of documentation, which
/// editors show. `required` keys are reported when missing; every field is an `Option` all the same, because what is
/// wrong or missing must not hide what else is wrong. `rest` takes the keys that belong to a plugin.
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        $type:ident {
            $($(#[doc = $doc:literal])+ $presence:ident $key:literal $field:ident: $value:ty,)*
            $(rest $rest:ident,)?
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub(crate) struct $type {
            $($(#[doc = $doc])+ pub(crate) $field: $crate::decode::Slot<$value>,)*
            $(pub(crate) $rest: $crate::Settings,)?
        }

        impl $crate::decode::Decode for $type {
            fn decode(
                value: &toml::Spanned<toml::de::DeValue<'_>>,
                cx: &mut $crate::decode::Context<'_>,
            ) -> Option<Self> {
                const FIELDS: $crate::decode::Fields =
                    $crate::decode::Fields { known: &[$($key),*], required: $crate::decode::required!($($presence $key)*) };
                let open = $crate::decode::open!($($rest)?);
                let table = FIELDS.table(value, open, cx)?;
                Some(Self {
                    $($field: $crate::decode::slot(table, $key, cx),)*
                    $($rest: $crate::decode::rest(table, value.span().into(), FIELDS.known, cx),)?
                })
            }

            fn schema(definitions: &mut $crate::decode::Definitions) -> serde_json::Value {
                definitions.reference(stringify!($type), |definitions| {
                    let mut properties = serde_json::Map::new();
                    $(
                        let doc = concat!($($doc),+);
                        let schema = $crate::decode::property::<$value>(doc, definitions);
                        properties.insert($key.to_owned(), schema);
                    )*
                    let open = $crate::decode::open!($($rest)?);
                    const REQUIRED: &[&str] = $crate::decode::required!($($presence $key)*);
                    $crate::decode::object(&[$($about),+], REQUIRED, open, properties)
                })
            }
        }
    };
}

/// The keys marked `required`.
macro_rules! required {
    (@ [$($done:literal,)*]) => { &[$($done),*] };
    (@ [$($done:literal,)*] required $key:literal $($more:tt)*) => {
        $crate::decode::required!(@ [$($done,)* $key,] $($more)*)
    };
    (@ [$($done:literal,)*] optional $key:literal $($more:tt)*) => {
        $crate::decode::required!(@ [$($done,)*] $($more)*)
    };
    ($($all:tt)*) => { $crate::decode::required!(@ [] $($all)*) };
}

/// Whether a table takes keys that it does not know.
macro_rules! open {
    () => {
        false
    };
    ($rest:ident) => {
        true
    };
}

pub(crate) use {open, required, table};

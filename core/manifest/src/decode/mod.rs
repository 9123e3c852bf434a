//! From a TOML document to the schema as written: every mistake is reported, what is right is kept.
//!
//! Not serde, because serde stops at the first mistake. One declaration (`table!`, `choice!`) yields the type, how it is
//! read and its JSON Schema, so the three cannot drift apart.

mod choice;
mod context;
mod list;
mod scalar;
mod settings;
mod table;

pub(crate) use choice::choice;
pub(crate) use context::Context;
pub(crate) use list::{Named, OneOrMany};
pub(crate) use scalar::Literal;
pub(crate) use table::{Fields, object, open, property, required, rest, slot, table};

use serde_json::{Map, Value, json};
use slipway_model::Span;
use toml::{Spanned, de::DeValue};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// A key that may be absent, or present and wrong: either way there is nothing to work with.
pub(crate) type Slot<T> = Option<At<T>>;

pub(crate) trait Decode: Sized {
    /// Reports what is wrong; nothing only where nothing is usable.
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self>;

    fn schema(definitions: &mut Definitions) -> Value;
}

/// The named parts of a JSON Schema.
#[derive(Default)]
pub(crate) struct Definitions(pub(crate) Map<String, Value>);

impl Definitions {
    /// A reference to the part, which is made when it is first asked for.
    pub(crate) fn reference(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.0.contains_key(name) {
            // Holds the place, because a part may refer to itself.
            self.0.insert(name.to_owned(), Value::Null);
            let schema = make(self);
            self.0.insert(name.to_owned(), schema);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }
}

pub(crate) fn at<T: Decode>(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Slot<T> {
    let span = value.span().into();
    T::decode(value, cx).map(|value| At { value, span })
}

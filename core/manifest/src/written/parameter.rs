//! Parameters.

use serde_json::{Value, json};
use toml::{Spanned, de::DeValue};

use crate::{
    Pattern, Type,
    decode::{At, Context, Decode, Definitions, Literal, choice, table},
};

table! {
    /// What an environment may decide; without a default it must.
    Parameter {
        /// What values are.
        required "type" of: Type,
        /// The value where nothing else decides. A secret has none.
        optional "default" default: Literal,
        /// Whether an environment must decide it: true unless there is a default. An optional one may stay undecided.
        optional "required" required: bool,
        /// One line for the person who decides.
        optional "help" help: String,
        /// The least allowed integer, number, port, duration or size.
        optional "minimum" minimum: Literal,
        /// The greatest allowed integer, number, port, duration or size.
        optional "maximum" maximum: Literal,
        /// The least number of characters, elements or keys.
        optional "min-length" min_length: u64,
        /// The greatest number of characters, elements or keys.
        optional "max-length" max_length: u64,
        /// What a string must match somewhere; `^` and `$` tie it to the ends.
        optional "pattern" pattern: Pattern,
        /// The allowed values of an enum.
        optional "values" values: Vec<At<String>>,
        /// What the elements of a list or map are: a type, or a table with a type and its bounds.
        optional "items" items: Box<Items>,
    }
}

table! {
    /// What the elements of a list or map are.
    Element {
        /// What elements are.
        required "type" of: Type,
        /// The least allowed integer, number, port, duration or size.
        optional "minimum" minimum: Literal,
        /// The greatest allowed integer, number, port, duration or size.
        optional "maximum" maximum: Literal,
        /// The least number of characters, elements or keys.
        optional "min-length" min_length: u64,
        /// The greatest number of characters, elements or keys.
        optional "max-length" max_length: u64,
        /// What a string must match somewhere.
        optional "pattern" pattern: Pattern,
        /// The allowed values of an enum.
        optional "values" values: Vec<At<String>>,
        /// What the elements' own elements are.
        optional "items" items: Box<Items>,
    }
}

choice!(Type, "a type of parameter" {
    "string" => String: "Any text.",
    "integer" => Integer: "A whole number.",
    "number" => Number: "A number.",
    "boolean" => Boolean: "true or false.",
    "enum" => Enum: "One of `values`.",
    "hostname" => Hostname: "A host name, such as `shop.example`.",
    "port" => Port: "A port number, 1 to 65535.",
    "url" => Url: "A URL without user name and password.",
    "duration" => Duration: "A duration, such as `30s`.",
    "bytes" => Bytes: "A size, such as `64MiB`; a template sees the number of bytes.",
    "list" => List: "A list of `items`.",
    "map" => Map: "A table from free keys to `items`.",
    "secret" => Secret: "A secret: only ever a reference, replaced where it is used.",
});

/// An element is a parameter without help, default and requirement; it is kept as one.
#[derive(Debug, Clone)]
pub(crate) struct Items(pub(crate) Parameter);

impl Decode for Box<Items> {
    fn decode(value: &Spanned<DeValue<'_>>, cx: &mut Context<'_>) -> Option<Self> {
        let element = match value.get_ref() {
            DeValue::Table(_) => Element::decode(value, cx)?,
            DeValue::String(_) => {
                let of = At {
                    value: Type::decode(value, cx)?,
                    span: value.span().into(),
                };
                Element {
                    of: Some(of),
                    minimum: None,
                    maximum: None,
                    min_length: None,
                    max_length: None,
                    pattern: None,
                    values: None,
                    items: None,
                }
            }
            _ => {
                cx.wrong_type("a type, or a table with a type and its bounds", value);
                return None;
            }
        };
        Some(Self::new(Items(element.into())))
    }

    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "anyOf": [Type::schema(definitions), Element::schema(definitions)] })
    }
}

impl From<Element> for Parameter {
    fn from(element: Element) -> Self {
        Self {
            of: element.of,
            default: None,
            required: None,
            help: None,
            minimum: element.minimum,
            maximum: element.maximum,
            min_length: element.min_length,
            max_length: element.max_length,
            pattern: element.pattern,
            values: element.values,
            items: element.items,
        }
    }
}

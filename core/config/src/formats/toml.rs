//! TOML, by `toml_edit`: spans when reading, comments and layout kept when writing.

use serde_json::{Number, Value};
use slipway_model::Span;
use toml_edit::{Document, Item, TableLike};

use crate::{
    formats::Malformed,
    node::{Kind, Member, Node},
};

pub(crate) fn parse(text: &str) -> Result<Node, Malformed> {
    let document = Document::parse(text).map_err(|error| Malformed {
        span: error.span().unwrap_or_default().into(),
        why: error.message().to_owned(),
    })?;
    Ok(table(document.as_table(), Span { start: 0, end: text.len() }))
}

fn table(table: &dyn TableLike, span: Span) -> Node {
    let members = table
        .iter()
        .map(|(key, value)| {
            let place = table.key(key).and_then(toml_edit::Key::span);
            let member = Member { key: span_of(place), node: item(value) };
            (key.to_owned(), member)
        })
        .collect();
    Node::new(Kind::Map(members), span)
}

fn item(item: &Item) -> Node {
    let span = span_of(item.span());
    match item {
        Item::None => Node::new(Kind::Scalar(Value::Null), span),
        Item::Value(inner) => value(inner),
        Item::Table(inner) => table(inner, span),
        Item::ArrayOfTables(tables) => {
            let items = tables.iter().map(|inner| table(inner, span_of(inner.span()))).collect();
            Node::new(Kind::List(items), span)
        }
    }
}

fn value(value: &toml_edit::Value) -> Node {
    let span = span_of(value.span());
    let kind = match value {
        toml_edit::Value::Array(array) => Kind::List(array.iter().map(self::value).collect()),
        toml_edit::Value::InlineTable(inner) => return table(inner, span),
        scalar => Kind::Scalar(to_json(scalar)),
    };
    Node::new(kind, span)
}

/// Dates, and the floats that JSON has no word for, are strings.
fn to_json(scalar: &toml_edit::Value) -> Value {
    match scalar {
        toml_edit::Value::String(text) => Value::from(text.value().as_str()),
        toml_edit::Value::Integer(number) => Value::from(*number.value()),
        toml_edit::Value::Boolean(flag) => Value::from(*flag.value()),
        toml_edit::Value::Float(number) => Number::from_f64(*number.value())
            .map_or_else(|| Value::from(number.value().to_string()), Value::Number),
        other => Value::from(other.to_string().trim()),
    }
}

fn span_of(range: Option<std::ops::Range<usize>>) -> Span {
    range.map_or_else(Span::default, Span::from)
}

//! TOML, by `toml_edit`: spans when reading, comments and layout kept when writing.

use serde_json::{Map, Number, Value};
use slipway_model::Span;
use toml_edit::{Document, DocumentMut, Item, TableLike};

use crate::{
    formats::Malformed,
    node::{Kind, Member, Node},
};

pub(crate) fn parse(text: &str) -> Result<Node, Malformed> {
    let document = Document::parse(text).map_err(|error| Malformed {
        span: error.span().unwrap_or_default().into(),
        why: error.message().to_owned(),
    })?;
    Ok(table(
        document.as_table(),
        Span {
            start: 0,
            end: text.len(),
        },
    ))
}

/// `original` changed to mean `value`: what does not differ is not touched.
pub(crate) fn write(original: &str, value: &Value) -> Result<String, String> {
    let mut document: DocumentMut = original
        .parse()
        .map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
    let Value::Object(members) = value else {
        return Err("a TOML file is a table at its top".to_owned());
    };
    change_table(document.as_table_mut(), members)?;
    Ok(document.to_string())
}

fn change_table(target: &mut dyn TableLike, members: &Map<String, Value>) -> Result<(), String> {
    let gone: Vec<String> = target
        .iter()
        .map(|(key, _)| key.to_owned())
        .filter(|key| !members.contains_key(key))
        .collect();
    for key in gone {
        target.remove(&key);
    }
    for (key, value) in members {
        match target.get_mut(key) {
            Some(existing) => change(existing, value)?,
            None => {
                target.insert(key, from_json(value)?);
            }
        }
    }
    Ok(())
}

fn change(target: &mut Item, value: &Value) -> Result<(), String> {
    if item(target).value() == *value {
        return Ok(());
    }
    if let (Some(table), Value::Object(members)) = (target.as_table_like_mut(), value) {
        return change_table(table, members);
    }
    if let (Item::ArrayOfTables(tables), Value::Array(items)) = (&mut *target, value)
        && items.iter().all(Value::is_object)
    {
        while tables.len() > items.len() {
            tables.remove(tables.len() - 1);
        }
        for (index, members) in items.iter().filter_map(Value::as_object).enumerate() {
            if index == tables.len() {
                tables.push(toml_edit::Table::new());
            }
            tables
                .get_mut(index)
                .map_or(Ok(()), |table| change_table(table, members))?;
        }
        return Ok(());
    }
    let mut new = from_json(value)?;
    if let (Item::Value(old), Some(new)) = (&*target, new.as_value_mut()) {
        *new.decor_mut() = old.decor().clone();
    }
    *target = new;
    Ok(())
}

fn from_json(value: &Value) -> Result<Item, String> {
    if let Value::Object(members) = value {
        let mut table = toml_edit::Table::new();
        change_table(&mut table, members)?;
        return Ok(Item::Table(table));
    }
    inline(value).map(Item::Value)
}

fn inline(value: &Value) -> Result<toml_edit::Value, String> {
    Ok(match value {
        Value::Null => return Err("TOML has no null".to_owned()),
        Value::Bool(flag) => (*flag).into(),
        Value::String(text) => text.as_str().into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) if !value.is_u64() => number.into(),
            _ => return Err(format!("{number} is too large for TOML")),
        },
        Value::Array(items) => toml_edit::Value::Array(
            items
                .iter()
                .map(inline)
                .collect::<Result<toml_edit::Array, _>>()?,
        ),
        Value::Object(members) => {
            let mut table = toml_edit::InlineTable::new();
            for (key, value) in members {
                table.insert(key, inline(value)?);
            }
            table.into()
        }
    })
}

fn table(table: &dyn TableLike, span: Span) -> Node {
    let members = table
        .iter()
        .map(|(key, value)| {
            let place = table.key(key).and_then(toml_edit::Key::span);
            let member = Member {
                key: span_of(place),
                node: item(value),
            };
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
            let items = tables
                .iter()
                .map(|inner| table(inner, span_of(inner.span())))
                .collect();
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

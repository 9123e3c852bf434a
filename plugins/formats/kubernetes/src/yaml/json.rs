//! Values as JSON, byte for byte as Go writes it: keys by their bytes, `<`, `>` and `&` escaped.

use super::{number::json_float, value::Value};

pub(crate) fn json(value: &Value) -> String {
    let mut out = String::new();
    write(value, None, &mut out);
    out
}

/// With two spaces for each level.
pub(crate) fn json_indented(value: &Value) -> String {
    let mut out = String::new();
    write(value, Some(0), &mut out);
    out
}

fn write(value: &Value, level: Option<usize>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(&value.to_string()),
        Value::Int(value) => out.push_str(&value.to_string()),
        Value::Large(value) => out.push_str(&value.to_string()),
        Value::Float(value) => out.push_str(&json_float(*value).unwrap_or_else(|| "null".to_owned())),
        Value::Text(text) => quote(text, out),
        Value::List(items) => {
            enclosed('[', ']', items, level, out, write);
        }
        Value::Map(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            enclosed('{', '}', &entries, level, out, |(key, value), level, out| {
                quote(key, out);
                out.push_str(if level.is_some() { ": " } else { ":" });
                write(value, level, out);
            });
        }
    }
}

fn enclosed<T>(
    open: char,
    close: char,
    items: &[T],
    level: Option<usize>,
    out: &mut String,
    mut each: impl FnMut(&T, Option<usize>, &mut String),
) {
    out.push(open);
    let inner = level.map(|level| level + 1);
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        line(inner, out);
        each(item, inner, out);
    }
    if !items.is_empty() {
        line(level, out);
    }
    out.push(close);
}

fn line(level: Option<usize>, out: &mut String) {
    if let Some(level) = level {
        out.push('\n');
        out.push_str(&"  ".repeat(level));
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

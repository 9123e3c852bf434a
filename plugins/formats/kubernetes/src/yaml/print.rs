//! Values to text, byte for byte as kustomize prints them: keys sorted, lists not indented below their key, texts
//! quoted only where a reader would take them for something else, and folded after column 80.

use super::{
    lines::Lines,
    number::yaml_float,
    order::sort_by_key,
    resolve::{resolve, resolves_as_text_in_1_1},
    scalar::Tag,
    shape::Shape,
    value::Value,
};

/// Longer keys do not stand on a line with their value.
const LONGEST_KEY: usize = 128;

/// One document without a separator.
pub(crate) fn print(value: Value, out: &mut String) {
    let mut printer = Printer {
        lines: Lines::new(out),
    };
    printer.value(value, Around::Root, 0);
    printer.lines.end();
}

#[derive(Clone, Copy, PartialEq)]
enum Around {
    Root,
    /// Behind `- `.
    Item,
    /// Behind `key:`.
    Key,
    /// Behind the `: ` of a key that stands alone.
    LongKey,
}

#[derive(Clone, Copy, PartialEq)]
enum Written {
    Plain,
    Double,
    Literal,
}

struct Printer<'a> {
    lines: Lines<'a>,
}

impl Printer<'_> {
    /// `indent` is where the parent's keys or dashes stand.
    fn value(&mut self, value: Value, around: Around, indent: usize) {
        match value {
            Value::Map(entries) if entries.is_empty() => self.lines.word("{}"),
            Value::List(items) if items.is_empty() => self.lines.word("[]"),
            Value::Map(entries) => self.map(entries, around, indent),
            Value::List(items) => self.list(items, around, indent),
            scalar => {
                let (text, written) = written(scalar);
                let below = if around == Around::Root { 2 } else { indent + 2 };
                self.scalar(&text, written, below, false);
            }
        }
    }

    fn map(&mut self, mut entries: Vec<(String, Value)>, around: Around, indent: usize) {
        sort_by_key(&mut entries, |(key, _)| key);
        let indent = if around == Around::Root { 0 } else { indent + 2 };
        for (key, value) in entries {
            self.lines.indent_to(indent);
            let (key, style) = written(Value::Text(key));
            if key.len() <= LONGEST_KEY && !Shape::of(&key).breaks {
                self.scalar(&key, style, indent + 2, true);
                self.lines.colon();
                self.value(value, Around::Key, indent);
            } else {
                self.lines.mark("?");
                self.scalar(&key, style, indent + 2, false);
                self.lines.indent_to(indent);
                self.lines.mark(":");
                self.value(value, Around::LongKey, indent);
            }
        }
    }

    fn list(&mut self, items: Vec<Value>, around: Around, indent: usize) {
        let indent = match around {
            Around::Root => 0,
            Around::Key => indent,
            Around::Item | Around::LongKey => indent + 2,
        };
        for item in items {
            self.lines.indent_to(indent);
            self.lines.mark("-");
            self.value(item, Around::Item, indent);
        }
    }

    fn scalar(&mut self, text: &str, written: Written, indent: usize, key: bool) {
        let shape = Shape::of(text);
        let written = match written {
            Written::Literal if !shape.block || key => Written::Double,
            Written::Plain if key && shape.breaks => Written::Double,
            written => written,
        };
        match written {
            Written::Plain if shape.plain && !(text.is_empty() && key) => {
                self.lines.plain(text, indent, !key)
            }
            Written::Plain if shape.single => self.lines.single_quoted(text, indent, !key),
            Written::Plain | Written::Double => self.lines.double_quoted(text, indent, !key),
            Written::Literal => self.lines.literal(text, indent),
        }
    }
}

/// The text of a scalar and how it would best be written.
fn written(scalar: Value) -> (String, Written) {
    let text = match scalar {
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Large(value) => value.to_string(),
        Value::Float(value) => yaml_float(value),
        Value::Text(text) => {
            let written = if text.contains('\n') {
                Written::Literal
            } else if is_plain(&text) {
                Written::Plain
            } else {
                Written::Double
            };
            return (text, written);
        }
        Value::Null | Value::List(_) | Value::Map(_) => "null".to_owned(),
    };
    (text, Written::Plain)
}

fn is_plain(text: &str) -> bool {
    let first = text.as_bytes().first();
    let suspicious = first.is_none_or(|first| b"yYnNtTfFoO~+-.0123456789".contains(first));
    !suspicious || (resolves_as_text_in_1_1(text) && resolve(text).0 == Tag::Text && !in_base_60(text))
}

/// `1:30`, a number to some older readers: `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn in_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let Some((first, rest)) = unsigned.split_once(':') else {
        return false;
    };
    let (rest, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(|c| c.is_ascii_digit() || c == b'_')
        && fraction.bytes().all(|c| c.is_ascii_digit() || c == b'_')
        && rest.split(':').all(|part| match part.as_bytes() {
            [unit] => unit.is_ascii_digit(),
            [ten, unit] => (b'0'..=b'5').contains(ten) && unit.is_ascii_digit(),
            _ => false,
        })
}

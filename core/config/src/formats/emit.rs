//! YAML from nothing: block style, keys in order, a text plain only where every YAML reader takes it for a text.

use serde_json::{Map, Value};

use super::yaml::resolve;

pub(crate) fn write(value: &Value, documents: bool) -> String {
    match value {
        Value::Array(items) if documents => items.iter().map(one).collect::<Vec<_>>().join("---\n"),
        other => one(other),
    }
}

/// One scalar, as it stands after `key: `.
pub(crate) fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) if is_plain(text) => text.clone(),
        // A JSON text is a YAML text in double quotes.
        other => other.to_string(),
    }
}

fn one(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(members) if !members.is_empty() => mapping(members, 0, &mut out),
        Value::Array(items) if !items.is_empty() => sequence(items, 0, &mut out),
        other => out = scalar(other) + "\n",
    }
    out
}

fn mapping(members: &Map<String, Value>, indent: usize, out: &mut String) {
    for (index, (key, value)) in members.iter().enumerate() {
        // The first key of a mapping in a list stands behind its dash.
        if index > 0 || !out.ends_with("- ") {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str(&scalar(&Value::from(key.as_str())));
        out.push(':');
        below(value, indent, out);
    }
}

fn sequence(items: &[Value], indent: usize, out: &mut String) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !out.ends_with("- ") {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str("- ");
        match item {
            Value::Object(members) if !members.is_empty() => mapping(members, indent + 2, out),
            Value::Array(items) if !items.is_empty() => sequence(items, indent + 2, out),
            other => line(other, indent, out),
        }
    }
}

fn below(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            out.push('\n');
            mapping(members, indent + 2, out);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            sequence(items, indent, out);
        }
        other => {
            out.push(' ');
            line(other, indent, out);
        }
    }
}

fn line(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::String(text) if is_block(text) => {
            out.push_str("|\n");
            for line in text.lines() {
                if !line.is_empty() {
                    out.push_str(&" ".repeat(indent + 2));
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        other => {
            out.push_str(&scalar(other));
            out.push('\n');
        }
    }
}

/// Several lines that a literal block holds exactly.
fn is_block(text: &str) -> bool {
    let clean = text
        .lines()
        .all(|line| !line.ends_with(' ') && !line.chars().any(char::is_control));
    clean
        && text.ends_with('\n')
        && !text.ends_with("\n\n")
        && text.trim_end().contains('\n')
        && !text.starts_with([' ', '\n'])
}

fn is_plain(text: &str) -> bool {
    let first = text
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '/');
    let rest = |character: char| character.is_ascii_alphanumeric() || "-_./ @+%=".contains(character);
    let reserved = ["y", "Y", "n", "N"].contains(&text);
    first
        && !reserved
        && text.chars().all(rest)
        && !text.ends_with(' ')
        && matches!(resolve(text), Value::String(_))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::formats::Format;

    #[test]
    fn reads_well() {
        let value = json!({
            "kind": "Deployment",
            "empty": {},
            "switch": "on",
            "octal": "0o17",
            "count": 3,
            "script": "a\n  b\n\nc\n",
            "list": [1, {"name": "x", "deep": [[1, 2], []]}, "a: b"],
        });
        insta::assert_snapshot!(write(&value, false));
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~\n]{0,12}".prop_map(Value::from),
            prop_oneof![
                Just("on"),
                Just("0b1"),
                Just("1_000"),
                Just("~"),
                Just("-"),
                Just("<<"),
                Just("é")
            ]
            .prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-z<: 0-9]{0,5}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn is_read_back(value in json()) {
            let text = write(&value, false);
            prop_assert_eq!(Format::Yaml.parse(&text).unwrap().value(), value, "{}", text);
        }
    }
}

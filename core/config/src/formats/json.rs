//! JSON: `serde_json` judges the text, a walk over the judged text finds the places.

use indexmap::IndexMap;
use serde_json::Value;
use slipway_model::Span;

use crate::{
    formats::Malformed,
    node::{Kind, Member, Node},
};

pub(crate) fn parse(text: &str) -> Result<Node, Malformed> {
    if let Err(error) = serde_json::from_str::<Value>(text) {
        let line = error.line().saturating_sub(1);
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let at = text.floor_char_boundary((start + error.column().saturating_sub(1)).min(text.len()));
        let why = error.to_string();
        let why = why
            .rsplit_once(" at line")
            .map_or(why.as_str(), |(why, _)| why)
            .to_owned();
        return Err(Malformed {
            span: Span { start: at, end: at },
            why,
        });
    }
    let mut walk = Walk { text, at: 0 };
    Ok(walk.value())
}

/// Two spaces, a newline at the end, keys in their order.
pub(crate) fn write(value: &Value) -> String {
    format!("{value:#}\n")
}

/// Over a text that is known to be JSON, of limited depth.
struct Walk<'a> {
    text: &'a str,
    at: usize,
}

impl Walk<'_> {
    fn value(&mut self) -> Node {
        let start = self.peek();
        let kind = match self.text.as_bytes().get(start) {
            Some(b'[') => {
                let mut items = Vec::new();
                self.members(|walk| items.push(walk.value()));
                Kind::List(items)
            }
            Some(b'{') => {
                let mut members = IndexMap::new();
                self.members(|walk| {
                    let key = walk.value();
                    walk.peek();
                    walk.at += 1;
                    let node = walk.value();
                    if let Kind::Scalar(Value::String(name)) = key.kind {
                        members.insert(name, Member { key: key.span, node });
                    }
                });
                Kind::Map(members)
            }
            _ => Kind::Scalar(self.scalar(start)),
        };
        Node::new(kind, Span { start, end: self.at })
    }

    fn members(&mut self, mut member: impl FnMut(&mut Self)) {
        self.at += 1;
        loop {
            self.peek();
            match self.text.as_bytes().get(self.at) {
                Some(b']' | b'}') | None => break,
                Some(b',') => self.at += 1,
                Some(_) => member(self),
            }
        }
        self.at += 1;
    }

    fn scalar(&mut self, start: usize) -> Value {
        let mut values = serde_json::Deserializer::from_str(&self.text[start..]).into_iter();
        let value = values.next().and_then(Result::ok).unwrap_or_default();
        self.at = start + values.byte_offset().max(1);
        value
    }

    fn peek(&mut self) -> usize {
        let rest = &self.text[self.at.min(self.text.len())..];
        self.at += rest.len() - rest.trim_start().len();
        self.at
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places() {
        let text = r#"{"a": [1, {"b": "x\"y"}, []], "n": -1.5e3, "t": true }"#;
        let node = parse(text).unwrap();
        let found: Vec<_> = node
            .leaves()
            .into_iter()
            .map(|(pointer, leaf)| format!("{pointer} {}", &text[leaf.span.start..leaf.span.end]))
            .collect();
        assert_eq!(
            found,
            ["/a/0 1", r#"/a/1/b "x\"y""#, "/a/2 []", "/n -1.5e3", "/t true"]
        );
    }

    #[test]
    fn malformed_names_the_place() {
        let malformed = parse("{\n  \"a\": 1,,\n}").unwrap_err();
        assert_eq!(
            (malformed.span.start, malformed.why.as_str()),
            (11, "key must be a string")
        );
    }

    proptest! {
        #[test]
        fn means_what_serde_json_says(text in r#"[\[\]{}:, a"\\0-9.e\n]{0,40}"#) {
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(parse(&text).unwrap().value(), value);
            } else {
                prop_assert!(parse(&text).is_err());
            }
        }
    }
}

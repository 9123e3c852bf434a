//! YAML as Kubernetes reads it: plain scalars by the rules of its parser (`on` and `yes` are booleans, `017` and
//! `0o17` are 15, `1e3` is a number), quoted ones are text, aliases and `<<` are expanded, a stream of several
//! documents is a list. Keys are kept as written.

use std::collections::HashMap;

use indexmap::IndexMap;
use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};
use serde_json::{Number, Value};
use slipway_model::Span;

use crate::{
    formats::Malformed,
    node::{Kind, Member, Node},
};

/// Deeper is refused: it is an attack or a mistake.
const DEPTH: usize = 100;
/// Nodes in all, aliases expanded: a few hundred bytes can otherwise stand for gigabytes.
const NODES: usize = 500_000;

/// The documents of a stream. Empty ones between others count, an empty stream is one null.
pub(crate) fn parse(text: &str) -> Result<Vec<Node>, Malformed> {
    let mut walk = Walk::new(text);
    let mut documents = Vec::new();
    while let Some((event, marks)) = walk.next()? {
        if matches!(event, Event::DocumentStart(_)) {
            walk.anchors.clear();
            let first = walk.expect()?;
            documents.push(walk.node(first, 0)?);
        } else if matches!(event, Event::Alias(_)) {
            return Err(walk.malformed(marks, "an alias outside a document"));
        }
    }
    if documents.is_empty() {
        documents.push(Node::new(Kind::Scalar(Value::Null), Span::default()));
    }
    Ok(documents)
}

type Marked<'a> = (Event<'a>, Marks);

struct Walk<'a> {
    text: &'a str,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: HashMap<usize, (Node, usize)>,
    /// Byte offset by character offset, for texts that are not ASCII.
    offsets: Option<Vec<usize>>,
    nodes: usize,
}

impl<'a> Walk<'a> {
    fn new(text: &'a str) -> Self {
        let offsets = (!text.is_ascii()).then(|| {
            text.char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .collect()
        });
        Self {
            text,
            parser: Parser::new_from_str(text),
            anchors: HashMap::new(),
            offsets,
            nodes: 0,
        }
    }

    fn next(&mut self) -> Result<Option<Marked<'a>>, Malformed> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok(marked)) => Ok(Some(marked)),
            Some(Err(error)) => {
                let at = self.byte(error.marker().index());
                Err(Malformed {
                    span: Span { start: at, end: at },
                    why: error.info().to_owned(),
                })
            }
        }
    }

    fn expect(&mut self) -> Result<Marked<'a>, Malformed> {
        let end = Span {
            start: self.text.len(),
            end: self.text.len(),
        };
        self.next()?.ok_or_else(|| Malformed {
            span: end,
            why: "the text ends too early".to_owned(),
        })
    }

    fn node(&mut self, (event, marks): Marked<'a>, depth: usize) -> Result<Node, Malformed> {
        self.nodes += 1;
        if depth > DEPTH || self.nodes > NODES {
            return Err(self.malformed(marks, "too deep or too large, aliases expanded"));
        }
        let start = self.byte(marks.start.index());
        let (kind, anchor, end) = match event {
            Event::Alias(anchor) => {
                let (node, size) = self
                    .anchors
                    .get(&anchor)
                    .cloned()
                    .ok_or_else(|| self.malformed(marks, "an alias of what contains it"))?;
                self.nodes += size;
                let span = Span {
                    start,
                    end: self.byte(marks.end.index()),
                };
                return Ok(Node { span, ..node });
            }
            Event::Scalar(text, style, anchor, tag) => {
                let core = tag
                    .as_ref()
                    .filter(|tag| tag.is_yaml_core_schema())
                    .map(|tag| tag.suffix.as_str());
                let value = match (style, core) {
                    (ScalarStyle::Plain, None) => resolve(&text),
                    (_, Some("int" | "float" | "bool" | "null")) => resolve(&text),
                    _ => Value::from(text.as_ref()),
                };
                (Kind::Scalar(value), anchor, marks.end)
            }
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                let end = loop {
                    let (event, marks) = self.expect()?;
                    if matches!(event, Event::SequenceEnd) {
                        break marks.end;
                    }
                    items.push(self.node((event, marks), depth + 1)?);
                };
                (Kind::List(items), anchor, end)
            }
            Event::MappingStart(anchor, _) => {
                let (members, end) = self.mapping(depth)?;
                (Kind::Map(members), anchor, end)
            }
            _ => return Err(self.malformed(marks, "a value was expected")),
        };
        let node = Node::new(
            kind,
            Span {
                start,
                end: self.byte(end.index()),
            },
        );
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), count(&node)));
        }
        Ok(node)
    }

    fn mapping(
        &mut self,
        depth: usize,
    ) -> Result<(IndexMap<String, Member>, saphyr_parser::Marker), Malformed> {
        let mut members: IndexMap<String, Member> = IndexMap::new();
        let mut merged = Vec::new();
        let end = loop {
            let (event, marks) = self.expect()?;
            let (key, plain) = match event {
                Event::MappingEnd => break marks.end,
                Event::Scalar(key, style, ..) => (key.into_owned(), style == ScalarStyle::Plain),
                Event::Alias(anchor) => match self.anchors.get(&anchor).map(|(node, _)| &node.kind) {
                    Some(Kind::Scalar(Value::String(key))) => (key.clone(), false),
                    _ => return Err(self.malformed(marks, "a key has to be a scalar")),
                },
                _ => return Err(self.malformed(marks, "a key has to be a scalar")),
            };
            let span = Span {
                start: self.byte(marks.start.index()),
                end: self.byte(marks.end.index()),
            };
            let value = self.expect()?;
            let node = self.node(value, depth + 1)?;
            if plain && key == "<<" {
                merged.push(node);
            } else if members.insert(key.clone(), Member { key: span, node }).is_some() {
                return Err(Malformed {
                    span,
                    why: format!("the key `{key}` is here twice"),
                });
            }
        };
        for node in merged {
            let sources = if let Kind::List(items) = node.kind {
                items
            } else {
                vec![node]
            };
            for source in sources {
                let Kind::Map(inherited) = source.kind else {
                    return Err(Malformed {
                        span: source.span,
                        why: "`<<` takes a mapping".to_owned(),
                    });
                };
                for (key, member) in inherited {
                    members.entry(key).or_insert(member);
                }
            }
        }
        Ok((members, end))
    }

    fn byte(&self, index: usize) -> usize {
        self.offsets.as_ref().map_or(index, |offsets| {
            offsets.get(index).copied().unwrap_or(self.text.len())
        })
    }

    fn malformed(&self, marks: Marks, why: &str) -> Malformed {
        let span = Span {
            start: self.byte(marks.start.index()),
            end: self.byte(marks.end.index()),
        };
        Malformed {
            span,
            why: why.to_owned(),
        }
    }
}

fn count(node: &Node) -> usize {
    1 + match &node.kind {
        Kind::Scalar(_) => 0,
        Kind::List(items) => items.iter().map(count).sum(),
        Kind::Map(members) => members.values().map(|member| count(&member.node)).sum(),
    }
}

/// What a plain scalar means.
pub(crate) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => return Value::Bool(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return Value::from(text);
    }
    let digits = text.replace('_', "");
    integer(&digits)
        .or_else(|| float(&digits))
        .unwrap_or_else(|| Value::from(text))
}

fn integer(text: &str) -> Option<Value> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let prefixes = [
        ("0x", 16),
        ("0X", 16),
        ("0o", 8),
        ("0O", 8),
        ("0b", 2),
        ("0B", 2),
        ("0", 8),
    ];
    let prefixed = prefixes
        .iter()
        .find_map(|(prefix, radix)| Some((unsigned.strip_prefix(prefix)?, *radix)));
    let (digits, radix) = prefixed
        .filter(|(digits, _)| !digits.is_empty())
        .unwrap_or((unsigned, 10));
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let number = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        0_i64.checked_sub_unsigned(number).map(Value::from)
    } else {
        Some(Value::from(number))
    }
}

fn float(text: &str) -> Option<Value> {
    let allowed = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.bytes().all(allowed) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Number::from_f64(text.parse().ok()?).map(Value::Number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: Value) {
        let documents: Vec<Value> = parse(text).unwrap().iter().map(Node::value).collect();
        assert_eq!(Value::from(documents), json!([expected]), "{text}");
    }

    #[test]
    fn means_what_kubernetes_means() {
        for (text, expected) in [
            ("on", json!(true)),
            ("\"on\"", json!("on")),
            ("'yes'", json!("yes")),
            ("y", json!("y")),
            ("0o17", json!(15)),
            ("017", json!(15)),
            ("08", json!(8.0)),
            ("0x1F", json!(31)),
            ("0b11", json!(3)),
            ("1_000", json!(1000)),
            ("1e3", json!(1000.0)),
            ("-12", json!(-12)),
            ("+12", json!(12)),
            (".5", json!(0.5)),
            ("1.4.2", json!("1.4.2")),
            ("12:30", json!("12:30")),
            ("2026-01-01", json!("2026-01-01")),
            ("100m", json!("100m")),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("~", json!(null)),
            ("", json!(null)),
            ("!!str 12", json!("12")),
            ("!!int \"12\"", json!(12)),
            ("-", json!([null])),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn anchors_merges_and_blocks() {
        check(
            "a: &x {n: 1, m: 2}\nb: *x\n",
            json!({"a": {"n": 1, "m": 2}, "b": {"n": 1, "m": 2}}),
        );
        check(
            "a: &x {n: 1, m: 2}\nb: {<<: *x, n: 3}\n",
            json!({"a": {"n": 1, "m": 2}, "b": {"n": 3, "m": 2}}),
        );
        check(
            "a: |\n  x\n  y\nb: >-\n  x\n  y\n",
            json!({"a": "x\ny\n", "b": "x y"}),
        );
        check("1: a\non: b\n", json!({"1": "a", "on": "b"}));
    }

    #[test]
    fn a_stream_is_several_documents() {
        let documents: Vec<Value> = parse("a: 1\n---\nb: 2\n")
            .unwrap()
            .iter()
            .map(Node::value)
            .collect();
        assert_eq!(documents, [json!({"a": 1}), json!({"b": 2})]);
    }

    #[test]
    fn places_are_bytes() {
        let text = "ä: [ü, 1]\nb: \"x\"\n";
        let documents = parse(text).unwrap();
        let found: Vec<_> = documents[0]
            .leaves()
            .into_iter()
            .map(|(_, leaf)| &text[leaf.span.start..leaf.span.end])
            .collect();
        assert_eq!(found, ["ü", "1", "\"x\""]);
    }

    #[test]
    fn refused() {
        let bomb: String = (1..30)
            .map(|n| format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1))
            .fold("a0: &a0 [x]\n".to_owned(), |text, line| text + &line);
        let deep = "[".repeat(5000);
        for text in ["a: 1\na: 2", "a: [1", "? [a]\n: b", "<<: 1", "*a", &bomb, &deep] {
            assert!(parse(text).is_err(), "{}", &text[..text.len().min(40)]);
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[-:\\[\\]{}&*!|> \n\"'a-c0-9é#.]{0,60}") {
            if let Ok(documents) = parse(&text) {
                for (_, leaf) in documents.iter().flat_map(Node::leaves) {
                    prop_assert!(text.get(leaf.span.start..leaf.span.end).is_some() || leaf.span.start >= leaf.span.end);
                }
            }
        }
    }
}

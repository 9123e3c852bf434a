//! Text to trees. The input is untrusted: depth, size and what aliases expand to are limited, keys that are there
//! twice are refused, and every refusal has its place. Aliases and merge keys are gone when it returns.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, StrInput, Tag as Written};

use super::{
    malformed::Malformed,
    merge_keys::merge_in,
    node::{Body, Entry, Map, Node, Place},
    resolve::resolve,
    scalar::{Scalar, Style, Tag},
    source::{Source, refuse_controls},
};

/// Deeper than any resource is.
const DEPTH: usize = 200;
/// Values in one document, what aliases stand for included.
const NODES: usize = 4_000_000;
/// Above this many keys, doubles are looked for with a set.
const FEW: usize = 16;

/// The first document in a text; none if there is nothing in it.
pub(crate) fn read(text: &str) -> Result<Option<Node>, Malformed> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    refuse_controls(text)?;
    let mut walk = Walk {
        source: Source::new(text),
        parser: Parser::new_from_str(text),
        anchors: HashMap::new(),
        nodes: 0,
        flow: false,
    };
    loop {
        match walk.next()? {
            (Event::StreamStart | Event::DocumentStart(_), _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => return Ok(None),
            marked => return walk.node(marked, 0).map(Some),
        }
    }
}

/// The documents in the text of a file, each with the number of lines before it.
pub(crate) fn documents(text: &str) -> Result<Vec<(u32, String)>, Malformed> {
    let text = if text.contains("\r\n") {
        Cow::Owned(text.replace("\r\n", "\n"))
    } else {
        Cow::Borrowed(text)
    };
    let mut documents = Vec::new();
    let (mut line, mut start, mut from) = (0, 0, 0);
    while let Some(found) = text[from..].find("\n---") {
        let separator = from + found;
        let Some(end) = text[separator + 1..].find('\n') else {
            break;
        };
        let end = separator + 1 + end;
        let rest = text[separator + 4..end].trim();
        let lines = count_lines(&text[start..=separator]);
        if !(rest.is_empty() || rest.starts_with('#')) {
            return Err(Malformed {
                place: Place {
                    line: line + lines + 1,
                    column: 1,
                },
                why: format!(
                    "`{}` begins a document, and only a comment may follow on its line",
                    text[separator + 1..end].trim()
                ),
            });
        }
        documents.push((line, text[start..=separator].to_owned()));
        line += lines + 1;
        start = end + 1;
        from = start;
    }
    documents.push((line, text[start..].to_owned()));
    Ok(documents)
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

type Marked<'a> = (Event<'a>, saphyr_parser::Span);

struct Walk<'a> {
    source: Source<'a>,
    parser: Parser<'a, StrInput<'a>>,
    /// What aliases stand for, with its size.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    /// Inside of brackets or braces.
    flow: bool,
}

impl<'a> Walk<'a> {
    fn next(&mut self) -> Result<Marked<'a>, Malformed> {
        match self.parser.next_event() {
            Some(Ok(marked)) => Ok(marked),
            Some(Err(error)) => Err(malformed(error.marker(), error.info())),
            None => Ok((Event::StreamEnd, saphyr_parser::Span::default())),
        }
    }

    fn node(&mut self, (event, span): Marked<'a>, depth: usize) -> Result<Node, Malformed> {
        self.nodes += 1;
        if depth > DEPTH {
            return Err(malformed(
                &span.start,
                format!("it is nested deeper than {DEPTH} levels"),
            ));
        }
        if self.nodes > NODES {
            return Err(malformed(
                &span.start,
                format!("it has more than {NODES} values, aliases expanded"),
            ));
        }
        let before = self.nodes;
        let (body, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor, depth, &span.start),
            Event::Scalar(text, style, anchor, tag) => {
                (self.scalar(text, style, tag.as_deref(), &span), anchor)
            }
            Event::SequenceStart(anchor, _) => (self.inside(&span, |walk| walk.list(depth))?, anchor),
            Event::MappingStart(anchor, _) => (self.inside(&span, |walk| walk.map(depth))?, anchor),
            _ => return Err(malformed(&span.start, "a value was expected")),
        };
        let node = Node {
            body,
            place: place(&span.start),
        };
        if anchor != 0 {
            self.anchors
                .insert(anchor, (node.clone(), self.nodes - before + 1));
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, depth: usize, at: &Marker) -> Result<Node, Malformed> {
        let Some((node, size)) = self.anchors.get(&anchor) else {
            return Err(malformed(at, "it stands for something that contains it"));
        };
        self.nodes += size;
        if depth + height(node) > DEPTH {
            return Err(malformed(
                at,
                format!("it is nested deeper than {DEPTH} levels, aliases expanded"),
            ));
        }
        if self.nodes > NODES {
            return Err(malformed(
                at,
                format!("it has more than {NODES} values, aliases expanded"),
            ));
        }
        Ok(node.clone())
    }

    /// Reads a list or a map, which may stand in brackets or braces.
    fn inside(
        &mut self,
        span: &saphyr_parser::Span,
        read: impl FnOnce(&mut Self) -> Result<Body, Malformed>,
    ) -> Result<Body, Malformed> {
        let outer = self.flow;
        self.flow |= matches!(self.source.at(span.start.index()), Some(b'[' | b'{'));
        let body = read(self);
        self.flow = outer;
        body
    }

    fn scalar(
        &self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        tag: Option<&Written>,
        span: &saphyr_parser::Span,
    ) -> Body {
        let mut scalar = scalar(text, style, tag);
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        if is_block && scalar.text.ends_with('\n') && self.source.ends_without_break(span.end.index()) {
            scalar.text.pop();
        }
        // Written out again between brackets, these get quotes.
        let gets_quotes = scalar.text.is_empty() || scalar.text.contains(':');
        if self.flow && gets_quotes && matches!(scalar.tag, Tag::Null | Tag::Timestamp) {
            scalar.style = Style::Quoted;
        }
        Body::Scalar(scalar)
    }

    fn list(&mut self, depth: usize) -> Result<Body, Malformed> {
        let mut items = Vec::new();
        loop {
            let marked = self.next()?;
            if matches!(marked.0, Event::SequenceEnd) {
                return Ok(Body::List(items));
            }
            items.push(self.node(marked, depth + 1)?);
        }
    }

    fn map(&mut self, depth: usize) -> Result<Body, Malformed> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut merges = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.node((event, span), depth + 1)?;
            let marked = self.next()?;
            let value = self.node(marked, depth + 1)?;
            let Some((key, plain)) = key_of(key, &span.start)? else {
                merges.push(value);
                continue;
            };
            // In quotes it is the name of nothing, and kustomize drops it.
            if key == "<<" {
                continue;
            }
            if entries.len() < FEW {
                if let Some(first) = entries.iter().find(|entry| entry.key == key) {
                    return Err(twice(&key, &span.start, first.place));
                }
            } else {
                if seen.is_empty() {
                    seen.extend(entries.iter().map(|entry| entry.key.clone()));
                }
                if !seen.insert(key.clone()) {
                    let first = entries.iter().find(|entry| entry.key == key);
                    return Err(twice(
                        &key,
                        &span.start,
                        first.map_or_else(Place::default, |first| first.place),
                    ));
                }
            }
            entries.push(Entry {
                key,
                place: place(&span.start),
                plain,
                value,
            });
        }
        let mut map = Map { entries };
        match merges.len() {
            0 => {}
            1 => merge_in(&mut map, merges.remove(0))?,
            _ => {
                return Err(Malformed {
                    place: merges[1].place,
                    why: "the key `<<` is there twice".to_owned(),
                });
            }
        }
        Ok(Body::Map(map))
    }
}

/// The text of a key, and whether it stands without quotes; none if it says that another map is to be merged in.
fn key_of(key: Node, at: &Marker) -> Result<Option<(String, bool)>, Malformed> {
    match key.body {
        Body::Scalar(scalar) if scalar.tag == Tag::Merge => Ok(None),
        Body::Scalar(scalar) if matches!(scalar.tag, Tag::Text | Tag::Other) => {
            Ok(Some((scalar.text, scalar.style == Style::Plain)))
        }
        Body::Scalar(scalar) => Err(malformed(
            at,
            format!("the key `{}` is not a text: write it in quotes", scalar.text),
        )),
        _ => Err(malformed(at, "a key is a single text")),
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Written>) -> Scalar {
    let quoted = style != ScalarStyle::Plain;
    let written = tag.and_then(core_tag);
    let (tag, style) = match (written, quoted) {
        (Some(Tag::Text) | None, true) if style == ScalarStyle::Folded => (Tag::Text, Style::Folded),
        (Some(Tag::Text), _) | (None, true) => (Tag::Text, Style::Quoted),
        (Some(tag), _) => (tag, Style::Plain),
        (None, false) if text == "<<" => (Tag::Merge, Style::Plain),
        (None, false) => (resolve(&text).0, Style::Plain),
    };
    Scalar::new(text, tag, style)
}

fn core_tag(tag: &Written) -> Option<Tag> {
    if matches!((tag.handle.as_str(), tag.suffix.as_str()), ("!", "") | ("", "!")) {
        return None;
    }
    if !tag.is_yaml_core_schema() {
        return Some(Tag::Other);
    }
    Some(match tag.suffix.as_str() {
        "str" => Tag::Text,
        "int" => Tag::Int,
        "float" => Tag::Float,
        "bool" => Tag::Bool,
        "null" => Tag::Null,
        "timestamp" => Tag::Timestamp,
        "binary" => Tag::Binary,
        "merge" => Tag::Merge,
        _ => Tag::Other,
    })
}

/// Levels within each other.
fn height(node: &Node) -> usize {
    match &node.body {
        Body::Scalar(_) => 0,
        Body::List(items) => 1 + items.iter().map(height).max().unwrap_or(0),
        Body::Map(map) => {
            let values = map.entries.iter().map(|entry| height(&entry.value));
            1 + values.max().unwrap_or(0)
        }
    }
}

fn place(marker: &Marker) -> Place {
    Place {
        line: u32::try_from(marker.line()).unwrap_or(u32::MAX),
        column: u32::try_from(marker.col() + 1).unwrap_or(u32::MAX),
    }
}

fn malformed(marker: &Marker, why: impl Into<String>) -> Malformed {
    Malformed {
        place: place(marker),
        why: why.into(),
    }
}

fn twice(key: &str, at: &Marker, first: Place) -> Malformed {
    malformed(
        at,
        format!("the key `{key}` is there twice, first on line {}", first.line),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        read(text).unwrap_err().why
    }

    #[test]
    fn bombs_are_refused() {
        let mut wide = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        let mut deep = format!("d0: &d0 {}{}\n", "[".repeat(90), "]".repeat(90));
        for at in 1..10 {
            let before = at - 1;
            wide += &format!("a{at}: &a{at} [{}]\n", vec![format!("*a{before}"); 10].join(", "));
            deep += &format!("d{at}: &d{at} {}*d{before}{}\n", "[".repeat(90), "]".repeat(90));
        }
        assert!(why(&wide).contains("values"), "{}", why(&wide));
        assert!(why(&deep).contains("deeper"), "{}", why(&deep));
        assert!(read(&"[".repeat(100_000)).is_err());
        assert!(why("a: &a [*a]").contains("contains it"));
    }

    #[test]
    fn documents_have_their_lines() {
        let found = documents("a\n--- # x\nb\n---\n").unwrap();
        assert_eq!(
            found,
            [(0, "a\n".to_owned()), (2, "b\n".to_owned()), (4, String::new())]
        );
        assert_eq!(documents("a\n--- b\n").unwrap_err().place.line, 2);
    }
}

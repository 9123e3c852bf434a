//! Finds the tags of a template: what is text, what is expression, what is block. No judgement of what is in them.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagKind {
    /// `{{ ... }}`
    Expression,
    /// `{% ... %}`
    Block,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) kind: TagKind,
    /// With the braces.
    pub(crate) whole: Range<usize>,
    /// Without braces, white space control and outer white space.
    pub(crate) inner: Range<usize>,
}

/// The tags of `source` outside comments and `raw` blocks; an unclosed one ends the list, as the template engine
/// refuses such a text anyway.
pub(crate) fn tags(source: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    let mut raw = false;
    while let Some((start, open)) = next_open(source, at) {
        let (kind, close) = match open {
            "{#" => {
                let Some(end) = source[start + 2..].find("#}") else {
                    break;
                };
                at = start + 2 + end + 2;
                continue;
            }
            "{{" => (TagKind::Expression, "}}"),
            _ => (TagKind::Block, "%}"),
        };
        let Some(end) = close_of(source, start + 2, close) else {
            break;
        };
        let inner = trim(source, start + 2..end);
        at = end + 2;
        if kind == TagKind::Block && raw {
            raw = &source[inner] != "endraw";
        } else if kind == TagKind::Block && &source[inner.clone()] == "raw" {
            raw = true;
        } else if raw {
            at = start + 2;
        } else {
            tags.push(Tag {
                kind,
                whole: start..end + 2,
                inner,
            });
        }
    }
    tags
}

fn next_open(source: &str, from: usize) -> Option<(usize, &str)> {
    let mut at = from;
    loop {
        let start = at + source.get(at..)?.find('{')?;
        match source.get(start..start + 2) {
            Some(open @ ("{{" | "{%" | "{#")) => return Some((start, open)),
            _ => at = start + 1,
        }
    }
}

/// Where `close` stands outside string literals.
fn close_of(source: &str, from: usize, close: &str) -> Option<usize> {
    let mut quote = None;
    let mut characters = source[from..].char_indices();
    while let Some((offset, character)) = characters.next() {
        match quote {
            Some(_) if character == '\\' => {
                characters.next();
            }
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if source[from + offset..].starts_with(close) => return Some(from + offset),
            None if matches!(character, '"' | '\'') => quote = Some(character),
            None => {}
        }
    }
    None
}

fn trim(source: &str, range: Range<usize>) -> Range<usize> {
    let text = &source[range.clone()];
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let text = text.strip_suffix(['-', '+']).unwrap_or(text).trim();
    let start = text.as_ptr() as usize - source.as_ptr() as usize;
    start..start + text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[&str]) {
        let found: Vec<&str> = tags(source).into_iter().map(|tag| &source[tag.inner]).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn tags_are_found() {
        check("a {{ b }} {% if c %}", &["b", "if c"]);
        check("{{- '}}' -}} {{ \"\\\"}}\" }}", &["'}}'", "\"\\\"}}\""]);
        check("{# {{ no }} #}{{yes}}", &["yes"]);
        check("{% raw %}{{ no }}{% if %}{% endraw %}{{ yes }}", &["yes"]);
        check("{ {a} {{ open", &[]);
        check("${secret.a} ${port.http}", &[]);
        check("é{{ ü }}", &["ü"]);
    }
}

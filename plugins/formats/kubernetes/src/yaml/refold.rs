//! Folded blocks (`>`) that kustomize writes out and reads again on the way through a build. Its writer and its reader do
//! not agree about lines that are indented more than others, and this is what comes out of it.

use super::shape::{Shape, is_break};

pub(crate) fn refold(text: &str) -> String {
    // A tab is no obstacle here.
    let fits = Shape::of(&text.replace('\t', "x")).block;
    if !fits || text.is_empty() {
        return text.to_owned();
    }
    read(&write(text), text)
}

/// The lines of the block, without their indentation.
fn write(text: &str) -> String {
    let first = text.chars().find(|c| !is_break(*c));
    let doubles = first.is_some_and(|c| c != ' ' && c != '\t');
    let mut out = String::with_capacity(text.len() + 8);
    let (mut after_break, mut indented) = (true, true);
    for c in text.chars() {
        if is_break(c) {
            if !after_break && !indented && c == '\n' && doubles {
                out.push('\n');
            }
            out.push(c);
            after_break = true;
        } else {
            if after_break {
                indented = c == ' ' || c == '\t';
            }
            out.push(c);
            after_break = false;
        }
    }
    out
}

/// What a reader makes of the lines. What becomes of the last breaks is said by how the text ended.
fn read(lines: &str, text: &str) -> String {
    let mut ends = text.chars().rev().map(is_break);
    let (strips, keeps) = match (ends.next(), ends.next()) {
        (Some(true), Some(false)) => (false, false),
        (Some(true), _) => (false, true),
        _ => (true, false),
    };
    let mut out = String::with_capacity(text.len() + 8);
    let (mut pending, mut breaks) = (String::new(), String::new());
    let mut was_indented = false;
    for line in lines.split_inclusive('\n') {
        let content = line.strip_suffix('\n').unwrap_or(line);
        if content.is_empty() {
            breaks.push('\n');
            continue;
        }
        let indented = content.starts_with([' ', '\t']);
        if !was_indented && !indented && pending == "\n" {
            if breaks.is_empty() {
                out.push(' ');
            }
        } else {
            out.push_str(&pending);
        }
        out.push_str(&breaks);
        breaks.clear();
        out.push_str(content);
        was_indented = indented;
        pending = line[content.len()..].to_owned();
    }
    if !strips {
        out.push_str(&pending);
    }
    if keeps {
        out.push_str(&breaks);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::refold;

    #[test]
    fn blocks() {
        assert_eq!(refold("one two\nthree\n"), "one two\nthree\n");
        assert_eq!(refold("three\n  four\nfive"), "three\n\n  four\nfive");
        assert_eq!(refold("a\n\nb\n"), "a\n\nb\n");
        assert_eq!(refold("a\n\n"), "a\n\n\n");
    }
}

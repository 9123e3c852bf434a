//! `lib.rs` and `mod.rs` are tables of contents: docs, `mod` and `use`, and nothing that has to be looked for there. A
//! crate of one file needs none, and what tests share may stand together.

use super::source::{Finding, Source};

pub(crate) fn check(source: &Source) -> Option<Finding> {
    if !matches!(source.name(), "lib.rs" | "mod.rs") || source.is_test() {
        return None;
    }
    if !source.text.lines().any(is_module) {
        return None;
    }
    let mut inside = false;
    for (number, line) in source.text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with("//") {
            continue;
        }
        let begins = !inside;
        inside = if inside { !ends(line) } else { continues(line) };
        if begins && !allowed(line) {
            return Some(source.finding(
                number + 1,
                "only docs, `mod` and `use` belong here: move this to a file of its own",
            ));
        }
    }
    None
}

fn allowed(line: &str) -> bool {
    if line.starts_with("#[") || line.starts_with("#![") {
        return true;
    }
    is_module(line) || visible(line).starts_with("use ")
}

/// A module in a file of its own.
fn is_module(line: &str) -> bool {
    visible(line).starts_with("mod ") && line.ends_with(';')
}

/// The line without its `pub` or `pub(...)`.
fn visible(line: &str) -> &str {
    let rest = line
        .strip_prefix("pub")
        .map_or(line, |rest| match rest.strip_prefix('(') {
            Some(scope) => scope.split_once(')').map_or(rest, |(_, rest)| rest),
            None => rest,
        });
    rest.trim_start()
}

/// The statement goes on in the next line.
fn continues(line: &str) -> bool {
    if line.starts_with('#') {
        !line.ends_with(']') && !line.ends_with(';')
    } else {
        !line.ends_with(';')
    }
}

fn ends(line: &str) -> bool {
    line.ends_with(';') || line.ends_with(")]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(path: &str, text: &str) -> Option<usize> {
        check(&Source {
            path: path.to_owned(),
            text: text.to_owned(),
        })
        .map(|finding| finding.line)
    }

    #[test]
    fn a_table_of_contents() {
        let good = "//! x\n\n#![forbid(unsafe_code)]\nmod a;\npub mod b;\n#[cfg(test)]\npub(crate) mod c;\n\n/// Docs.\npub use a::{\n    B,\n    C,\n};\nuse d;\n#[expect(\n    x,\n    reason = \"y\"\n)]\nmod e;\n";
        assert_eq!(line("a/lib.rs", good), None);
    }

    #[test]
    fn anything_else_is_found_where_it_stands() {
        for text in [
            "fn x() {}",
            "pub struct X;",
            "mod a {",
            "pub(crate) const A: u8 = 1;",
            "macro_rules! a {",
        ] {
            assert_eq!(
                line("a/mod.rs", &format!("//! x\n{text}\nmod b;\n")),
                Some(2),
                "{text}"
            );
            assert_eq!(line("a/other.rs", &format!("//! x\n{text}\nmod b;\n")), None);
            assert_eq!(line("a/lib.rs", &format!("//! x\n{text}\n")), None);
            assert_eq!(
                line("a/tests/kit/mod.rs", &format!("//! x\n{text}\nmod b;\n")),
                None
            );
        }
    }
}

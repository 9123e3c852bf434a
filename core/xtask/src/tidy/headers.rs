//! Every file of Rust begins with `//!`, and every file of Go with `//`: what it is, why, what it is not.

use super::source::{Finding, Source};

pub(crate) fn check(source: &Source) -> Option<Finding> {
    let sign = if source.is_go() { "//" } else { "//!" };
    let first = source
        .text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!"));
    let said = first.is_some_and(|line| line.starts_with(sign));
    (!said).then(|| {
        let message = format!("does not begin with `{sign}`: what is it, why, what is it not?");
        source.finding(1, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_counts() {
        for (path, text, good) in [
            ("a.rs", "//! A thing.\nfn x() {}", true),
            ("a.rs", "#![no_std]\n\n//! A thing.", true),
            ("a.rs", "// A thing.", false),
            ("a.rs", "use a;\n//! Late.", false),
            ("a.rs", "", false),
            ("a.go", "// A thing.\n\npackage a", true),
            ("a.go", "package a\n\n// Late.", false),
        ] {
            let source = Source {
                path: path.to_owned(),
                text: text.to_owned(),
            };
            assert_eq!(check(&source).is_none(), good, "{text}");
        }
    }
}

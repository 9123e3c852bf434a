//! Every file of Rust begins with `//!`: what it is, why, what it is not.

use super::source::{Finding, Source};

pub(crate) fn check(source: &Source) -> Option<Finding> {
    let first = source
        .text
        .lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!"));
    let said = first.is_some_and(|line| line.starts_with("//!"));
    (!said).then(|| source.finding(1, "does not begin with `//!`: what is it, why, what is it not?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_counts() {
        for (text, good) in [
            ("//! A thing.\nfn x() {}", true),
            ("#![no_std]\n\n//! A thing.", true),
            ("// A thing.", false),
            ("use a;\n//! Late.", false),
            ("", false),
        ] {
            let source = Source {
                path: "a.rs".to_owned(),
                text: text.to_owned(),
            };
            assert_eq!(check(&source).is_none(), good, "{text}");
        }
    }
}

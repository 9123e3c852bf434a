//! Words that are never committed: what is left to do, and the folders of somebody's machine.

use super::source::{Finding, Source};

/// In two halves, so that this file may be looked at too.
const WORDS: [(&str, &str, &str); 6] = [
    ("TO", "DO", "is left to do: do it or leave it out"),
    ("FIX", "ME", "is known to be wrong: make it right"),
    (
        "XX",
        "X:",
        "is a note to oneself: say it in words or leave it out",
    ),
    ("/wo", "rk/", "is a folder of one machine"),
    ("/ro", "ot/", "is a folder of one machine"),
    ("/tmp/", "plan", "is a folder of one machine"),
];

pub(crate) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        for (first, second, why) in WORDS {
            let word = format!("{first}{second}");
            if line
                .match_indices(&word)
                .any(|(at, _)| alone(line, at, word.len()))
            {
                findings.push(source.finding(number + 1, format!("`{word}` {why}")));
            }
        }
    }
    findings
}

/// Not a part of a longer word or path.
fn alone(line: &str, at: usize, length: usize) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    let path = line[at..].starts_with('/');
    let before = line[..at]
        .chars()
        .next_back()
        .is_some_and(|c| part(c) || (path && "-.}".contains(c)));
    let after = !path && line[at + length..].chars().next().is_some_and(part);
    !before && !after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> usize {
        check(&Source {
            path: "a".to_owned(),
            text: line.to_owned(),
        })
        .len()
    }

    #[test]
    fn words_alone_are_found() {
        for (first, second, _) in WORDS {
            assert_eq!(found(&format!("a {first}{second} b")), 1, "{first}{second}");
        }
        assert_eq!(found(&format!("// {}{}: later", "TO", "DO")), 1);
        assert_eq!(found(&format!("{}{}S and net{}{}", "TO", "DO", "/wo", "rk/x")), 0);
    }
}

//! What plugins say, on its way to a person: without what a terminal would obey or a reader would be misled by,
//! without secrets, and not too long.

use slipway_plugin::Failure;

use crate::{bindings::imports::types, capabilities::printable, session::Session};

/// Characters of a name or a version.
const NAME: usize = 100;
/// Characters of what is one line.
const LINE: usize = 500;

/// Characters at each end of what is long.
const END: usize = 4096;

/// With both of its ends: what went wrong is said at the beginning, and why it did at the end.
pub(crate) fn ends(text: &str) -> String {
    let count = text.chars().count();
    let at = |characters: usize| {
        text.char_indices()
            .nth(characters)
            .map_or(text.len(), |(at, _)| at)
    };
    let head = printable(&text[..at(END)]);
    if count <= 2 * END {
        return head + &printable(&text[at(END)..]);
    }
    let tail = printable(&text[at(count - END)..]);
    format!("{head} ... ({} characters) ... {tail}", count - 2 * END)
}

/// One line of at most so many characters.
pub(crate) fn cut(text: &str, length: usize) -> String {
    let one_line = text.replace(['\n', '\t', '\r'], " ");
    printable(&one_line).chars().take(length).collect()
}

pub(crate) fn line(text: &str) -> String {
    cut(text, LINE)
}

pub(crate) fn name(text: &str) -> String {
    cut(text, NAME)
}

pub(crate) fn lines(texts: Vec<String>) -> Vec<String> {
    texts.iter().map(|text| line(text)).collect()
}

/// What the host tells a plugin holds what the plugin asked for, in its own spelling.
pub(crate) fn failure(failure: Failure) -> Failure {
    Failure {
        kind: failure.kind,
        message: ends(&failure.message),
        hint: failure.hint.as_deref().map(ends),
    }
}

impl Session {
    /// A plugin has no secret; what it was told in pieces it may have put together.
    pub(crate) fn plain(&self, text: &str) -> String {
        printable(&self.masked(text))
    }

    fn masked(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.secrets.mask(text.as_bytes())).into_owned()
    }

    pub(crate) fn failure(&self, failure: types::Failure) -> Failure {
        let failure = Failure::from(failure);
        Failure {
            kind: failure.kind,
            message: ends(&self.masked(&failure.message)),
            hint: failure.hint.map(|hint| ends(&self.masked(&hint))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(line("a\u{1b}[2J\nb\u{202e}c\r\n"), "a[2J bc  ");
        assert_eq!(name(&"x".repeat(1000)).len(), NAME);
        assert_eq!(line(&"\u{fc}".repeat(1000)).chars().count(), LINE);
    }

    #[test]
    fn what_is_long_has_both_ends() {
        for length in [0, 1, END, END + 1, 2 * END] {
            let text = "\u{fc}".repeat(length);
            assert_eq!(ends(&text), text, "{length}");
        }
        let text = ends(&format!("what{}\u{1b}why", "x".repeat(3 * END)));
        assert!(text.starts_with("whatx") && text.ends_with("xwhy"), "{text}");
        assert!(text.contains("x ... (4104 characters) ... x"), "{text}");
    }
}

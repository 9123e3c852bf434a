//! What plugins say, on its way to a person: without what a terminal would obey or a reader would be misled by,
//! without secrets, and not too long.

use slipway_plugin::Failure;

use crate::{bindings::imports::types, capabilities::printable, session::Session};

/// Characters of a name or a version.
const NAME: usize = 100;
/// Characters of what is one line.
const LINE: usize = 500;

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
        message: printable(&failure.message),
        hint: failure.hint.as_deref().map(printable),
    }
}

impl Session {
    /// A plugin has no secret; what it was told in pieces it may have put together.
    pub(crate) fn plain(&self, text: &str) -> String {
        printable(&String::from_utf8_lossy(&self.secrets.mask(text.as_bytes())))
    }

    pub(crate) fn failure(&self, failure: types::Failure) -> Failure {
        let failure = Failure::from(failure);
        Failure {
            kind: failure.kind,
            message: self.plain(&failure.message),
            hint: failure.hint.map(|hint| self.plain(&hint)),
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
}

//! The text of a document beside its events: what they do not say.

use super::{malformed::Malformed, node::Place};

pub(super) struct Source<'a> {
    text: &'a str,
    /// Byte offset by character offset, for texts that are not ASCII.
    offsets: Option<Vec<usize>>,
}

impl<'a> Source<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let offsets = (!text.is_ascii()).then(|| text.char_indices().map(|(at, _)| at).collect());
        Self { text, offsets }
    }

    /// The byte at a character.
    pub(super) fn at(&self, character: usize) -> Option<u8> {
        let at = match &self.offsets {
            Some(offsets) => *offsets.get(character)?,
            None => character,
        };
        self.text.as_bytes().get(at).copied()
    }

    /// Does the text end at a character, and with no line break before it?
    pub(super) fn ends_without_break(&self, character: usize) -> bool {
        !self.text.ends_with(['\n', '\r']) && self.at(character).is_none()
    }
}

/// Characters that may not stand in a document.
pub(super) fn refuse_controls(text: &str) -> Result<(), Malformed> {
    let wrong = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}');
    let Some((at, c)) = text.char_indices().find(|(_, c)| wrong(*c)) else {
        return Ok(());
    };
    let before = &text[..at];
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    Err(Malformed {
        place: Place {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        },
        why: format!(
            "the character U+{:04X} may only stand in double quotes, as an escape",
            u32::from(c)
        ),
    })
}

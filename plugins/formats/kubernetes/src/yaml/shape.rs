//! What a text is made of, as far as it decides how it can be written.

pub(crate) struct Shape {
    /// There are line breaks in it.
    pub breaks: bool,
    /// It can stand without quotes.
    pub plain: bool,
    /// It can stand in single quotes.
    pub single: bool,
    /// It can stand as a block.
    pub block: bool,
}

impl Shape {
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        if bytes.is_empty() {
            return Self {
                breaks: false,
                plain: true,
                single: true,
                block: false,
            };
        }
        // Most texts are words.
        if bytes[0].is_ascii_alphanumeric()
            && bytes
                .iter()
                .all(|c| c.is_ascii_alphanumeric() || b"-_./".contains(c))
        {
            return Self {
                breaks: false,
                plain: true,
                single: true,
                block: true,
            };
        }
        Self::analysed(text)
    }

    fn analysed(text: &str) -> Self {
        let mut special = false;
        let mut indicators = text.starts_with("---") || text.starts_with("...");
        let (mut breaks, mut edge, mut trailing_space) = (false, false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut after_space, mut after_break, mut after_blank) = (false, false, true);
        let mut characters = text.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            let last = next.is_none();
            let blank_next = next.is_none_or(|next| next == ' ' || next == '\t');
            indicators |= match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@'
                | '`'
                    if at == 0 =>
                {
                    true
                }
                '?' | '-' if at == 0 => blank_next,
                ':' => blank_next,
                '#' => after_blank,
                _ => false,
            };
            special |= !printable(c);
            if c == ' ' {
                edge |= at == 0 || last;
                trailing_space |= last;
                break_space |= after_break;
                (after_space, after_break) = (true, false);
            } else if is_break(c) {
                breaks = true;
                edge |= at == 0 || last;
                space_break |= after_space;
                (after_space, after_break) = (false, true);
            } else {
                (after_space, after_break) = (false, false);
            }
            after_blank = c == ' ' || c == '\t' || c == '\0' || is_break(c);
        }
        let fit = !space_break && !special;
        Self {
            breaks,
            plain: fit && !edge && !break_space && !breaks && !indicators,
            single: fit && !break_space,
            block: fit && !trailing_space,
        }
    }
}

pub(crate) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What the printer of kustomize does not escape. Nothing beyond the basic plane is among it.
pub(crate) fn printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

//! The page that a document is written on: knows the column, breaks and folds lines, and escapes.

use super::shape::{is_break, printable};

/// A line is broken at the first single space after this column.
const WIDTH: usize = 80;

pub(crate) struct Lines<'a> {
    out: &'a mut String,
    column: usize,
    /// A space or nothing stands before the place to write at.
    spaced: bool,
    /// Only indentation and dashes stand on the line so far.
    fresh: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(out: &'a mut String) -> Self {
        Self {
            out,
            column: 0,
            spaced: true,
            fresh: true,
        }
    }

    /// Ends the document.
    pub(crate) fn end(&mut self) {
        self.indent_to(0);
    }

    /// On the next line unless this one has no more than indentation.
    pub(crate) fn indent_to(&mut self, indent: usize) {
        if !self.fresh || self.column > indent || (self.column == indent && !self.spaced) {
            self.line_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.spaced = true;
        self.fresh = true;
    }

    /// `-`, `?` or `:`, behind which more may follow on the line as if it began there.
    pub(crate) fn mark(&mut self, mark: &str) {
        self.space();
        self.write(mark);
        self.spaced = false;
    }

    /// Behind a key.
    pub(crate) fn colon(&mut self) {
        self.put(':');
        self.spaced = false;
        self.fresh = false;
    }

    pub(crate) fn word(&mut self, word: &str) {
        self.space();
        self.write(word);
        self.spaced = false;
        self.fresh = false;
    }

    pub(crate) fn plain(&mut self, text: &str, indent: usize, fold: bool) {
        self.space();
        if fold && self.column + text.len() > WIDTH {
            self.folded(text, indent);
        } else {
            self.write(text);
        }
        self.spaced = false;
        self.fresh = false;
    }

    pub(crate) fn single_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.word("'");
        let mut after_space = false;
        let mut after_break = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            if c == ' ' {
                let foldable = fold && !after_space && self.column > WIDTH && at > 0 && next.is_some();
                if foldable && next != Some(' ') {
                    self.indent_to(indent);
                } else {
                    self.put(c);
                }
                after_space = true;
            } else if is_break(c) {
                if !after_break && c == '\n' {
                    self.line_break();
                }
                self.copy_break(c);
                self.fresh = true;
                after_break = true;
            } else {
                if after_break {
                    self.indent_to(indent);
                }
                if c == '\'' {
                    self.put('\'');
                }
                self.put(c);
                self.fresh = false;
                (after_space, after_break) = (false, false);
            }
        }
        self.put('\'');
        self.spaced = false;
        self.fresh = false;
    }

    pub(crate) fn double_quoted(&mut self, text: &str, indent: usize, fold: bool) {
        self.word("\"");
        // A byte order mark at the start has everything escaped behind it.
        let marked = text.starts_with('\u{feff}');
        let mut after_space = false;
        let mut characters = text.char_indices().peekable();
        while let Some((at, c)) = characters.next() {
            let next = characters.peek().map(|(_, next)| *next);
            if marked || !printable(c) || is_break(c) || c == '"' || c == '\\' {
                self.escape(c);
                after_space = false;
            } else if c == ' ' {
                if fold && !after_space && self.column > WIDTH && at > 0 && next.is_some() {
                    self.indent_to(indent);
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                after_space = true;
            } else {
                self.put(c);
                after_space = false;
            }
        }
        self.put('"');
        self.spaced = false;
        self.fresh = false;
    }

    pub(crate) fn literal(&mut self, text: &str, indent: usize) {
        self.word("|");
        if text.starts_with([' ', '\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            self.put('2');
        }
        let mut ends = text.chars().rev().map(is_break);
        match (ends.next(), ends.next()) {
            (Some(true), Some(false)) => {}
            (Some(true), _) => self.put('+'),
            _ => self.put('-'),
        }
        self.line_break();
        self.fresh = true;
        self.spaced = true;
        let mut after_break = true;
        for c in text.chars() {
            if is_break(c) {
                self.copy_break(c);
                self.fresh = true;
                after_break = true;
            } else {
                if after_break {
                    self.indent_to(indent);
                }
                self.put(c);
                self.fresh = false;
                after_break = false;
            }
        }
    }

    /// Writes a text without line breaks, broken at single spaces.
    fn folded(&mut self, text: &str, indent: usize) {
        let mut after_space = false;
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            let foldable = c == ' ' && !after_space && self.column > WIDTH && characters.peek() != Some(&' ');
            if foldable {
                self.indent_to(indent);
            } else {
                self.put(c);
            }
            after_space = c == ' ';
            if !after_space {
                self.fresh = false;
            }
        }
    }

    fn escape(&mut self, c: char) {
        self.put('\\');
        let short = match c {
            '\0' => '0',
            '\u{7}' => 'a',
            '\u{8}' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\u{b}' => 'v',
            '\u{c}' => 'f',
            '\r' => 'r',
            '\u{1b}' => 'e',
            '"' => '"',
            '\\' => '\\',
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = u32::from(c);
                let text = match code {
                    0..=0xff => format!("x{code:02X}"),
                    0x100..=0xffff => format!("u{code:04X}"),
                    _ => format!("U{code:08X}"),
                };
                self.write(&text);
                return;
            }
        };
        self.put(short);
    }

    fn space(&mut self) {
        if !self.spaced {
            self.put(' ');
        }
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn write(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += if text.is_ascii() {
            text.len()
        } else {
            text.chars().count()
        };
    }

    fn line_break(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn copy_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
    }
}

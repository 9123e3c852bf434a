//! Printing. stdout is data: text for people or JSON for programs. stderr is talk, and falls silent with `--quiet`.

use std::io::{IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde::Serialize;

use crate::error::CommandError;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: one document on stdout; events as JSON lines on stderr.
    Json,
}

/// The version of every JSON document that is printed.
const VERSION: u32 = 1;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Ui {
    pub(crate) format: Format,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    v: u32,
    #[serde(flatten)]
    data: &'a T,
}

const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default();
const DIM: Style = Style::new().dimmed();

impl Ui {
    pub(crate) fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether a person watches.
    pub(crate) fn live(&self) -> bool {
        !self.json() && !self.quiet && std::io::stderr().is_terminal()
    }

    /// The command's answer: `data` for programs, `text` for people.
    pub(crate) fn answer<T: Serialize>(&self, data: &T, text: impl FnOnce() -> String) {
        let answer = if self.json() {
            serde_json::to_string_pretty(&Document { v: VERSION, data }).unwrap_or_default()
        } else {
            text()
        };
        self.print(answer.trim_end_matches('\n'));
    }

    /// One line of data.
    pub(crate) fn print(&self, text: &str) {
        // Whoever reads may have gone, as `head` does; that is no failure of the command.
        let _ = writeln!(anstream::stdout(), "{text}");
    }

    /// Bytes as they are, without a newline of ours.
    pub(crate) fn raw(&self, bytes: &[u8]) {
        let _ = std::io::stdout().write_all(bytes).and_then(|()| std::io::stdout().flush());
    }

    pub(crate) fn say(&self, text: &str) {
        if !self.quiet && !self.json() {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    pub(crate) fn good(&self, text: &str) {
        self.say(&format!("{GOOD}{text}{GOOD:#}"));
    }

    pub(crate) fn note(&self, text: &str) {
        self.say(&format!("{NOTE}note{NOTE:#}: {text}"));
    }

    pub(crate) fn dim(&self, text: &str) {
        self.say(&format!("{DIM}{text}{DIM:#}"));
    }

    pub(crate) fn bad(&self, text: &str) {
        self.say(&format!("{BAD}{text}{BAD:#}"));
    }

    /// A line of JSON talk.
    pub(crate) fn event<T: Serialize>(&self, event: &T) {
        if let Ok(line) = serde_json::to_string(&Document { v: VERSION, data: event }) {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }

    /// Errors are told even to those who asked for quiet.
    pub(crate) fn error(&self, error: &CommandError) {
        if self.json() {
            let data = serde_json::json!({
                "error": { "kind": error.kind.name(), "message": error.message, "hints": error.hints,
                           "diagnostics": error.diagnostics },
            });
            self.event(&data);
            return;
        }
        let mut out = anstream::stderr();
        if !error.diagnostics.is_empty() {
            let color = std::io::stderr().is_terminal();
            let _ = writeln!(out, "{}", slipway_manifest::render(&error.diagnostics, &error.sources, color));
        }
        let _ = writeln!(out, "{BAD}error{BAD:#}: {}", error.message);
        for hint in &error.hints {
            let _ = writeln!(out, "  {NOTE}help{NOTE:#}: {hint}");
        }
    }
}

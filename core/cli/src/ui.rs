//! Printing. stdout is data: text for people or JSON for programs. stderr is talk, and falls silent with `--quiet`.

use std::io::{IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use rustix::event::{PollFd, PollFlags, Timespec};
use serde::Serialize;
use slipway_report::{Line, Tone};

use crate::{
    annotations,
    error::{CommandError, Problems},
};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
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
}

#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    v: u32,
    #[serde(flatten)]
    data: &'a T,
}

/// Whether anybody still reads what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    There,
    Gone,
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

    /// One line of data. Whoever reads may have gone, as `head` does; that is no failure of the command, and those who
    /// would go on for ever ask for it.
    pub(crate) fn print(&self, text: &str) -> Reader {
        reader(writeln!(anstream::stdout(), "{text}"))
    }

    /// Whether somebody still reads, though there is nothing to print.
    pub(crate) fn reader(&self) -> Reader {
        let stdout = std::io::stdout();
        let mut polled = [PollFd::new(&stdout, PollFlags::empty())];
        let asked = rustix::event::poll(&mut polled, Some(&Timespec::default()));
        let gone = PollFlags::ERR | PollFlags::HUP;
        if asked.is_ok() && polled[0].revents().intersects(gone) {
            Reader::Gone
        } else {
            Reader::There
        }
    }

    /// Bytes as they are, without a newline of ours.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Reader {
        reader(
            std::io::stdout()
                .write_all(bytes)
                .and_then(|()| std::io::stdout().flush()),
        )
    }

    /// One document of many, on a line of its own.
    pub(crate) fn record<T: Serialize>(&self, data: &T) -> Reader {
        let line = serde_json::to_string(&Document { v: VERSION, data }).unwrap_or_default();
        reader(writeln!(std::io::stdout(), "{line}"))
    }

    pub(crate) fn say(&self, text: &str) {
        if !self.quiet && !self.json() {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    /// Talk in the tone that it is meant in, and whom it is about where that could be one of several.
    pub(crate) fn line(&self, line: &Line, of: Option<&str>) {
        match of {
            None => self.say(&toned(line)),
            Some(of) => self.say(&format!("{DIM}{of} |{DIM:#} {}", toned(line))),
        }
    }

    /// What is wrong, though not so wrong that the command fails.
    pub(crate) fn diagnostics(&self, problems: &Problems) {
        if self.json() && !self.quiet {
            self.event(&serde_json::json!({ "diagnostics": problems.diagnostics }));
        }
        self.say(problems.render().trim_end());
        self.annotate_problems(problems);
    }

    /// Lines for whoever shows them beside the code. They are no talk, and no JSON.
    pub(crate) fn annotate(&self, lines: impl IntoIterator<Item = impl AsRef<str>>) {
        if self.json() {
            return;
        }
        for line in lines {
            let _ = writeln!(std::io::stderr(), "{}", line.as_ref());
        }
    }

    pub(crate) fn note(&self, text: &str) {
        self.say(&format!("{NOTE}note{NOTE:#}: {text}"));
    }

    fn annotate_problems(&self, problems: &Problems) {
        if annotations::wanted() {
            self.annotate(annotations::of_problems(problems));
        }
    }

    /// A line of JSON talk.
    pub(crate) fn event<T: Serialize>(&self, event: &T) {
        if let Ok(line) = serde_json::to_string(&Document {
            v: VERSION,
            data: event,
        }) {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }

    /// Errors are told even to those who asked for quiet.
    pub(crate) fn error(&self, error: &CommandError) {
        if self.json() {
            let data = serde_json::json!({
                "error": { "kind": error.kind.name(), "message": error.message, "hints": error.hints,
                           "diagnostics": error.problems.diagnostics },
            });
            self.event(&data);
            return;
        }
        let mut out = anstream::stderr();
        if !error.problems.diagnostics.is_empty() {
            let _ = write!(out, "{}", error.problems.render());
            self.annotate_problems(&error.problems);
        }
        let _ = writeln!(out, "{BAD}error{BAD:#}: {}", error.message);
        for hint in &error.hints {
            let _ = writeln!(out, "  {NOTE}help{NOTE:#}: {hint}");
        }
    }
}

/// A line with the colour of its tone.
pub(crate) fn toned(Line { tone, text }: &Line) -> String {
    match tone {
        Tone::Plain => text.clone(),
        Tone::Good => format!("{GOOD}{text}{GOOD:#}"),
        Tone::Bad => format!("{BAD}{text}{BAD:#}"),
        Tone::Note => format!("{NOTE}note{NOTE:#}: {text}"),
        Tone::Dim => format!("{DIM}{text}{DIM:#}"),
    }
}

fn reader(written: std::io::Result<()>) -> Reader {
    if written.is_ok() {
        Reader::There
    } else {
        Reader::Gone
    }
}

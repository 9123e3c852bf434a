//! What is wrong with something a person wrote: code, message, places in the source, help.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable and searchable, such as `unknown-key`.
    pub code: String,
    pub severity: Severity,
    /// What is wrong, in one line, without colour and without source text.
    pub message: String,
    /// The first label is the place to point at; others explain it.
    pub labels: Vec<Label>,
    /// The next step.
    pub help: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    Error,
    Warning,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub file: PathBuf,
    pub span: Span,
    pub text: String,
    /// What stands there is never shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
}

/// Byte offsets into the file, end excluded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Diagnostic {
    pub fn error(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
        }
    }

    pub fn warning(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    #[must_use]
    pub fn label(mut self, file: impl Into<PathBuf>, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            file: file.into(),
            span,
            text: text.into(),
            secret: false,
        });
        self
    }

    /// What the last label points at is a secret that should not stand there.
    #[must_use]
    pub fn secret(mut self) -> Self {
        if let Some(label) = self.labels.last_mut() {
            label.secret = true;
        }
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl Span {
    /// Line and column, both from 1, the column in characters.
    pub fn position(self, source: &str) -> (usize, usize) {
        let before = source.get(..self.start).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Self {
            start: range.start,
            end: range.end,
        }
    }
}

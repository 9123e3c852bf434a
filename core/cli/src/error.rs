//! What a command can fail with: a kind, a message, hints, and the exit code that scripts go by.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use slipway_engine::{Failed, NotBegun, RunError, project::Invalid};
use slipway_model::{Diagnostic, Severity};

#[derive(Debug, Clone)]
pub(crate) struct CommandError {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) hints: Vec<String>,
    pub(crate) problems: Problems,
}

/// What is wrong with what people wrote, and the texts that it is shown in.
#[derive(Debug, Clone, Default)]
pub(crate) struct Problems {
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) sources: BTreeMap<PathBuf, String>,
    /// How many of the diagnostics are errors.
    pub(crate) errors: usize,
}

/// One exit code each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// It was tried and did not work.
    Failed,
    /// The command line is wrong.
    Usage,
    /// A manifest, values or overlays are wrong; nothing was touched.
    Invalid,
    /// It did not work, and the old revision is back.
    RolledBack,
    /// Somebody else changes this environment.
    Busy,
    /// The run stands still and can be gone on with.
    Interrupted,
    /// There are differences, where the command was asked to say so.
    Different,
    /// It is not the time to change this environment; nothing was touched.
    Closed,
    /// There is too little to judge by.
    Inconclusive,
}

impl ErrorKind {
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::RolledBack => 4,
            Self::Busy => 5,
            Self::Interrupted => 6,
            Self::Different => 7,
            Self::Closed => 8,
            Self::Inconclusive => 9,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Invalid => "invalid",
            Self::RolledBack => "rolled-back",
            Self::Busy => "busy",
            Self::Interrupted => "interrupted",
            Self::Different => "different",
            Self::Closed => "closed",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// For the end of `slipway --help`. A test holds it against [`ErrorKind`].
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed
  2  usage: the command line is wrong
  3  invalid: a manifest, values or overlays are wrong; nothing was touched
  4  rolled-back: it did not work, and the old revision is back
  5  busy: somebody else is changing this environment
  6  interrupted: `slipway resume` goes on
  7  different: there are differences, where --check asked for them
  8  closed: the environment is outside of its windows or frozen; nothing was touched
  9  inconclusive: `slipway judge` has too little to say";

impl Problems {
    pub(crate) fn new(
        diagnostics: Vec<Diagnostic>,
        sources: impl IntoIterator<Item = (PathBuf, String)>,
    ) -> Self {
        let errors = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == Severity::Error)
            .count();
        Self {
            diagnostics,
            sources: sources.into_iter().collect(),
            errors,
        }
    }

    pub(crate) fn counted(&self) -> String {
        match self.errors {
            1 => "1 error".to_owned(),
            errors => format!("{errors} errors"),
        }
    }

    pub(crate) fn extend(&mut self, more: Self) {
        self.diagnostics.extend(more.diagnostics);
        self.sources.extend(more.sources);
        self.errors += more.errors;
    }

    pub(crate) fn render(&self) -> String {
        let source = |file: &Path| self.sources.get(file).map(String::as_str);
        // The stream takes the colour out again where nobody wants it.
        slipway_manifest::render(&self.diagnostics, source, true)
    }
}

impl CommandError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hints: Vec::new(),
            problems: Problems::default(),
        }
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Failed, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl From<Failed> for CommandError {
    fn from(failed: Failed) -> Self {
        let error = Self::failed(failed.message);
        match failed.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}

impl From<&Invalid> for CommandError {
    fn from(invalid: &Invalid) -> Self {
        Problems::new(invalid.diagnostics.clone(), invalid.sources.clone()).into()
    }
}

impl From<Problems> for CommandError {
    fn from(problems: Problems) -> Self {
        let count = problems.counted();
        Self {
            problems,
            ..Self::new(ErrorKind::Invalid, format!("{count}; nothing was touched"))
        }
    }
}

impl From<RunError> for CommandError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Failed(failed) => failed.into(),
            RunError::Invalid(invalid) => invalid.as_ref().into(),
            RunError::Closed(refusal) => Self {
                kind: ErrorKind::Closed,
                ..refusal.into()
            },
            RunError::Interrupted(interruption) => {
                Self::new(ErrorKind::Interrupted, interruption.to_string())
            }
        }
    }
}

impl From<NotBegun> for CommandError {
    fn from(error: NotBegun) -> Self {
        match error {
            NotBegun::Held { .. } => Self::new(ErrorKind::Busy, error.to_string())
                .hint("it lets go by itself when it ends or dies; `--wait DURATION` waits longer, `slipway status` shows what it does"),
            NotBegun::Interrupted { ref run, .. } => {
                let hint = format!("`slipway resume {run}` goes on with it");
                Self::new(ErrorKind::Interrupted, error.to_string()).hint(hint)
            }
            NotBegun::Run(error) => error.into(),
        }
    }
}

impl From<slipway_journal::Error> for CommandError {
    fn from(error: slipway_journal::Error) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<slipway_plugin::PluginError> for CommandError {
    fn from(error: slipway_plugin::PluginError) -> Self {
        Self::failed(error.to_string())
    }
}

impl From<slipway_archive::Error> for CommandError {
    fn from(error: slipway_archive::Error) -> Self {
        Failed::from_error(error).into()
    }
}

impl From<slipway_registry::Error> for CommandError {
    fn from(error: slipway_registry::Error) -> Self {
        Failed::from_error(error).into()
    }
}

impl From<slipway_agent::AgentError> for CommandError {
    fn from(error: slipway_agent::AgentError) -> Self {
        Failed::from_error(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind, by a match that a new one breaks.
    fn kinds() -> Vec<ErrorKind> {
        let mut kinds = vec![ErrorKind::Failed];
        loop {
            let next = match kinds[kinds.len() - 1] {
                ErrorKind::Failed => ErrorKind::Usage,
                ErrorKind::Usage => ErrorKind::Invalid,
                ErrorKind::Invalid => ErrorKind::RolledBack,
                ErrorKind::RolledBack => ErrorKind::Busy,
                ErrorKind::Busy => ErrorKind::Interrupted,
                ErrorKind::Interrupted => ErrorKind::Different,
                ErrorKind::Different => ErrorKind::Closed,
                ErrorKind::Closed => ErrorKind::Inconclusive,
                ErrorKind::Inconclusive => return kinds,
            };
            kinds.push(next);
        }
    }

    #[test]
    fn every_exit_code_is_documented() {
        let documented: Vec<_> = EXIT_CODES.lines().skip(2).collect();
        let expected: Vec<_> = kinds()
            .iter()
            .map(|kind| format!("  {}  {}", kind.exit_code(), kind.name()))
            .collect();
        assert_eq!(documented.len(), expected.len());
        for (line, start) in documented.iter().zip(&expected) {
            assert!(line.starts_with(start), "`{line}` is about `{start}`");
        }
    }
}

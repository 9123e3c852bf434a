//! What a command can fail with: a kind, a message, hints, and the exit code that scripts go by.

use std::path::PathBuf;

use slipway_engine::{Failed, NotBegun, RunError, project::Invalid};
use slipway_model::Diagnostic;

#[derive(Debug)]
pub(crate) struct CommandError {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
    pub(crate) hints: Vec<String>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub(crate) sources: Vec<(PathBuf, String)>,
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
        }
    }
}

/// For the end of `slipway --help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  failed
  2  the command line is wrong
  3  a manifest, values or overlays are wrong; nothing was touched
  4  failed, and the old revision is back
  5  somebody else is changing this environment
  6  interrupted; `slipway resume` goes on
  7  there are differences (`diff`, `status --check`)";

impl CommandError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let (hints, diagnostics, sources) = (Vec::new(), Vec::new(), Vec::new());
        Self { kind, message: message.into(), hints, diagnostics, sources }
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
        Self {
            diagnostics: invalid.diagnostics.clone(),
            sources: invalid.sources.clone(),
            ..Self::new(ErrorKind::Invalid, invalid.to_string())
        }
    }
}

impl From<RunError> for CommandError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Failed(failed) => failed.into(),
            RunError::Invalid(invalid) => invalid.as_ref().into(),
            RunError::Interrupted(interruption) => Self::new(ErrorKind::Interrupted, interruption.to_string()),
        }
    }
}

impl From<NotBegun> for CommandError {
    fn from(error: NotBegun) -> Self {
        match error {
            NotBegun::Held { .. } => Self::new(ErrorKind::Busy, error.to_string())
                .hint("it lets go by itself when it ends or dies; `slipway status` shows what it does"),
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

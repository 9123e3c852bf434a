//! Two ways in which a run does not go on: the world said no, or the run itself cannot continue.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use slipway_plugin::{FailureKind, PluginError, RecordError};

use crate::project::Invalid;

/// The world said no. It is recorded, and the run answers it: by the way back, or by ending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failed {
    pub message: String,
    /// The next step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// It may work later.
    #[serde(default)]
    pub passing: bool,
}

/// The run stands as it is, and can be resumed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Interruption {
    #[error(transparent)]
    Journal(#[from] slipway_journal::Error),
    #[error("{plugin} {verb}: {source}")]
    Record {
        plugin: String,
        verb: &'static str,
        source: RecordError,
    },
    #[error(
        "`{activity}` was begun as something else: the run was resumed with other inputs or by another version"
    )]
    Changed { activity: String },
    #[error("what the journal holds of `{activity}` cannot be read: {cause}")]
    Unreadable { activity: String, cause: String },
    #[error("stopped")]
    Stopped,
    /// Of a run that is replayed.
    #[error("the record ends before `{activity}`")]
    RecordEnds { activity: String },
    /// Of a run that is replayed.
    #[error("`{activity}` gave {recorded} and gives {now} now")]
    Differs {
        activity: String,
        recorded: String,
        now: String,
    },
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Failed(#[from] Failed),
    /// What a person wrote is wrong; nothing was touched.
    #[error(transparent)]
    Invalid(Arc<Invalid>),
    /// It is not the time to change the environment; nothing was touched.
    #[error("{0}")]
    Closed(Failed),
    #[error(transparent)]
    Interrupted(#[from] Interruption),
}

impl RunError {
    pub(crate) fn invalid(invalid: Invalid) -> Self {
        Self::Invalid(Arc::new(invalid))
    }
}

impl Failed {
    pub(crate) fn aborted() -> Self {
        Self::new("aborted by a person")
    }

    pub(crate) fn is_aborted(&self) -> bool {
        *self == Self::aborted()
    }

    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            passing: false,
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// From any error of a library.
    pub fn from_error(error: impl std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let text = cause.to_string();
            if !message.contains(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            source = cause.source();
        }
        Self::new(message)
    }
}

impl From<slipway_journal::Error> for RunError {
    fn from(error: slipway_journal::Error) -> Self {
        Self::Interrupted(error.into())
    }
}

impl From<PluginError> for RunError {
    fn from(error: PluginError) -> Self {
        match error {
            PluginError::Record {
                source: RecordError::Stopped,
                ..
            } => Interruption::Stopped.into(),
            PluginError::Record { plugin, verb, source } => {
                Interruption::Record { plugin, verb, source }.into()
            }
            PluginError::Answered {
                plugin,
                verb,
                mut failure,
            } => {
                let passing = failure.kind == FailureKind::Unavailable;
                let hint = failure.hint.take();
                let message = PluginError::Answered {
                    plugin,
                    verb,
                    failure,
                }
                .to_string();
                Failed {
                    message,
                    hint,
                    passing,
                }
                .into()
            }
            other => Failed::from_error(other).into(),
        }
    }
}

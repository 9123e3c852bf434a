//! Why a plugin call failed and who is to blame for it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::RecordError;

/// What a capability tells a plugin, and a plugin tells the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The input is wrong.
    Invalid,
    /// It cannot be done here.
    Unsupported,
    /// It is not allowed.
    Refused,
    /// It may work later.
    Unavailable,
    Failed,
}

#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// The plugin answered with a failure: the place or the input is to blame.
    #[error("{plugin} {verb}: {failure}")]
    Answered {
        plugin: String,
        verb: &'static str,
        failure: Failure,
    },
    /// The plugin broke: it trapped, exceeded a limit or answered nonsense.
    #[error("plugin {plugin} broke in {verb}: {cause}")]
    Broke {
        plugin: String,
        verb: &'static str,
        cause: String,
    },
    /// The plugin cannot be loaded or is not what it is said to be.
    #[error("plugin {plugin} cannot be loaded: {cause}")]
    Load { plugin: String, cause: String },
    #[error("there is no {kind} plugin `{name}`{}", suggestion(known))]
    Unknown {
        kind: &'static str,
        name: String,
        known: Vec<String>,
    },
    /// The host could not keep the record.
    #[error("{plugin} {verb}: {source}")]
    Record {
        plugin: String,
        verb: &'static str,
        source: RecordError,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blame {
    Guest,
    Host,
    Target,
    Input,
}

impl PluginError {
    pub fn blame(&self) -> Blame {
        match self {
            Self::Answered { failure, .. } => match failure.kind {
                FailureKind::Invalid | FailureKind::Unsupported | FailureKind::Refused => Blame::Input,
                FailureKind::Unavailable | FailureKind::Failed => Blame::Target,
            },
            Self::Broke { .. } | Self::Load { .. } => Blame::Guest,
            Self::Record {
                source: RecordError::NotDeterministic { .. },
                ..
            } => Blame::Guest,
            Self::Record { .. } => Blame::Host,
            Self::Unknown { .. } => Blame::Input,
        }
    }
}

impl Failure {
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            hint: None,
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

fn suggestion(known: &[String]) -> String {
    if known.is_empty() {
        String::new()
    } else {
        format!("; there are: {}", known.join(", "))
    }
}

//! Everything that can go wrong here, and which HTTP status says so. No value of an environment variable is in it.

use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{} does not hold what the agent wrote there: {source}; move it away and start the agent again", path.display())]
    Document {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("an agent already runs for {}", dir.display())]
    Runs { dir: PathBuf },
    #[error("the agent for {} did not answer within {seconds} s; the end of its log:\n{tail}", dir.display())]
    NotAnswering {
        dir: PathBuf,
        seconds: u64,
        tail: String,
    },
    #[error("talking to the agent for {} failed: {reason}", dir.display())]
    Talk { dir: PathBuf, reason: String },
    #[error("{0}")]
    Invalid(String),
    #[error("there is no {what} `{name}`")]
    NotFound { what: &'static str, name: String },
    #[error(
        "{what} `{name}` exists with another `{field}`, and never changes: use a new name or delete it first"
    )]
    Conflict {
        what: &'static str,
        name: String,
        field: String,
    },
    #[error(
        "the lease on {scope} is lost: token {token} is older than {newest}; another run took over, start again"
    )]
    Fenced { scope: String, token: u64, newest: u64 },
    #[error(
        "nobody was heard from within {within}, and {scope} has gone back by itself to what ran before{}",
        because(detail)
    )]
    WentOff {
        scope: String,
        within: slipway_model::Duration,
        /// What did not come back.
        detail: String,
    },
}

pub(crate) type Result<T> = std::result::Result<T, AgentError>;

impl AgentError {
    pub(crate) fn status(&self) -> u16 {
        match self {
            Self::Invalid(_) => 422,
            Self::NotFound { .. } => 404,
            Self::Conflict { .. } => 409,
            Self::Fenced { .. } | Self::WentOff { .. } => 412,
            Self::Io { .. }
            | Self::Document { .. }
            | Self::Runs { .. }
            | Self::NotAnswering { .. }
            | Self::Talk { .. } => 500,
        }
    }
}

fn because(detail: &str) -> String {
    if detail.is_empty() {
        return String::new();
    }
    format!(", but not wholly: {detail}")
}

/// Names the operation and the path of an I/O error.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T>;
}

impl<T, E: Into<io::Error>> Doing<T> for std::result::Result<T, E> {
    fn doing(self, doing: &'static str, path: impl Into<PathBuf>) -> Result<T> {
        self.map_err(|source| AgentError::Io {
            doing,
            path: path.into(),
            source: source.into(),
        })
    }
}

//! What went wrong, in one sentence: the operation, where, why, and the next step. Never a secret, never a signed URL.

use std::{io, time::Duration};

use slipway_model::Digest;

#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} {place}: {cause}")]
pub struct Error {
    /// Such as `read blob sha256:...`.
    operation: String,
    /// Registry, repository and reference, or a folder.
    place: String,
    cause: Box<Cause>,
}

#[derive(Debug, thiserror::Error)]
pub enum Cause {
    #[error(
        "the registry asks who is there, and there are no credentials for {host}; configure credentials for {host}"
    )]
    NoCredentials { host: String },
    #[error(
        "the registry refused the credentials for {host}{message}; check that they are right and not expired"
    )]
    BadCredentials { host: String, message: String },
    #[error("not allowed (403){message}; {} for {host}", if *.known { "ask for this right" } else { "configure credentials" })]
    Forbidden {
        host: String,
        message: String,
        /** Credentials were given. */
        known: bool,
    },
    #[error("not found{detail}")]
    NotFound { detail: String },
    #[error("the server answered {status}{message}{}", next_step(*.status))]
    Status {
        status: u16,
        message: String,
        retry_after: Option<Duration>,
    },
    #[error("{0}; check the address, the network and that the server is up")]
    Network(String),
    #[error(
        "no trusted connection: {0}; the system's certificates decide, add the server's authority to them"
    )]
    Tls(String),
    #[error("nothing came for {} s; the server or the network hangs, try again", .0.as_secs_f32())]
    Idle(Duration),
    #[error("the connection ended after {found} of {expected} bytes; try again")]
    CutShort { expected: u64, found: u64 },
    #[error("wrong bytes: expected {expected}, found {found}; nothing was kept")]
    Digest { expected: Digest, found: Digest },
    #[error("wrong size: expected {expected} bytes, found {found}; nothing was kept")]
    Size { expected: u64, found: String },
    #[error("larger than the limit of {limit} bytes; nothing was kept")]
    TooLarge { limit: u64 },
    #[error("the answer makes no sense: {0}")]
    Malformed(String),
    #[error("the archive makes no sense: {0}")]
    Archive(String),
    #[error("{0}")]
    Unsupported(String),
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The other end of a copy failed; the whole sentence is its own.
    #[error("{0}")]
    Source(Error),
}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn cause(&self) -> &Cause {
        match &*self.cause {
            Cause::Source(source) => source.cause(),
            cause => cause,
        }
    }

    pub(crate) fn new(operation: impl Into<String>, place: impl ToString, cause: Cause) -> Self {
        match cause {
            Cause::Source(error) => error,
            cause => Self {
                operation: operation.into(),
                place: place.to_string(),
                cause: Box::new(cause),
            },
        }
    }
}

impl Cause {
    /// Worth another try.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500 | 502..=504),
            Self::Network(_) | Self::Idle(_) | Self::CutShort { .. } => true,
            _ => false,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        Self::other(error)
    }
}

/// `result.or_fail("read blob", place)`: says what was attempted where.
pub(crate) trait OrFail<T> {
    fn or_fail(self, operation: impl Into<String>, place: impl ToString) -> Result<T>;
}

impl<T, E: Into<Cause>> OrFail<T> for Result<T, E> {
    fn or_fail(self, operation: impl Into<String>, place: impl ToString) -> Result<T> {
        self.map_err(|cause| Error::new(operation, place, cause.into()))
    }
}

fn next_step(status: u16) -> &'static str {
    match status {
        413 => "; the registry, or a proxy before it, limits the size of uploads",
        429 => "; too many requests, try again later",
        500..=599 => "; the server's fault, try again later or ask its operator",
        _ => "",
    }
}

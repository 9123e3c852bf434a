//! What can go wrong with an archive, with the file and the next step.

use std::{io, path::PathBuf};

use slipway_model::Digest;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {operation} {path}: {source}{}", next_step(source))]
    Io {
        operation: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("{path} is not an archive: {reason}")]
    NotAnArchive { path: PathBuf, reason: String },
    #[error("{path} is damaged: {reason}; `slipway archive verify` lists everything, restore it from a copy")]
    Damaged { path: PathBuf, reason: String },
    #[error("{path} was made by a newer slipway (format {found}, this one knows {known}); use that one")]
    Newer { path: PathBuf, found: u64, known: u64 },
    #[error("there is no archive entry `{0}`; `slipway archive list` lists them")]
    NoSuchEntry(String),
    #[error("`{prefix}` may mean any of {candidates:?}; give more of it")]
    Ambiguous { prefix: String, candidates: Vec<Digest> },
    #[error("archive entry {entry} has no file `{path}`; `slipway archive show {entry}` lists them")]
    NoSuchFile { entry: Digest, path: String },
    #[error("`{path}` cannot be the name of a file in an archive entry: {reason}")]
    BadPath { path: String, reason: &'static str },
    #[error("what the entry says of itself cannot be kept: {0}; rename that key of `more`")]
    BadMeta(String),
    #[error("{path} changed while it was being archived; stop what writes it and archive again")]
    Changed { path: PathBuf },
    #[error("blob {digest} is named as archived already and is not in {archive}")]
    UnknownBlob { digest: Digest, archive: PathBuf },
    #[error("{path} is no key for an archive: {reason}; {next}")]
    BadKey {
        path: PathBuf,
        reason: String,
        next: &'static str,
    },
    #[error("{0} is an excerpt of an archive; entries are appended to the archive that it was taken from")]
    Excerpt(PathBuf),
}

impl Error {
    pub(crate) fn io(operation: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            operation,
            path,
            source,
        }
    }
}

fn next_step(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "; make room and archive the run again, what was archived before is intact"
        }
        io::ErrorKind::PermissionDenied => "; check who owns the folder",
        _ => "",
    }
}

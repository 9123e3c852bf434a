//! What can go wrong with an archive, with the file and the next step.

use std::{io, path::PathBuf};

use slipway_model::Digest;

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {operation} {place}: {source}{}", next_step(source))]
    Io {
        operation: &'static str,
        place: String,
        source: io::Error,
    },
    #[error("{place} is not an archive: {reason}")]
    NotAnArchive { place: String, reason: String },
    #[error(
        "{place} is damaged: {reason}; `slipway archive verify` lists everything, restore it from a copy"
    )]
    Damaged { place: String, reason: String },
    #[error("{place} is missing; `slipway archive verify` lists everything, restore it from a copy")]
    Missing { place: String },
    #[error("{place} is not to be trusted: {reason}")]
    Untrusted { place: String, reason: String },
    #[error("{place} was made by a newer slipway (format {found}, this one knows {known}); use that one")]
    Newer { place: String, found: u64, known: u64 },
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
    UnknownBlob { digest: Digest, archive: String },
    #[error("{path} is no key for an archive: {reason}; {next}")]
    BadKey {
        path: PathBuf,
        reason: String,
        next: &'static str,
    },
    #[error("{0} is an excerpt of an archive; entries are appended to the archive that it was taken from")]
    Excerpt(String),
    #[error(
        "{to} is not continued by {from}: its entry {sequence} is {there} and not {here}, so they are different \
         archives, or one of them was changed; `slipway archive verify` tells, and nothing was written"
    )]
    Diverged {
        from: String,
        to: String,
        sequence: u64,
        here: Digest,
        there: Digest,
    },
    #[error(
        "{to} has {entries} entries more than {from}, so that one of them is an older copy; copy them the other way \
         (`slipway archive pull`, `push`), nothing was written"
    )]
    Behind { from: String, to: String, entries: u64 },
    #[error(
        "{to} has {there} entries, and {from} begins after entry {after}: what lies between them is in neither; copy from \
         where all of them are, nothing was written"
    )]
    Gap {
        from: String,
        to: String,
        after: u64,
        there: u64,
    },
    #[error(
        "entry {0} is signed, and nobody can sign it again where it belongs now; name the key (`[archive] key` in the \
         operator's file)"
    )]
    Unsigned(Digest),
    #[error("there is no archive at {0}; `slipway archive push` makes one")]
    NoArchive(String),
    #[error(
        "`{place}` is no place for an archive: {reason}; a folder, `oci://host/repository` or `s3://bucket/prefix` is"
    )]
    BadPlace { place: String, reason: String },
    #[error("somebody else has written {0} meanwhile; push again, which sees whether both agree")]
    Raced(String),
    #[error("cannot {operation} {place}: {reason}")]
    Elsewhere {
        operation: &'static str,
        place: String,
        reason: String,
    },
    #[error(transparent)]
    Registry(#[from] slipway_registry::Error),
    #[error("{0} is no folder: entries are appended to an archive in a folder, and copied from there")]
    NotAFolder(String),
}

impl Error {
    pub(crate) fn io(operation: &'static str, place: impl ToString) -> impl FnOnce(io::Error) -> Self {
        let place = place.to_string();
        move |source| Self::Io {
            operation,
            place,
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

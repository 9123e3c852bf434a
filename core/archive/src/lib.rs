//! The immutable record of finished runs: content-addressed, append-only, chained, verifiable.
//!
//! An archive is a folder in the OCI image layout; an entry is an artifact manifest whose configuration says which run
//! it was and which entry came before, and whose layers are named files. `FORMAT.md` beside this crate is enough to
//! write an independent verifier from. Whoever keeps the head's digest elsewhere can tell later that nothing that led
//! to it was changed, dropped or added ([`Archive::verify`]); whoever has the public key of those who append can tell who
//! made each entry.
//!
//! Nothing here knows what the files mean, and there is no clock; nothing that others have seen is removed.

mod append;
mod archive;
mod chain;
mod destination;
mod document;
mod entry;
mod error;
mod export;
mod follow;
mod format;
mod parallel;
mod places;
mod push;
mod sign;
mod trust;
mod verify;

pub use archive::Archive;
pub use destination::Destination;
pub use document::{EntryFile, EntryMeta, FileInfo, NewEntry, Source};
pub use entry::{Entry, EntryId};
pub use error::{Error, Result};
pub use follow::{Again, Followed};
pub use places::BucketAccess;
pub use push::Pushed;
pub use sign::{PublicKey, SigningKey};
pub use trust::Trust;
pub use verify::{Problem, Report};

//! Archives as they come from strangers: what kind they are is told by their first bytes, what is in them can be
//! listed as it stands, and unpacking them cannot leave the folder, fill the disk or bring in what an archive has no
//! business with.

mod bounds;
mod error;
mod path;
mod read;
mod unpack;

pub(crate) use bounds::Bounds;
pub(crate) use error::ArchiveError;
pub(crate) use path::inside;
pub(crate) use read::{Entry, EntryKind, walk};
pub(crate) use unpack::unpack;

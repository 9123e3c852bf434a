//! Where archives are kept. What is read from a place is believed by nobody before its digest was seen.

mod folder;
mod pump;
mod store;
mod writing;

pub(crate) use folder::Folder;
pub(crate) use pump::{copy, read, read_manifest};
pub(crate) use store::{Listing, Store, Writer};
pub(crate) use writing::Writing;

//! Where archives are kept. What is read from a place is believed by nobody before its digest was seen.

mod bucket;
mod folder;
mod pump;
mod repository;
mod store;
mod writing;

pub(crate) use bucket::Bucket;
pub use bucket::BucketAccess;
pub(crate) use folder::Folder;
pub(crate) use pump::{copy, read, read_manifest};
pub(crate) use repository::Repository;
pub(crate) use store::{Listing, Store, Writer};
pub(crate) use writing::Writing;

//! Image archives: what `docker save`, `podman save` and `skopeo copy` leave in one file, plain or compressed with gzip.
//!
//! An archive is a registry that is only read: what is in it is copied like everything else, and verified on its way.
//! Its names are looked up in a table and never become paths on this machine.

mod docker;
mod import;
mod input;
mod oci;
mod packed;
mod scan;
mod table;

pub use import::{ImportOptions, Imported, import};
pub(crate) use oci::{INDEX, MARKER, roots};
pub(crate) use packed::Packed;
pub(crate) use scan::Entry;
pub(crate) use table::Table;

//! One file for a site without a network: an OCI layout as a tar. The same roots give the same bytes, and other tools
//! read it as `oci-archive`.

mod read;
mod shape;
mod write;

pub use read::read_bundle;
pub use write::write_bundle;

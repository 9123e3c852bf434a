//! A registry in a folder: an OCI image layout that holds several repositories.
//!
//! Blobs are shared by all of them, tags are entries of `index.json` named `repository:tag`. Foreign layouts that name
//! only a tag are read too. Every change is atomic and durable; several processes may write at the same time.

mod index;
mod store;

pub(crate) use store::Layout;

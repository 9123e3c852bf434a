//! What a folder of files becomes: the manifests of its kustomization, or those that lie in it. Pure: files in,
//! manifests out.

mod accumulate;
mod entry;
mod finish;
mod generate;
mod manifest;
mod origin;
mod patching;
mod plain;
mod reach;
mod sources;
mod transform;

pub use entry::build;
pub use manifest::{Manifest, print};

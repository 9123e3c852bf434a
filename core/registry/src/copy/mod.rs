//! Copying a manifest with all that it refers to, and on demand with all that refers to it.

mod all;
mod attached;
mod closure;

pub use all::{CopyOptions, CopyReport, copy, copy_blob};
pub(crate) use closure::Closure;

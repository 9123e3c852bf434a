//! Copying a manifest with all that it refers to, and on demand with all that refers to it.

mod all;
mod attached;
mod below;
mod closure;
mod narrow;

pub use all::copy;
pub use below::{CopyOptions, CopyReport, copy_blob};
pub(crate) use closure::Closure;
pub use narrow::{Narrowed, copy_platforms};

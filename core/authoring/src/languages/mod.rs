//! What a plugin can be written in, one language a file: what a project of it holds, and how it is built.

mod go;
mod js;
mod language;
mod python;
mod rust;
mod toolchain;

pub use go::Go;
pub use language::Language;
pub(crate) use language::Template;
pub use toolchain::{DEBIAN_PACKAGES, TARGET, Toolchain};

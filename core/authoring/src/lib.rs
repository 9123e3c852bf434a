//! A plugin of one's own: a project that is made of a template and the guest kit, and the component that is made of its
//! sources. Knows no host and no manifest.

mod build;
mod component;
mod error;
mod project;
mod sources;
mod toolchain;

pub use build::{Built, build};
pub use component::component;
pub use error::{Error, Result};
pub use project::{Name, Project};
pub use toolchain::{DEBIAN_PACKAGES, TARGET, Toolchain};

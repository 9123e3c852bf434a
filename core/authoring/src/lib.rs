//! A plugin of one's own: a project that is made of a template and the guest kit, and the component that is made of its
//! sources. Knows no host and no manifest.

mod build;
mod built;
mod component;
mod error;
mod languages;
mod name;
mod programs;
mod project;
mod sources;

pub use build::{build, build_native};
pub use built::Built;
pub use component::{of_go as component_of_go, of_rust as component_of_rust};
pub use error::{Error, Result};
pub use languages::{DEBIAN_PACKAGES, Go, Language, TARGET, Toolchain};
pub use name::Name;
pub use project::Project;

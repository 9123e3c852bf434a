//! `cargo xtask build-plugins`: the wasm plugins, as components, in `target/plugins`. What did not change is not built.

mod build;
mod component;
mod files;
mod go;
mod stamp;
mod toolchain;

pub(crate) use build::build;
pub(crate) use go::MODULES;

//! `cargo xtask build-plugins`: the wasm plugins, as components, in `target/plugins`. What did not change is not built.

mod build;
mod stamp;
mod toolchain;

pub(crate) use build::build;

//! Templates: minijinja with strict names and no way out of the configuration.
//!
//! A template sees every parameter under its name with `_` for `-` (`{{ public_name }}`) and, as written, in
//! `params["public-name"]`; and `service`, `version`, `environment`, `artifacts.<name>.digest`. It can `include` other
//! text files of the configuration by their path. A block tag alone on a line leaves no empty line.

mod problem;
mod render;
mod scan;
mod settings;
mod uses;

pub use render::{Facts, Templates};
pub(crate) use render::{Rendered, Source};
pub use settings::Place;

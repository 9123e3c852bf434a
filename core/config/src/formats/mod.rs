//! The structured formats that patches apply to: one file each, text to `Node` and back.

mod emit;
mod format;
pub(crate) mod json;
pub(crate) mod toml;
pub(crate) mod yaml;
mod yaml_edit;

pub(crate) use format::{Format, Malformed};

//! The structured formats that patches apply to: one file each, text to [`Node`](crate::node::Node) and back.

pub(crate) mod json;
pub(crate) mod toml;

use slipway_model::Span;

/// A text that is not of its format.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) span: Span,
    pub(crate) why: String,
}

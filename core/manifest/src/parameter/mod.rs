//! Parameters: what an environment may or must decide, and which values are allowed.

mod check;
mod kind;
mod text;

pub use kind::{Kind, Parameter, Type};
pub use text::{ByteSize, ByteSizeError, Pattern, PatternError};

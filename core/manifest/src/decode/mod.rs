//! From a TOML document to the schema as written: every mistake is reported, what is right is kept.
//!
//! Not serde, because serde stops at the first mistake. One declaration (`table!`, `choice!`) yields the type, how it is
//! read and its JSON Schema, so the three cannot drift apart.

mod choice;
mod context;
mod definitions;
mod json;
mod list;
mod scalar;
mod settings;
mod table;
mod value;

pub(crate) use choice::choice;
pub(crate) use context::Context;
pub(crate) use definitions::Definitions;
pub(crate) use list::{Named, OneOrMany};
pub(crate) use scalar::Literal;
pub(crate) use table::{Fields, object, open, property, required, rest, slot, table};
pub(crate) use value::{At, Decode, Slot, at};

//! The plugins that a service can use: those that ship inside the program or beside it, and those that its manifest
//! brings. What is wrong with one is a diagnostic at its place in the manifest.

mod beside;
mod grants;
mod refusal;
mod shelf;

pub(crate) use grants::{Grant, listed};
pub(crate) use shelf::{Found, Replacement, Shelf, Stock};

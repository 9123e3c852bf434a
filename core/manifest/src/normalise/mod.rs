//! From what is written, and was found to be right, to the manifest. `None` stands for what a diagnostic has already named.

mod analysis;
mod calendar;
mod check;
mod document;
mod environment;
mod hook;
mod order;
mod parameter;
mod plain;

pub(crate) use document::{manifest, sha256};
pub(crate) use order::{Cycle, in_order};
pub(crate) use parameter::{default, kind};

//! `cargo xtask tidy`: the rules of the house that no compiler checks. All that is wrong is said at once.

mod check;
mod fixtures;
mod headers;
mod roots;
mod size;
mod source;
mod words;

pub(crate) use check::tidy;

//! Packages that a service depends on, as services of their own: fetched by digest, put in order, and laid out below the
//! service as folders that every command takes.
//!
//! A package says what a service is made of. Where it runs, with which values and how it goes out is said by whoever
//! depends on it. Nothing here deploys: a laid-out folder is a project like any other.

mod closure;
mod folder;
mod laying;
mod manifest;
mod values;

pub(crate) use closure::copy_with_dependencies;
pub use closure::needed_by;
pub use laying::{Dependencies, LaidOut, Look, Needs};

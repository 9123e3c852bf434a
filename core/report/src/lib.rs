//! From the journal to what a person or a program reads: runs, what happened in one, and how an environment stands.
//!
//! Pure: records and observations in, data and text out. Knows no terminal and no colour; a [`Tone`] says how a line is
//! meant, and whoever prints decides what that looks like.

#[cfg(test)]
mod account;
mod cases;
mod cdevents;
mod environment;
mod github;
mod happening;
mod junit;
mod otlp;
mod runs;
mod table;
mod words;

pub use cases::{Account, Case, Went};
pub use cdevents::cdevents;
pub use environment::{Environment, Instance, Observation};
pub use github::{Level, Place, annotation, github};
pub use happening::{Happening, What, happenings};
pub use junit::junit;
pub use otlp::{otlp_metrics, otlp_trace};
pub use runs::{RunLine, history};
pub use table::{TIME, table};
pub use words::{Line, Tone, words};

//! From the journal to what a person or a program reads: runs, what happened in one, and how an environment stands.
//!
//! Pure: records and observations in, data and text out. Knows no terminal and no colour; a [`Tone`] says how a line is
//! meant, and whoever prints decides what that looks like.

mod environment;
mod happening;
mod runs;
mod table;
mod words;

pub use environment::{Environment, Instance, Observation};
pub use happening::{Happening, happenings};
pub use runs::{RunLine, history};
pub use table::{TIME, table};
pub use words::{Line, Tone, words};

//! Logs of many containers as one, and how far each has been read. Pure.

mod cursor;
mod lines;

pub(crate) use cursor::{Cursor, Mark};
pub(crate) use lines::{Taken, take};

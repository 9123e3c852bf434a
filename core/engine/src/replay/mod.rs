//! A run again, from its journal alone: the same program over the same record. Plugins are asked what they were asked, and
//! whatever they do to the outside is answered from the record, so nothing leaves the process. What a plugin of another
//! version would have done differently is where it stops.

mod again;
mod offline;
mod record;

pub use again::{Replayed, replay};

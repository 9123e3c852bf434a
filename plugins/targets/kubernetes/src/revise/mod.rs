//! How objects are called when two revisions run beside each other, and which addresses an instance has. Pure.

mod beside;
mod mentions;
mod ports;
mod twin;

pub(crate) use beside::{Revised, beside, scaled};
pub(crate) use mentions::visit;
pub(crate) use ports::{Port, ports};
pub(crate) use twin::stands_for;

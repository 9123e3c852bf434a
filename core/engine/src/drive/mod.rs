//! A whole run, as one deterministic program: begun, and after an interruption begun again over the same journal.

mod begin;
mod carry_out;
mod request;
mod steps;
mod time;

pub use begin::{NotBegun, begin, begin_as, give_up, idle, reopen};
pub use carry_out::{Ended, drive};
pub use request::{Lead, Member, Request, Step, Work};
pub use steps::adapted;

//! What every plugin has to keep, whatever it is for and whatever it is written in: it is called, verb by verb, in a world in
//! which nothing works, or answers nonsense, or stops; and, with a past run, in one that works as that run found it. Nothing of it
//! reaches anything: effects are answered here, before they are performed.

mod calls;
mod conform;
mod measure;
mod recorded;
mod rule;
mod samples;
mod settings;
mod tape;
mod weather;

pub use conform::conform;
pub use measure::{Measured, measure};
pub use recorded::Tried;
pub use rule::Rule;

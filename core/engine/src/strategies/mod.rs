//! Strategies, compiled: from what runs now and what shall run, to a list of actions for each of the two steps.
//! Pure, and the same for every target: a target says what it can do, and a strategy that needs more is refused
//! with what can be done instead.

mod blue_green;
mod canary;
mod compile;
mod fleet;
mod recreate;
mod roll_back;
mod rolling;
#[cfg(test)]
mod tests;

pub use compile::compile;
pub use fleet::{Abilities, Refusal, Situation, Stages};
pub use roll_back::{Progress, roll_back};

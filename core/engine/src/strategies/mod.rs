//! Strategies, compiled: from what runs now and what shall run, to a list of actions for each of the two steps.
//! Pure, and the same for every target: a target says what it can do, and a strategy that needs more is refused
//! with what can be done instead.

mod blue_green;
mod canary;
mod fleet;
mod recreate;
mod rolling;
mod roll_back;

pub use fleet::{Abilities, Refusal, Situation, Stages};
pub use roll_back::{Progress, roll_back};

use slipway_manifest::{Strategy, StrategyKind};

/// The actions of a strategy in a situation.
pub fn compile(situation: &Situation, strategy: &Strategy) -> Result<Stages, Refusal> {
    match &strategy.kind {
        StrategyKind::Recreate => recreate::compile(situation, strategy),
        StrategyKind::Rolling(rolling) => rolling::compile(situation, strategy, rolling),
        StrategyKind::BlueGreen => blue_green::compile(situation, strategy),
        StrategyKind::Canary(canary) => canary::compile(situation, strategy, canary),
    }
}

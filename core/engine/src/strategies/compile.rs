//! From a strategy's name to its actions.

use slipway_manifest::{Method, Strategy};

use super::{Refusal, Situation, Stages, blue_green, canary, recreate, rolling};

/// The actions of a strategy in a situation.
pub fn compile(situation: &Situation, strategy: &Strategy) -> Result<Stages, Refusal> {
    if situation.same {
        return Ok(again(situation));
    }
    match &strategy.method {
        Method::Recreate => recreate::compile(situation, strategy),
        Method::Rolling {
            batch,
            max_surge,
            max_unavailable,
            ..
        } => {
            let (max_surge, max_unavailable) = (*max_surge, *max_unavailable);
            rolling::compile(
                situation,
                strategy,
                rolling::Pace {
                    batch,
                    max_surge,
                    max_unavailable,
                },
            )
        }
        Method::BlueGreen => blue_green::compile(situation, strategy),
        Method::Canary { steps } => canary::compile(situation, strategy, steps),
    }
}

/// The revision is there already: only what is missing of it is brought back.
fn again(situation: &Situation) -> Stages {
    let new = &situation.new;
    let mut stages = Stages::default();
    stages.note("this revision is what users are on already: only what is missing of it is started");
    stages.deploy([situation.start(&new.instances)]);
    stages.deploy(situation.route(&[(new, 100, &new.instances)]));
    stages.cutover([situation.confirm()]);
    stages
}

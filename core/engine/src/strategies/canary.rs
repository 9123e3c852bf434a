//! Canary: the new revision gets users step by step, each step watched against the old one.

use slipway_manifest::{Step, Strategy};
use slipway_model::{Action, Fleet};

use super::{Refusal, Situation, Stages};

const NAME: &str = "canary";

pub(super) fn compile(situation: &Situation, strategy: &Strategy, steps: &[Step]) -> Result<Stages, Refusal> {
    situation.require_router(NAME, "somebody has to send a share of the users")?;
    let new = &situation.new;
    let mut stages = Stages::default();
    let Some(old) = &situation.old else {
        stages.note("nothing runs here yet: there is nobody to compare with, so users go to the new revision once it is checked");
        stages.deploy([situation.start(&new.instances)]);
        stages.deploy(situation.check(&new.instances, strategy));
        stages.cutover(situation.route(&[(new, 100, &new.instances)]));
        stages.cutover(situation.soak(strategy.soak, None, strategy));
        stages.cutover([situation.confirm()]);
        return Ok(stages);
    };
    situation.require_side_by_side(NAME)?;
    let mut running = capacity(new, steps.first().map_or(100, |step| step.weight));
    stages.deploy([situation.start(&new.instances[..running])]);
    stages.deploy(situation.check(&new.instances[..running], strategy));
    stages.deploy(situation.route(&[(old, 100, &old.instances), (new, 0, &new.instances[..running])]));
    for step in steps {
        stages.cutover(step.approve.then(|| Action::Approve {
            what: format!("{} % of users", step.weight),
        }));
        let wanted = capacity(new, step.weight);
        if wanted > running {
            stages.cutover([situation.start(&new.instances[running..wanted])]);
            running = wanted;
        }
        let weights = shares(situation, step.weight, old, running);
        if !situation.abilities.weights {
            stages.note(format!(
                "the router knows no weights: {} % becomes a share of instances",
                step.weight
            ));
        }
        stages.cutover(weights);
        stages.cutover(situation.soak(step.soak, Some(old), strategy));
    }
    if running < new.instances.len() {
        stages.cutover([situation.start(&new.instances[running..])]);
    }
    stages.cutover(situation.route(&[(old, 0, &old.instances), (new, 100, &new.instances)]));
    stages.cutover(situation.soak(strategy.soak, None, strategy));
    stages.cutover([situation.confirm()]);
    stages.cutover(situation.route(&[(new, 100, &new.instances)]));
    stages.cutover(situation.retire(old, &old.instances, false));
    Ok(stages)
}

/// How many instances a weight needs: capacity is there before weight moves.
fn capacity(fleet: &Fleet, weight: u8) -> usize {
    let wanted = (fleet.instances.len() * usize::from(weight)).div_ceil(100);
    wanted.clamp(1.min(fleet.instances.len()), fleet.instances.len())
}

fn shares(situation: &Situation, weight: u8, old: &Fleet, running: usize) -> Option<Action> {
    let new = &situation.new;
    situation.route(&[
        (old, u32::from(100 - weight.min(100)), &old.instances),
        (new, weight.into(), &new.instances[..running]),
    ])
}

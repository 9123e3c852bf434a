//! Canary: the new revision gets users step by step, each step watched against the old one.

use slipway_manifest::{Step, Strategy};
use slipway_model::{Action, Baseline, Fleet, InstanceName};

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
    situation.require_baseline(NAME, strategy)?;
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
        let apart = apart(situation, strategy, (old, step.weight), running);
        let weights = shares(situation, (step.weight, apart), old, running);
        if !situation.abilities.weights {
            stages.note(format!(
                "the router knows no weights: {} % becomes a share of instances",
                step.weight
            ));
        }
        if apart.is_empty() && strategy.compares_with_baseline() {
            stages.note(format!(
                "at {} % there are not enough others to hold a baseline apart: all of the old revision is compared with",
                step.weight
            ));
        }
        stages.cutover(weights);
        stages.cutover(situation.soak_apart(step.soak, (old, apart), strategy));
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

/// As many of the old revision as of the new one, to get as many users: what it is compared with. None where nothing would
/// be left beside them.
fn apart<'a>(
    situation: &Situation,
    strategy: &Strategy,
    (old, weight): (&'a Fleet, u8),
    running: usize,
) -> &'a [InstanceName] {
    let routed = |name: &InstanceName| situation.routed.contains(name);
    let enough = old.instances.len() > running && u32::from(weight) * 2 < 100;
    match enough && strategy.compares_with_baseline() && old.instances.iter().all(routed) {
        true => &old.instances[..running],
        false => &[],
    }
}

fn shares(
    situation: &Situation,
    (weight, apart): (u8, &[InstanceName]),
    old: &Fleet,
    running: usize,
) -> Option<Action> {
    let new = &situation.new;
    let mut action = situation.route(&[
        (old, u32::from(100 - weight.min(100)), &old.instances),
        (new, weight.into(), &new.instances[..running]),
    ]);
    if let Some(Action::Route { shares, .. }) = &mut action
        && let Some(share) = shares.first_mut().filter(|_| !apart.is_empty())
    {
        share.baseline = Some(Baseline {
            weight: weight.into(),
            instances: apart.to_vec(),
        });
    }
    action
}

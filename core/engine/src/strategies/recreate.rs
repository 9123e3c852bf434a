//! Recreate: the old revision ends, then the new one begins. There is a time without service, and the plan says so.

use slipway_manifest::Strategy;

use super::{Refusal, Situation, Stages};

pub(super) fn compile(situation: &Situation, strategy: &Strategy) -> Result<Stages, Refusal> {
    let new = &situation.new;
    let mut stages = Stages::default();
    if let Some(old) = &situation.old {
        stages.note("there is no service between the stop of the old revision and the start of the new one");
        stages.deploy(situation.route(&[]));
        stages.deploy(situation.retire(old, &old.instances, true));
    }
    stages.deploy([situation.start(&new.instances)]);
    stages.deploy(situation.check(&new.instances, strategy));
    stages.deploy(situation.route(&[(new, 100, &new.instances)]));
    stages.notes.extend(situation.not_compared(strategy));
    stages.cutover(situation.soak(strategy.soak, None, strategy));
    stages.cutover([situation.confirm()]);
    Ok(stages)
}

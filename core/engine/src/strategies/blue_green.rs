//! Blue/green: the new revision stands complete beside the old one, then all users move at once.

use slipway_manifest::Strategy;
use slipway_model::Action;

use super::{Refusal, Situation, Stages};

const NAME: &str = "blue-green";

pub(super) fn compile(situation: &Situation, strategy: &Strategy) -> Result<Stages, Refusal> {
    situation.require_router(NAME, "somebody has to switch the users")?;
    let new = &situation.new;
    let mut stages = Stages::default();
    stages.deploy([situation.start(&new.instances)]);
    let Some(old) = &situation.old else {
        stages.note("nothing runs here yet: users go to the new revision once it is checked");
        stages.deploy(situation.check(&new.instances, strategy));
        stages.cutover(situation.route(&[(new, 100, &new.instances)]));
        stages.cutover(situation.soak(strategy.soak, None, strategy));
        stages.cutover([situation.confirm()]);
        return Ok(stages);
    };
    situation.require_side_by_side(NAME)?;
    let beside = situation.route(&[(old, 100, &old.instances), (new, 0, &new.instances)]);
    stages.deploy(beside.map(|action| match action {
        Action::Route { shares, .. } if situation.abilities.preview => Action::Route {
            shares,
            preview: Some(new.revision),
        },
        other => other,
    }));
    stages.deploy(situation.check(&new.instances, strategy));
    stages.cutover(situation.check(&new.instances, strategy));
    stages.cutover(situation.route(&[(old, 0, &old.instances), (new, 100, &new.instances)]));
    stages.notes.extend(situation.not_compared(strategy));
    stages.cutover(situation.soak(strategy.soak, None, strategy));
    stages.cutover([situation.confirm()]);
    stages.cutover(situation.route(&[(new, 100, &new.instances)]));
    stages.cutover(situation.retire(old, &old.instances, false));
    Ok(stages)
}

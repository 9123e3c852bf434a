//! Rolling: batch after batch of instances is replaced, each checked before the next.

use slipway_manifest::{Amount, Strategy};
use slipway_model::{Action, Fleet, InstanceName};

use super::{Refusal, Situation, Stages};

pub(super) fn compile(
    situation: &Situation,
    strategy: &Strategy,
    batch: &[Amount],
    max_surge: Amount,
) -> Result<Stages, Refusal> {
    let new = &situation.new;
    let mut stages = Stages::default();
    match &situation.old {
        None => {
            stages.deploy([situation.start(&new.instances)]);
            stages.deploy(situation.check(&new.instances, strategy));
            stages.deploy(situation.route(&[(new, 100, &new.instances)]));
        }
        Some(old) => {
            situation.require_side_by_side("rolling")?;
            replace(situation, old, strategy, (batch, max_surge), &mut stages);
        }
    }
    stages.cutover(situation.soak(strategy.soak, None, strategy));
    stages.cutover([situation.confirm()]);
    Ok(stages)
}

fn replace(
    situation: &Situation,
    old: &Fleet,
    strategy: &Strategy,
    (batch, max_surge): (&[Amount], Amount),
    stages: &mut Stages,
) {
    let new = &situation.new;
    let total = new.instances.len();
    let surge = count(max_surge, old.instances.len().max(total));
    let mut started = 0;
    let mut stopped = 0;
    let mut batches = batch.iter().chain(std::iter::repeat_n(batch.last(), usize::MAX).flatten());
    while started < total || stopped < old.instances.len() {
        let wish = batches.next().map_or(1, |batch| count(*batch, total).max(1));
        let last = started + wish >= total;
        let next = (started + wish).min(total);
        // The old instances that make room: all that are left once the new revision is complete.
        let leave = if last { old.instances.len() } else { (stopped + wish).min(old.instances.len()) };
        // Without room above the wanted number the old ones go first, but never the last that users have.
        if surge == 0 && stopped < leave && (leave < old.instances.len() || started > 0) {
            stages.deploy(take_out(situation, old, started, stopped..leave));
            stopped = leave;
        }
        if started < next {
            stages.deploy([situation.start(&new.instances[started..next])]);
            stages.deploy(situation.check(&new.instances[started..next], strategy));
            started = next;
            stages.deploy(mix(situation, old, started, stopped));
        }
        if stopped < leave {
            stages.deploy(take_out(situation, old, started, stopped..leave));
            stopped = leave;
        }
    }
}

fn take_out(situation: &Situation, old: &Fleet, started: usize, leaving: std::ops::Range<usize>) -> Vec<Action> {
    let route = mix(situation, old, started, leaving.end);
    route.into_iter().chain(situation.retire(old, &old.instances[leaving], false)).collect()
}

/// Users in proportion to the instances of each revision.
fn mix(situation: &Situation, old: &Fleet, started: usize, stopped: usize) -> Option<Action> {
    let new = &situation.new;
    let (olds, news) = (&old.instances[stopped..], &new.instances[..started]);
    let weight = |instances: &[InstanceName]| situation.routed_of(instances).len() as u32;
    situation.route(&[(old, weight(olds), olds), (new, weight(news), news)])
}

fn count(amount: Amount, total: usize) -> usize {
    amount.of(u32::try_from(total).unwrap_or(u32::MAX)) as usize
}

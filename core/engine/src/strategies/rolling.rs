//! Rolling: batch after batch of instances is replaced, each checked before the next.

use slipway_manifest::{Amount, Strategy};
use slipway_model::{Action, Fleet, InstanceName};

use super::{Refusal, Situation, Stages};

/// How many at a time.
#[derive(Clone, Copy)]
pub(super) struct Pace<'a> {
    /// Sizes one after another; the last one repeats.
    pub(super) batch: &'a [Amount],
    /// How many more than wanted may run.
    pub(super) max_surge: Amount,
    /// How many fewer may.
    pub(super) max_unavailable: Amount,
}

pub(super) fn compile(situation: &Situation, strategy: &Strategy, pace: Pace<'_>) -> Result<Stages, Refusal> {
    let new = &situation.new;
    let mut stages = Stages::default();
    match &situation.old {
        None => {
            stages.deploy([situation.start(&new.instances)]);
            stages.deploy(situation.check(&new.instances, strategy));
            stages.deploy(situation.route(&[(new, 100, &new.instances)]));
        }
        Some(old) if situation.replaces() => in_place(situation, old, strategy, pace, &mut stages),
        Some(old) => {
            situation.require_side_by_side("rolling")?;
            replace(situation, old, strategy, pace, &mut stages);
        }
    }
    stages.notes.extend(situation.not_compared(strategy));
    stages.cutover(situation.soak(strategy.soak, None, strategy));
    stages.cutover([situation.confirm()]);
    Ok(stages)
}

/// Each batch takes the place of as many old instances; how one takes the place of another is the target's to know.
fn in_place(situation: &Situation, old: &Fleet, strategy: &Strategy, pace: Pace<'_>, stages: &mut Stages) {
    let (olds, news) = (&old.instances, &situation.new.instances);
    let mut batches = Amount::batches(pace.batch, news.len());
    let mut done = 0;
    while done < news.len() {
        let next = (done + batches.next().unwrap_or(1)).min(news.len());
        let (leaving, left) = (done.min(olds.len()), next.min(olds.len()));
        let (instances, replaced) = (&news[done..next], &olds[leaving..left]);
        // Where others can take the users meanwhile, these go first.
        if !replaced.is_empty() && (done > 0 || left < olds.len()) {
            stages.deploy(mix(situation, old, done, left));
            stages.deploy(situation.drain(replaced));
        }
        stages.deploy([situation.put(&situation.new, instances, replaced)]);
        stages.deploy(situation.check(instances, strategy));
        done = next;
        stages.deploy(mix(situation, old, done, left));
    }
    if olds.len() > done {
        stages.deploy(situation.route(&[(&situation.new, 100, news)]));
        stages.deploy(situation.retire(old, &olds[done..], false));
    }
}

fn replace(situation: &Situation, old: &Fleet, strategy: &Strategy, pace: Pace<'_>, stages: &mut Stages) {
    let new = &situation.new;
    let (total, olds) = (new.instances.len(), old.instances.len());
    let larger = total.max(olds);
    let surge = count(pace.max_surge, larger);
    let unavailable = count(pace.max_unavailable, larger);
    let mut started = 0;
    let mut stopped = 0;
    let mut batches = Amount::batches(pace.batch, total);
    while started < total || stopped < olds {
        let wish = batches.next().unwrap_or(1);
        // Never more at a time than may be there too many or be missing.
        let wish = wish.min(surge + unavailable).max(1);
        let next = (started + wish).min(total);
        // The old instances that make room: all that are left once the new revision is complete.
        let leave = if next == total {
            olds
        } else {
            (stopped + wish).min(olds)
        };
        // What there is no room for beside the old ones takes their place: these go first, but never the last of all.
        let first = (next - started)
            .saturating_sub(surge)
            .min(unavailable)
            .min(olds - stopped);
        let first = if started == 0 && stopped + first == olds {
            first.saturating_sub(1)
        } else {
            first
        };
        if first > 0 {
            stages.deploy(take_out(situation, old, started, stopped..stopped + first));
            stopped += first;
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

fn take_out(
    situation: &Situation,
    old: &Fleet,
    started: usize,
    leaving: std::ops::Range<usize>,
) -> Vec<Action> {
    let route = mix(situation, old, started, leaving.end);
    route
        .into_iter()
        .chain(situation.retire(old, &old.instances[leaving], false))
        .collect()
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

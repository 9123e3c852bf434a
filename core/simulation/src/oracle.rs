//! What has to be true when a run has ended: the ledger says what is so, and it ended as it had to.

use std::collections::BTreeSet;

use slipway_archive::Archive;
use slipway_engine::Workspace;
use slipway_journal::{Deployed, Entry, EnvironmentState, Run, RunState};
use slipway_plugin::InstanceState;

use crate::{
    disk::Disk,
    guard::GONE,
    scenario::{Fate, Scenario},
    trace::Trace,
    world::World,
};

pub(crate) struct Oracle<'a> {
    pub(crate) world: &'a World,
    pub(crate) disk: &'a Disk,
    pub(crate) trace: &'a Trace,
    pub(crate) workspace: &'a Workspace,
}

impl Oracle<'_> {
    /// How a run had to end. `fate` is that of the revision that it has brought.
    pub(crate) fn ended(&self, run: &Run, fate: Fate) {
        self.trace.say(format_args!(
            "{} ended: {} {}",
            run.id,
            run.state.as_str(),
            run.summary
        ));
        self.ending(run, fate);
        self.archived(run);
    }

    /// What has to be so while nobody is at work, after this run.
    pub(crate) fn at_rest(&self, last: &Run) {
        let (_, state) = self.disk.with(|ledger| ledger.environment(&last.scope()));
        if state.current.is_some() {
            self.world.settle();
        }
        // Where the place has gone back by itself, or the plugin broke in it, nobody could end one.
        for task in self.world.tasks() {
            if !self.world.scenario.dead_man && self.world.broken() == 0 {
                self.trace
                    .violation(format_args!("task {task} is left at the place"));
            }
        }
        // It says so itself, and what is left is for people.
        if !last.summary.contains("the way back failed") {
            self.users(&state);
            self.instances(&state);
        }
    }

    fn ending(&self, run: &Run, fate: Fate) {
        let Scenario {
            checks,
            analysis,
            meddled,
            announces,
            lost,
            ..
        } = self.world.scenario;
        let aborted = self.was_told(run, "abort");
        // What is gone may be met before it is known why.
        let silent = run.summary.contains(GONE) || self.world.came_back();
        let held = self.was_told(run, "hold");
        let sound = match fate {
            Fate::Well => Some(true),
            Fate::NeverHealthy => Some(false),
            // Somebody may want to go on all the same, or may have wanted it once: what users have is not checked again.
            Fate::FailsChecks | Fate::LogsErrors if self.was_ever_told("skip") => None,
            Fate::FailsChecks => Some(!checks),
            // People may end the watching before anything is seen.
            Fate::LogsErrors if meddled && analysis => None,
            // Where nothing ran before there are no users yet who could make evidence.
            Fate::LogsErrors if analysis && self.is_first(run) => None,
            Fate::LogsErrors => Some(!analysis),
            Fate::Dies => None,
        };
        // A call that has said what must not be said twice is not asked again when the network loses its rest.
        let unlucky = announces && lost > 0 || self.world.has_broken(&run.id);
        let sound = sound.filter(|sound| !(*sound && unlucky));
        let wrong = match (run.state, sound) {
            (RunState::Succeeded, Some(false)) => "succeeded with a bad revision",
            (RunState::Failed | RunState::RolledBack, Some(true)) if !aborted && !held && !silent => {
                "did not bring a good revision"
            }
            (RunState::Aborted, _) if !aborted => "was aborted by nobody",
            (RunState::Running | RunState::Waiting, _) => "has not ended",
            _ => return,
        };
        self.trace
            .violation(format_args!("run {} {wrong}: {}", run.id, run.summary));
    }

    /// All users are where the ledger says that they are.
    fn users(&self, state: &EnvironmentState) {
        if !self.world.scenario.router || self.is_left(state) {
            return;
        }
        let routing = self.world.routing();
        for share in routing.shares.iter().filter(|share| share.weight > 0) {
            match &state.current {
                Some(current) if current.revision == share.revision => {
                    let sent: BTreeSet<_> = share.backends.iter().map(|backend| &backend.instance).collect();
                    let all: BTreeSet<_> = current.instances.iter().collect();
                    if sent != all && self.world.is_sound(current.revision) {
                        self.trace
                            .violation(format_args!("users are sent to {sent:?} and not to {all:?}"));
                    }
                }
                _ => self
                    .trace
                    .violation(format_args!("users are on revision {}", share.revision.short())),
            }
        }
        let some = routing.shares.iter().any(|share| share.weight > 0);
        if state.current.is_some() && !some {
            self.trace.violation("users are nowhere");
        }
    }

    /// What runs is what the ledger says, no more and no less.
    fn instances(&self, state: &EnvironmentState) {
        let seen = self.world.observe();
        for instance in &seen {
            let known = |deployed: &Deployed| deployed.revision == instance.revision;
            let there = [&state.current, &state.candidate];
            // Who failed after it was confirmed could not retire the old one: the next one does.
            let left = self.is_untidy() && state.previous.iter().any(known);
            if !there.into_iter().flatten().any(known) && !left {
                self.trace
                    .violation(format_args!("{} runs, and nobody knows why", instance.name));
            }
        }
        let Some(current) = state.current.as_ref().filter(|_| !self.is_left(state)) else {
            return;
        };
        for name in &current.instances {
            let found = seen.iter().find(|instance| instance.name == *name);
            let well = found.is_some_and(|instance| instance.state == InstanceState::Healthy);
            if !well && self.world.is_sound(current.revision) {
                self.trace.violation(format_args!("{name} does not run"));
            }
        }
    }

    /// Whether a run has failed since the last one that ended well.
    fn is_untidy(&self) -> bool {
        self.disk.with(|ledger| {
            let ended = ledger.runs.iter().rev().map(|kept| kept.run.state);
            ended
                .take_while(|state| *state != RunState::Succeeded)
                .any(|state| state == RunState::Failed)
        })
    }

    /// Whether the run has found nothing that users were on.
    fn is_first(&self, run: &Run) -> bool {
        self.any(run, |entry| match entry {
            Entry::Event { kind, data } => kind == "planned" && data["plan"]["old"].is_null(),
            _ => false,
        })
    }

    /// A run that touched something has one entry in the archive.
    fn archived(&self, run: &Run) {
        let archive = Archive::open(self.workspace.archive()).and_then(|archive| archive.list());
        match archive {
            Err(error) => self
                .trace
                .violation(format_args!("the archive cannot be read: {error}")),
            Ok(entries) => {
                let count = entries.iter().filter(|entry| entry.meta.run == run.id).count();
                let wanted = self.touched(run);
                if count > 1 || count == 0 && wanted {
                    self.trace
                        .violation(format_args!("run {} is {count} times in the archive", run.id));
                }
            }
        }
    }

    /// It failed and was left as it stood, as its strategy wished.
    fn is_left(&self, state: &EnvironmentState) -> bool {
        (self.world.scenario.hold || self.world.scenario.asks) && state.candidate.is_some()
    }

    fn touched(&self, run: &Run) -> bool {
        self.any(
            run,
            |entry| matches!(entry, Entry::Event { kind, .. } if kind == "planned"),
        )
    }

    fn was_ever_told(&self, signal: &str) -> bool {
        let runs = self.disk.with(|ledger| {
            ledger
                .runs
                .iter()
                .map(|kept| kept.run.clone())
                .collect::<Vec<_>>()
        });
        runs.iter().any(|run| self.was_told(run, signal))
    }

    fn was_told(&self, run: &Run, signal: &str) -> bool {
        self.any(run, |entry| match entry {
            Entry::Event { kind, data } => kind == "told" && data["signal"] == signal,
            _ => false,
        })
    }

    fn any(&self, run: &Run, wanted: impl Fn(&Entry) -> bool) -> bool {
        self.disk.with(|ledger| {
            let kept = ledger.kept(&run.id);
            kept.is_ok_and(|kept| kept.records.iter().any(|record| wanted(&record.entry)))
        })
    }
}

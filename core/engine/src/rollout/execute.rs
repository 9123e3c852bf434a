//! Goes through the actions of a plan. Between two actions it listens to people; when one fails, it goes back.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use slipway_manifest::{HookMoment, OnFailure, Strategy};
use slipway_model::{Action, InstanceName, Plan};

use super::{Site, hook::About, meanwhile::Meanwhile, soak::Watched};
use crate::{
    Engine, Event, Failed, Run, RunError,
    run::{Choice, Gate, Told},
    strategies::{Progress, Situation, roll_back},
};

pub(crate) struct Executor<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) run: &'a Run,
    pub(crate) site: &'a Site,
    pub(crate) plan: &'a Plan,
    pub(crate) strategy: &'a Strategy,
    progress: Mutex<Progress>,
    /// Instances that failed to start, counted against the strategy's `max-failures`.
    pub(super) failures: AtomicUsize,
    /// The plan's new revision ran here before: a person wants it back.
    pub(super) back: bool,
    /// Nobody stops the way back half-way.
    deaf: AtomicBool,
    /// The hook from which on nothing goes back by itself.
    pub(super) no_return: Mutex<Option<String>>,
    /// Instances of the new revision that have had users.
    pub(super) attached: Mutex<BTreeSet<InstanceName>>,
    /// Instances that the action under way could not start.
    pub(super) failing: Mutex<BTreeSet<InstanceName>>,
    /// Instances that people have left out.
    pub(super) excluded: Mutex<BTreeSet<InstanceName>>,
    /// What people want after a failure, where they were asked.
    pub(super) chosen: Mutex<Option<Choice>>,
}

/// A part of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Deploy,
    Cutover,
}

/// Where a list of actions leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    Forth(Phase),
    /// From what this run has begun.
    Back,
    /// From what an earlier run has left.
    Drop,
}

impl Course {
    /// The first part of its activities' keys.
    fn name(self) -> &'static str {
        match self {
            Self::Forth(Phase::Deploy) => "deploy",
            Self::Forth(Phase::Cutover) => "cutover",
            Self::Back => "roll-back",
            Self::Drop => "drop",
        }
    }
}

/// How a phase ended.
pub(crate) enum End {
    Done,
    /// It failed, and the old revision is back.
    RolledBack(Failed),
    /// It failed and is left as it stands, as the strategy wishes.
    Held(Failed),
}

impl<'a> Executor<'a> {
    #[must_use]
    pub(crate) fn bringing_back(mut self, back: bool) -> Self {
        self.back = back;
        self
    }

    pub(crate) fn new(
        engine: &'a Engine,
        run: &'a Run,
        site: &'a Site,
        (plan, strategy): (&'a Plan, &'a Strategy),
    ) -> Self {
        let (progress, failures) = (Mutex::default(), AtomicUsize::new(0));
        Self {
            engine,
            run,
            site,
            plan,
            strategy,
            progress,
            failures,
            back: false,
            deaf: AtomicBool::new(false),
            no_return: Mutex::default(),
            attached: Mutex::default(),
            failing: Mutex::default(),
            excluded: Mutex::default(),
            chosen: Mutex::default(),
        }
    }

    /// As an earlier part of the plan has left it: past the point of no return, and without some instances.
    #[must_use]
    pub(crate) fn past(mut self, no_return: Option<String>, excluded: BTreeSet<InstanceName>) -> Self {
        self.no_return = Mutex::new(no_return);
        self.excluded = Mutex::new(excluded);
        self
    }

    /// Counts actions as begun that an earlier run carried out.
    pub(crate) fn begun(&self, actions: &[Action]) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        actions
            .iter()
            .for_each(|action| progress.begin(self.plan, action));
    }

    /// Counts what an earlier run of the same revision has left.
    pub(crate) fn left(&self, left: Progress) {
        let mut progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.started.extend(left.started);
        progress.stopped.extend(left.stopped);
        progress.routed |= left.routed;
    }

    /// Carries out a part of the plan; on failure does what the strategy says.
    pub(crate) async fn phase(&self, phase: Phase, situation: &Situation) -> Result<End, RunError> {
        let actions = match phase {
            Phase::Deploy => &self.plan.deploy,
            Phase::Cutover => &self.plan.cutover,
        };
        let cause = match self.forth(phase, actions).await {
            Ok(()) => return Ok(End::Done),
            Err(RunError::Failed(cause)) => cause,
            Err(other) => return Err(other),
        };
        if cause.is_aborted() {
            // In the midst of something, where it was only seen: who it was belongs to the record.
            self.run
                .hear(
                    &format!("{}/aborted", Course::Forth(phase).name()),
                    &[Told::Abort],
                )
                .await?;
        }
        self.run.failed_for_all(&cause);
        self.run
            .tell(Event::Failed {
                cause: cause.message.clone(),
                hint: cause.hint.clone(),
            })
            .await?;
        // Whoever aborts wants it back. What is confirmed has users who are well: that the old revision could not be
        // retired takes nothing back.
        let chosen = *self.chosen.lock().unwrap_or_else(PoisonError::into_inner);
        if chosen.is_none() {
            let key = format!("{}/failed", Course::Forth(phase).name());
            self.on_failure(&key, &cause).await?;
        }
        let hold = self.strategy.on_failure == OnFailure::Hold || chosen == Some(Choice::Hold);
        if hold && !cause.is_aborted() || self.progress().confirmed {
            return match self.held().await? {
                None => Ok(End::Held(cause)),
                Some(came_back) => self.back(situation, came_back).await,
            };
        }
        if let Some(hook) = self.no_return() {
            self.held().await?;
            return Ok(End::Held(frozen(cause, &hook)));
        }
        self.back(situation, cause).await
    }

    /// With those that are released together with this one.
    async fn forth(&self, phase: Phase, actions: &[Action]) -> Result<(), RunError> {
        self.access_began().await?;
        self.set_guard().await?;
        let course = Course::Forth(phase);
        match phase {
            Phase::Deploy => {
                self.actions(course, actions).await?;
                self.run.together("deploy/together", Gate::Deployed).await
            }
            Phase::Cutover => {
                self.run.together("cutover/turn", Gate::Cutover).await?;
                self.actions(course, actions).await?;
                let end = if self.back {
                    HookMoment::OnRollBack
                } else {
                    HookMoment::AfterRun
                };
                self.hooks(course.name(), end, About::Run).await
            }
        }
    }

    /// The way back from what has been done so far.
    async fn back(&self, situation: &Situation, cause: Failed) -> Result<End, RunError> {
        self.deaf.store(true, Ordering::Relaxed);
        let actions = roll_back(situation, &self.progress());
        let words = actions.iter().map(ToString::to_string).collect();
        self.run.tell(Event::RollingBack { actions: words }).await?;
        let went = async {
            self.back_unguarded().await?;
            self.actions(Course::Back, &actions).await?;
            let key = Course::Back.name();
            self.hooks(key, HookMoment::OnRollBack, About::Run).await
        };
        went.await.map_err(|error| match error {
            RunError::Failed(failed) => Failed {
                message: format!("the way back failed as well: {}", failed.message),
                hint: Some("`slipway status` shows what runs; `slipway rollback` tries again".to_owned()),
                passing: false,
            }
            .into(),
            interrupted => interrupted,
        })?;
        Ok(End::RolledBack(cause))
    }

    /// Whatever comes of these hooks, the cause stays the cause.
    pub(super) async fn on_failure(&self, key: &str, cause: &Failed) -> Result<(), RunError> {
        match self.hooks(key, HookMoment::OnFailure, About::Cause(cause)).await {
            Err(RunError::Failed(failed)) => {
                let text = failed.message;
                self.run.tell(Event::Note { text }).await
            }
            other => other,
        }
    }

    /// Takes away what an earlier run has left: the plan's new revision, as far as there is anything of it.
    pub(crate) async fn drop(&self) -> Result<(), RunError> {
        self.access_began().await?;
        self.drop_unguarded().await?;
        self.actions(Course::Drop, &self.plan.deploy).await
    }

    /// Whether people are heard in the midst of an action.
    pub(super) fn hears(&self) -> bool {
        !self.deaf.load(Ordering::Relaxed)
    }

    pub(super) fn no_return(&self) -> Option<String> {
        let no_return = self.no_return.lock().unwrap_or_else(PoisonError::into_inner);
        no_return.clone()
    }

    pub(super) fn excluded(&self) -> BTreeSet<InstanceName> {
        let excluded = self.excluded.lock().unwrap_or_else(PoisonError::into_inner);
        excluded.clone()
    }

    pub(super) fn attached(&self) -> BTreeSet<InstanceName> {
        let attached = self.attached.lock().unwrap_or_else(PoisonError::into_inner);
        attached.clone()
    }

    pub(super) fn progress(&self) -> Progress {
        self.progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn actions(&self, course: Course, actions: &[Action]) -> Result<(), RunError> {
        // Whoever has to approve has not yet.
        let first = actions
            .iter()
            .position(|action| !matches!(action, Action::Approve { .. }));
        for (position, action) in actions.iter().enumerate() {
            let key = format!("{}/{position}", course.name());
            if course == Course::Forth(Phase::Deploy) && first == Some(position) {
                self.hooks(course.name(), HookMoment::BeforeRun, About::Run)
                    .await?;
            }
            // What was carried out before an interruption counts as it went: it is to be gone back from.
            let next = format!("{}/{}/hear", course.name(), position + 1);
            if let Course::Forth(_) = course
                && !self.run.has(&next)
            {
                self.still_guarded().await?;
            }
            if let Course::Forth(_) = course
                && self.run.hear(&format!("{key}/hear"), &[Told::Abort]).await? == Told::Abort
            {
                return Err(Failed::aborted().into());
            }
            if let (Course::Forth(_), Action::Confirm { .. }) = (course, action) {
                self.verdict_of_all(&key).await?;
                self.good().await?;
            }
            let words = action.to_string();
            let started = Event::ActionStarted {
                position: position + 1,
                of: actions.len(),
                words: words.clone(),
            };
            self.run.tell(started).await?;
            self.progress
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .begin(self.plan, action);
            match course {
                Course::Forth(_) if self.strategy.on_failure == OnFailure::Ask => {
                    self.action_as_wished(&key, action).await?;
                }
                _ => self.action(&key, action).await?,
            }
            self.run
                .tell(Event::ActionFinished {
                    position: position + 1,
                    words,
                })
                .await?;
        }
        Ok(())
    }

    /// Has users while it waits for those that it is released together with, and may go bad meanwhile.
    async fn verdict_of_all(&self, key: &str) -> Result<(), RunError> {
        let mut meanwhile = Meanwhile::new(self);
        let gate = format!("{key}/together");
        self.run
            .together_as_long_as(&gate, Gate::Verdict, async || meanwhile.look().await)
            .await
    }

    pub(super) async fn action(&self, key: &str, action: &Action) -> Result<(), RunError> {
        match action {
            Action::Start { revision, instances }
            | Action::Replace {
                revision, instances, ..
            } => {
                self.hooks(key, HookMoment::BeforeBatch, About::Run).await?;
                self.start(key, *revision, instances).await?;
                self.hooks(key, HookMoment::AfterBatch, About::Run).await
            }
            Action::Adopt {
                revision,
                instances,
                changes,
            } => self.adopt(key, *revision, instances, *changes).await,
            Action::Route { shares, preview } => {
                let attached = self.newly_attached(action);
                self.hooks_of_each(key, HookMoment::BeforeAttach, &attached)
                    .await?;
                self.route(key, shares, *preview).await?;
                self.hooks_of_each(key, HookMoment::AfterAttach, &attached).await
            }
            Action::Check {
                revision,
                instances,
                checks,
            } => self.check(key, *revision, instances, checks).await,
            Action::Soak {
                revision,
                against,
                baseline,
                time,
                checks,
                analysis,
            } => {
                let watched = Watched {
                    revision: *revision,
                    against: *against,
                    baseline,
                };
                self.soak(key, watched, *time, (checks, analysis)).await
            }
            Action::Approve { what } => self.approve(key, what).await,
            Action::Drain { instances } => {
                self.hooks_of_each(key, HookMoment::BeforeDrain, instances)
                    .await?;
                self.drain(key, instances).await?;
                self.hooks_of_each(key, HookMoment::AfterDrain, instances).await
            }
            Action::Stop {
                revision,
                instances,
                outage,
            } => self.stop(key, *revision, instances, *outage).await,
            Action::Confirm { revision } => self.confirm(key, *revision).await,
        }
    }
}

fn frozen(cause: Failed, hook: &str) -> Failed {
    let message = format!(
        "{}; everything stays as it is, because hook {hook} was the point of no return",
        cause.message
    );
    Failed::new(message).hint(
        "`slipway run` brings what mends it; `slipway abort` takes the new revision away, and `slipway rollback` brings the old one back",
    )
}

//! Watching a revision for a time: looks at a steady pace, each recorded, so that what was watched before an
//! interruption counts and the time in which nobody watched does not.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::json;
use slipway_judge::Tally;
use slipway_manifest::{Analysis, Evidence, Level};
use slipway_model::{Digest, Duration as Span, InstanceName};
use slipway_plugin::{Instance, InstanceState, LogChunk};

use super::{
    Executor,
    score::{Decision, decide, ends_it, spare},
};
use crate::{
    Event, Failed, RunError,
    judge::{Look, Outcome, Sample, Verdict, is_lost, judge, level_of, message_of, outcome},
    run::Told,
};

pub(super) const PACE: Duration = Duration::from_secs(1);

/// Which revision is watched, and what it is compared with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched<'a> {
    pub(super) revision: Digest,
    pub(super) against: Option<Digest>,
    /// Of the other revision, those that are held apart; where there are none, all of it is.
    pub(super) baseline: &'a [InstanceName],
}

/// What has been seen of each revision, for each analysis; and how far the logs have been read.
#[derive(Default)]
pub(super) struct Watch {
    against: Option<Digest>,
    baseline: BTreeSet<InstanceName>,
    pub(super) samples: BTreeMap<(Digest, String), Sample>,
    /// What the router had counted at the last look.
    pub(super) requests: BTreeMap<(Digest, String), Tally>,
    cursors: BTreeMap<InstanceName, String>,
    nothing: Sample,
}

impl Watch {
    /// Whether an analysis looks only at those of this revision that are held apart.
    pub(super) fn compares_apart(&self, analysis: &Analysis, revision: Digest) -> bool {
        !self.baseline.is_empty() && self.against == Some(revision) && analysis.compares_with_baseline()
    }

    /// Whether an analysis looks at this instance.
    fn looks_at(&self, analysis: &Analysis, instance: &Instance) -> bool {
        !self.compares_apart(analysis, instance.revision) || self.baseline.contains(&instance.name)
    }

    fn of(&self, analysis: &Analysis, revision: Digest) -> &Sample {
        let sample = self.samples.get(&(revision, analysis.name.clone()));
        sample.unwrap_or(&self.nothing)
    }

    fn outcome(
        &self,
        analysis: &Analysis,
        (revision, against): (Digest, Option<Digest>),
        look: Look,
    ) -> Outcome {
        let other = against.map(|other| self.of(analysis, other));
        outcome(analysis, look, self.of(analysis, revision), other)
    }

    fn verdict(
        &self,
        analysis: &Analysis,
        (revision, against): (Digest, Option<Digest>),
        look: Look,
    ) -> Verdict {
        let other = against.map(|other| self.of(analysis, other));
        judge(analysis, revision, look, self.of(analysis, revision), other)
    }
}

impl Executor<'_> {
    pub(super) async fn soak(
        &self,
        key: &str,
        watched: Watched<'_>,
        time: Span,
        (checks, analyses): (&[String], &[String]),
    ) -> Result<(), RunError> {
        let (revision, against) = (watched.revision, watched.against);
        let analyses: Vec<&Analysis> = self
            .strategy
            .analyses
            .iter()
            .filter(|analysis| analyses.contains(&analysis.name))
            .collect();
        let checks: Vec<_> = self
            .strategy
            .checks
            .iter()
            .filter(|check| checks.contains(&check.name))
            .collect();
        let pace = PACE.min(time.std());
        let looks_in = |time: Span| time.std().as_millis().div_ceil(pace.as_millis().max(1)) as u32;
        let looks = looks_in(time);
        let longest = analyses.iter().map(|analysis| looks_in(analysis.extend)).max();
        let revisions: Vec<Digest> = [Some(revision), against].into_iter().flatten().collect();
        let mut watch = Watch {
            against,
            baseline: watched.baseline.iter().cloned().collect(),
            ..Watch::default()
        };
        self.look(&format!("{key}/begin"), &revisions, &analyses, None, &mut watch)
            .await?;
        let spare = spare(self.strategy, &analyses);
        let mut promoted = false;
        for look in 0..looks + longest.unwrap_or(0) {
            // What can be said is said when the time is over, and the rest when there is enough to say it.
            if look >= looks {
                let more = |analysis: &&Analysis| look - looks < looks_in(analysis.extend);
                let unclear = |analysis: &&Analysis| {
                    watch.outcome(analysis, (revision, against), Look::Last) == Outcome::Inconclusive
                };
                if !analyses
                    .iter()
                    .any(|analysis| more(analysis) && unclear(analysis))
                {
                    break;
                }
            }
            let key = format!("{key}/{look}");
            self.run.pause_recorded(&format!("{key}/pause"), pace).await?;
            match self
                .run
                .hear(&format!("{key}/hear"), &[Told::Promote, Told::Abort])
                .await?
            {
                Told::Abort => return Err(Failed::aborted().into()),
                Told::Promote => {
                    promoted = true;
                    break;
                }
                _ => {}
            }
            let instances = self
                .look(&key, &revisions, &analyses, Some((look, pace)), &mut watch)
                .await?;
            self.alive(revision, &instances)?;
            let asked: Vec<Instance> = instances
                .into_iter()
                .filter(|instance| instance.revision == revision)
                .collect();
            for check in checks.iter().filter(|check| due(look, pace, check.interval)) {
                let verdict = self
                    .verdict(&format!("{key}/check/{}", check.name), check, revision, &asked)
                    .await?;
                if verdict.outcome != Outcome::Pass {
                    self.heed(verdict).await?;
                }
            }
            for analysis in &analyses {
                let early = Look::Early {
                    of: looks / every(pace, analysis.interval),
                };
                let due = due(look + 1, pace, analysis.interval) && look + 1 < looks;
                let lost = || is_lost(analysis, watch.of(analysis, revision));
                if !(due || analysis.critical || lost()) {
                    continue;
                }
                // A comparison is made now and then, because each one is a chance to be wrong.
                let against = against.filter(|_| due);
                if ends_it(analysis, spare)
                    && watch.outcome(analysis, (revision, against), early) == Outcome::Fail
                {
                    let verdict = watch.verdict(analysis, (revision, against), early);
                    self.heed(verdict).await?;
                }
            }
        }
        let mut verdicts: Vec<_> = analyses
            .iter()
            .map(|analysis| watch.verdict(analysis, (revision, against), Look::Last))
            .collect();
        let outcomes = analyses.iter().zip(&verdicts);
        match decide(
            outcomes.map(|(analysis, verdict)| (*analysis, verdict.outcome)),
            spare,
        ) {
            Decision::Bad { first } => {
                let last = verdicts.swap_remove(first);
                self.judged(verdicts).await?;
                self.heed(last).await
            }
            Decision::Unclear { all } if !promoted => {
                let names: Vec<_> = all.iter().map(|at| verdicts[*at].name.clone()).collect();
                let (unclear, others): (Vec<_>, Vec<_>) = verdicts
                    .into_iter()
                    .partition(|verdict| names.contains(&verdict.name));
                self.judged(others).await?;
                for verdict in unclear {
                    let key = format!("{key}/unclear/{}", verdict.name);
                    self.hold_unclear(&key, verdict).await?;
                }
                Ok(())
            }
            // Whoever has said so already is not asked again.
            Decision::Good | Decision::Unclear { .. } => self.judged(verdicts).await,
        }
    }

    /// Tells of verdicts that decide nothing; of one that is no pass, what it says.
    async fn judged(&self, verdicts: Vec<Verdict>) -> Result<(), RunError> {
        for verdict in verdicts {
            let good = verdict.outcome == Outcome::Pass;
            let text = format!("{}: {}: {}", verdict.name, verdict.outcome.word(), verdict.detail);
            self.run.tell(Event::Judged { verdict }).await?;
            if !good {
                self.run.tell(Event::Note { text }).await?;
            }
        }
        Ok(())
    }

    /// People know what nobody can tell from numbers.
    async fn hold_unclear(&self, key: &str, verdict: Verdict) -> Result<(), RunError> {
        let reason = format!(
            "somebody who knows better, because {} is inconclusive: {}; `slipway promote {place}` goes on, `slipway abort {place}` goes back",
            verdict.name,
            verdict.detail,
            place = self.plan.environment,
        );
        self.run.tell(Event::Judged { verdict }).await?;
        let told = self
            .wait_for_people(key, reason, &[Told::Promote, Told::Abort], |told| {
                told != Told::Nothing
            })
            .await?;
        if told == Told::Abort {
            return Err(Failed::aborted().into());
        }
        self.goes_on(key, "promoted").await
    }

    /// One look at everything: the instances, their requests and logs since the last look, their metrics. The first one,
    /// which has no number, only finds where everything stands.
    async fn look(
        &self,
        key: &str,
        revisions: &[Digest],
        analyses: &[&Analysis],
        passed: Option<(u32, Duration)>,
        watch: &mut Watch,
    ) -> Result<Vec<Instance>, RunError> {
        let mut instances = self.observe(&format!("{key}/observe")).await?;
        let excluded = self.excluded();
        instances
            .retain(|instance| revisions.contains(&instance.revision) && !excluded.contains(&instance.name));
        if analyses
            .iter()
            .any(|analysis| matches!(analysis.evidence, Evidence::Logs { .. }))
        {
            for instance in &instances {
                let cursor = watch.cursors.remove(&instance.name).unwrap_or_default();
                let key = format!("{key}/logs/{}", instance.name);
                let (text, cursor) = self.read_logs(&key, &instance.name, cursor).await?;
                watch.cursors.insert(instance.name.clone(), cursor);
                // The first look only finds where the logs stand.
                if passed.is_some() {
                    count(analyses, instance, &text, watch);
                }
            }
        }
        self.requests(key, revisions, analyses, watch).await?;
        let Some((look, pace)) = passed else {
            return Ok(instances);
        };
        for analysis in analyses {
            for revision in revisions {
                let place = (*revision, analysis.name.clone());
                watch.samples.entry(place.clone()).or_default().seconds += pace.as_secs_f64();
                if let Evidence::Metrics { source, .. } = &analysis.evidence
                    && due(look, pace, analysis.every)
                {
                    let key = format!("{key}/metrics/{}/{}", analysis.name, revision.short());
                    let seen: Vec<Instance> = (instances.iter())
                        .filter(|instance| watch.looks_at(analysis, instance))
                        .cloned()
                        .collect();
                    let measured = self.measure(&key, source, *revision, &seen).await?;
                    let sample = watch.samples.entry(place).or_default();
                    sample.trouble = measured.map(|measured| sample.add(measured)).err();
                }
            }
        }
        Ok(instances)
    }

    /// Everything that an instance logged after a cursor.
    pub(super) async fn read_logs(
        &self,
        key: &str,
        name: &InstanceName,
        mut cursor: String,
    ) -> Result<(String, String), RunError> {
        let mut text = Vec::new();
        for piece in 0_u32.. {
            let (target, place) = (&self.site.target, &self.site.place);
            let request = json!({ "logs": name, "after": cursor });
            let chunk: LogChunk = self
                .run
                .call(&format!("{key}/{piece}"), request, |call| {
                    target.logs(
                        self.site.grants(call),
                        place.clone(),
                        name.clone(),
                        cursor.clone(),
                    )
                })
                .await?;
            text.extend_from_slice(&chunk.content);
            cursor = chunk.next;
            if chunk.end {
                break;
            }
        }
        Ok((String::from_utf8_lossy(&text).into_owned(), cursor))
    }

    /// An instance that died while users were on it fails the soak at once.
    pub(super) fn alive(&self, revision: Digest, instances: &[Instance]) -> Result<(), Failed> {
        let excluded = self.excluded();
        let dead = instances.iter().find(|instance| {
            instance.revision == revision
                && !excluded.contains(&instance.name)
                && matches!(
                    instance.state,
                    InstanceState::Failed | InstanceState::Stopped | InstanceState::Unhealthy
                )
        });
        match dead {
            None => Ok(()),
            Some(instance) => Err(Failed::new(format!(
                "{} is {:?}: {}",
                instance.name, instance.state, instance.detail
            ))),
        }
    }
}

fn count(analyses: &[&Analysis], instance: &Instance, text: &str, watch: &mut Watch) {
    let revision = instance.revision;
    for analysis in analyses {
        if !watch.looks_at(analysis, instance) {
            continue;
        }
        let Evidence::Logs {
            pattern,
            level,
            value,
            bounds,
        } = &analysis.evidence
        else {
            continue;
        };
        let sample = watch
            .samples
            .entry((revision, analysis.name.clone()))
            .or_default();
        let mut tally = Tally::default();
        for line in text.lines() {
            tally.of += 1;
            let wanted = pattern.as_ref().is_none_or(|pattern| pattern.is_match(line));
            let grave = level.is_none_or(|least| level_of(line).is_some_and(|level: Level| level >= least));
            if wanted && grave {
                tally.events += 1;
                let number = value.as_ref().zip(pattern.as_ref());
                let number = number.and_then(|(value, pattern)| pattern.group(line, value)?.parse().ok());
                number.into_iter().for_each(|number| sample.spread.add(number));
                if bounds.no_new.is_some() {
                    sample.kinds.add(&message_of(line));
                }
                sample
                    .example
                    .get_or_insert_with(|| line.chars().take(200).collect());
            }
        }
        if tally.of > 0 {
            sample.tallies.push(tally);
        }
    }
}

/// Whether something that happens every `interval` is due at this look.
pub(super) fn due(look: u32, pace: Duration, interval: Span) -> bool {
    look.is_multiple_of(every(pace, interval))
}

/// In looks.
fn every(pace: Duration, interval: Span) -> u32 {
    let every = interval.std().as_millis() / pace.as_millis().max(1);
    u32::try_from(every).unwrap_or(u32::MAX).max(1)
}

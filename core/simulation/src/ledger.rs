//! What is durable of the ledger: the rules of a store, over maps.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;
use slipway_journal::{
    Body, Cutover, Entry, EnvironmentState, Error, Generation, Holder, Lease, Line, NewRun, Record, Result,
    Run, RunFilter, RunState, Scope, Signal, Signalled,
};
use slipway_model::{Digest, RunId};

#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) leases: BTreeMap<Scope, Row>,
    /// In the order in which they began.
    pub(crate) runs: Vec<Kept>,
    environments: BTreeMap<Scope, (Generation, EnvironmentState)>,
    plugin_states: BTreeMap<(Scope, String), Value>,
    cutovers: BTreeMap<Scope, Cutover>,
}

#[derive(Default)]
pub(crate) struct Row {
    pub(crate) token: u64,
    pub(crate) held: Option<Held>,
}

pub(crate) struct Held {
    pub(crate) holder: Holder,
    pub(crate) run: RunId,
    /// The number of the process.
    pub(crate) process: u64,
}

pub(crate) struct Kept {
    pub(crate) run: Run,
    pub(crate) records: Vec<Record>,
    /// What was intended and has no outcome, by activity.
    pub(crate) open: BTreeMap<String, Value>,
    bodies: BTreeMap<Digest, Vec<u8>>,
    signals: Vec<Signalled>,
}

impl Ledger {
    pub(crate) fn check(&self, lease: &Lease) -> Result<()> {
        let row = self.leases.get(&lease.scope);
        let held = row
            .filter(|row| row.token == lease.token)
            .and_then(|row| row.held.as_ref());
        match held {
            Some(held) if held.run == lease.run => Ok(()),
            _ => Err(Error::Fenced {
                scope: lease.scope.clone(),
                token: lease.token,
            }),
        }
    }

    pub(crate) fn create(&mut self, lease: &Lease, new: NewRun, now: Timestamp) -> Result<()> {
        self.check(lease)?;
        if self.kept(&new.id).is_ok() {
            return Err(Error::RunExists(new.id));
        }
        let entry = Entry::Started {
            steps: new.steps.clone(),
        };
        let run = Run {
            id: new.id,
            service: lease.scope.service.clone(),
            environment: lease.scope.environment.clone(),
            steps: new.steps,
            state: RunState::Running,
            started: now,
            ended: None,
            plan: new.plan,
            summary: String::new(),
            holder: None,
        };
        self.runs.push(Kept {
            run,
            records: vec![Record {
                seq: 1,
                at: now,
                entry,
            }],
            open: BTreeMap::new(),
            bodies: BTreeMap::new(),
            signals: Vec::new(),
        });
        Ok(())
    }

    pub(crate) fn append(&mut self, lease: &Lease, lines: Vec<Line>, bodies: Vec<Body>) -> Result<()> {
        self.check(lease)?;
        let kept = self.kept_mut(&lease.run)?;
        for line in &lines {
            let record = Record::from_line(line.text()).expect("a line is of a record");
            let expected = kept.records.len() as u64 + 1;
            if record.seq != expected {
                return Err(Error::Gap {
                    run: lease.run.clone(),
                    expected,
                    found: record.seq,
                });
            }
            match &record.entry {
                Entry::Intent {
                    activity, request, ..
                } => {
                    kept.open.insert(activity.clone(), request.clone());
                }
                Entry::Outcome { activity, .. } => drop(kept.open.remove(activity)),
                Entry::Waiting { .. } => kept.run.state = RunState::Waiting,
                Entry::Continued { .. } => kept.run.state = RunState::Running,
                Entry::Ended { ending, summary } => {
                    kept.run.state = (*ending).into();
                    kept.run.ended = Some(record.at);
                    kept.run.summary.clone_from(summary);
                }
                _ => {}
            }
            kept.records.push(record);
        }
        for Body { digest, bytes } in bodies {
            kept.bodies.entry(digest).or_insert(bytes);
        }
        Ok(())
    }

    pub(crate) fn body(&self, run: &RunId, digest: Digest) -> Result<Option<Vec<u8>>> {
        Ok(self.kept(run)?.bodies.get(&digest).cloned())
    }

    pub(crate) fn list(&self, filter: &RunFilter) -> Vec<Run> {
        let wanted = |run: &&Kept| {
            let run = &run.run;
            filter
                .service
                .as_ref()
                .is_none_or(|service| *service == run.service)
                && filter
                    .environment
                    .as_ref()
                    .is_none_or(|environment| *environment == run.environment)
                && filter.state.is_none_or(|state| state == run.state)
        };
        let most = filter.limit.map_or(usize::MAX, |limit| limit as usize);
        let newest_first = self.runs.iter().rev();
        newest_first
            .filter(wanted)
            .take(most)
            .map(|kept| self.with_holder(kept))
            .collect()
    }

    pub(crate) fn by_prefix(&self, prefix: &str) -> Result<Run> {
        let found = self
            .runs
            .iter()
            .find(|kept| kept.run.id.as_str().starts_with(prefix));
        found
            .map(|kept| self.with_holder(kept))
            .ok_or_else(|| Error::NoSuchRun(prefix.to_owned()))
    }

    pub(crate) fn signal(&mut self, run: &RunId, signal: Signal) -> Result<()> {
        let signals = &mut self.kept_mut(run)?.signals;
        let cursor = signals.len() as u64 + 1;
        signals.push(Signalled { cursor, signal });
        Ok(())
    }

    pub(crate) fn signals(&self, run: &RunId, after: u64) -> Result<Vec<Signalled>> {
        let signals = self.kept(run)?.signals.iter();
        Ok(signals
            .filter(|signalled| signalled.cursor > after)
            .cloned()
            .collect())
    }

    pub(crate) fn environment(&self, scope: &Scope) -> (Generation, EnvironmentState) {
        self.environments.get(scope).cloned().unwrap_or_default()
    }

    pub(crate) fn set_environment(
        &mut self,
        lease: &Lease,
        expected: Generation,
        state: EnvironmentState,
    ) -> Result<Generation> {
        self.check(lease)?;
        let (found, _) = self.environment(&lease.scope);
        if found != expected {
            return Err(Error::Conflict {
                scope: lease.scope.clone(),
                expected,
                found,
            });
        }
        self.environments.insert(lease.scope.clone(), (found + 1, state));
        Ok(found + 1)
    }

    pub(crate) fn plugin_state(&self, scope: &Scope, plugin: &str) -> Option<Value> {
        self.plugin_states
            .get(&(scope.clone(), plugin.to_owned()))
            .cloned()
    }

    pub(crate) fn set_plugin_state(&mut self, lease: &Lease, plugin: &str, state: Value) -> Result<()> {
        self.check(lease)?;
        self.plugin_states
            .insert((lease.scope.clone(), plugin.to_owned()), state);
        Ok(())
    }

    pub(crate) fn record_cutover(&mut self, lease: &Lease, cutover: Cutover) -> Result<()> {
        self.check(lease)?;
        self.cutovers.insert(lease.scope.clone(), cutover);
        Ok(())
    }

    pub(crate) fn last_cutover(&self, scope: &Scope) -> Option<Cutover> {
        self.cutovers.get(scope).cloned()
    }

    pub(crate) fn kept(&self, run: &RunId) -> Result<&Kept> {
        let found = self.runs.iter().find(|kept| kept.run.id == *run);
        found.ok_or_else(|| Error::NoSuchRun(run.to_string()))
    }

    fn kept_mut(&mut self, run: &RunId) -> Result<&mut Kept> {
        let found = self.runs.iter_mut().find(|kept| kept.run.id == *run);
        found.ok_or_else(|| Error::NoSuchRun(run.to_string()))
    }

    fn with_holder(&self, kept: &Kept) -> Run {
        let row = self.leases.get(&kept.run.scope());
        let held = row
            .and_then(|row| row.held.as_ref())
            .filter(|held| held.run == kept.run.id);
        Run {
            holder: held.map(|held| held.holder.clone()),
            ..kept.run.clone()
        }
    }
}

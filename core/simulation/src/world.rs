//! The place that services are deployed to: its instances, where its users go, and what it was told that must not be
//! told twice. What no action may ever do is checked here, at the moment at which it is done.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use slipway_model::{Digest, InstanceName, RunId};
use slipway_plugin::{
    Ended, Failure, FailureKind, Flow, Instance, InstanceSpec, InstanceState, ObservedRoute, Port, Routing,
};
use tokio::time::{Duration, Instant};

use crate::{
    guard::Guard,
    manifest::SECOND,
    scenario::{Break, Fate, Scenario, Strategy},
    tasks::Tasks,
    trace::Trace,
};

/// How long an instance takes to begin.
const BEGINS: Duration = Duration::from_millis(700);
/// How long one lives that dies.
const LIVES: Duration = Duration::from_secs(4);
/// How often an instance says something.
const SAYS: Duration = Duration::from_millis(200);

pub(crate) struct World {
    inner: Mutex<Inner>,
    trace: Arc<Trace>,
    pub(crate) scenario: Scenario,
}

#[derive(Default)]
struct Inner {
    instances: BTreeMap<InstanceName, Running>,
    routing: Routing,
    /// The greatest token that has been seen.
    fence: u64,
    /// Those that were ever started, with what they are made of.
    revisions: BTreeMap<Digest, Digest>,
    announced: BTreeMap<(RunId, String), u32>,
    guard: Option<Guard>,
    /// How many effects plugins have begun.
    begun: u64,
    /// In which runs a plugin broke.
    broke: BTreeSet<RunId>,
    /// A dead man's switch has gone off.
    came_back: bool,
    tasks: Tasks,
    /// There is something that users are on, and can go back to.
    settled: bool,
}

struct Running {
    revision: Digest,
    began: Instant,
}

impl World {
    pub(crate) fn new(scenario: Scenario, trace: Arc<Trace>) -> Self {
        Self {
            inner: Mutex::default(),
            trace,
            scenario,
        }
    }

    /// Whoever comes with an older token than another is too late.
    pub(crate) fn admit(&self, token: u64) -> Result<(), Failure> {
        let mut inner = self.lock();
        if token < inner.fence {
            let text = format!("fenced: token {token}, and {} was seen", inner.fence);
            return Err(Failure::new(FailureKind::Refused, text));
        }
        inner.fence = token;
        Ok(())
    }

    /// Whether the plugin breaks in what it begins now, and when.
    pub(crate) fn breaks(&self, run: &RunId) -> Option<Break> {
        let mut inner = self.lock();
        inner.begun += 1;
        let breaks = self.scenario.breaks.filter(|breaks| breaks.at == inner.begun)?;
        inner.broke.insert(run.clone());
        Some(breaks)
    }

    pub(crate) fn came_back(&self) -> bool {
        self.lock().came_back
    }

    pub(crate) fn broken(&self) -> u64 {
        self.lock().broke.len() as u64
    }

    pub(crate) fn has_broken(&self, run: &RunId) -> bool {
        self.lock().broke.contains(run)
    }

    /// Sets the dead man's switch, renews it, or takes it away. Answers what came of one that has gone off.
    pub(crate) fn guard(&self, seconds: u32) -> Option<String> {
        let mut inner = self.lock();
        if seconds == 0 {
            return inner.guard.take().and_then(|mut guard| guard.renew(0));
        }
        if let Some(guard) = &mut inner.guard {
            return guard.renew(seconds);
        }
        let seen = |(name, running): (&InstanceName, &Running)| (name.clone(), running.revision);
        inner.guard = Some(Guard {
            deadline: Instant::now() + Duration::from_secs(seconds.into()),
            gone_off: false,
            instances: inner.instances.iter().map(seen).collect(),
            routing: inner.routing.clone(),
        });
        None
    }

    /// Refuses whoever would change what has come back by itself.
    pub(crate) fn stands(&self) -> Result<(), Failure> {
        self.lock().guard.as_ref().map_or(Ok(()), Guard::check)
    }

    /// Begins a task, or looks how it is.
    pub(crate) fn execute(&self, name: &InstanceName, begun: bool) -> Result<Option<Ended>, Failure> {
        let ended = self.lock().tasks.execute(name, begun);
        ended.map_err(|wrong| {
            self.trace.violation(format_args!("task {name} {wrong}"));
            Failure::new(FailureKind::Failed, wrong)
        })
    }

    pub(crate) fn dismiss(&self, name: &InstanceName) {
        self.lock().tasks.dismiss(name);
    }

    /// Those that nobody has dismissed.
    pub(crate) fn tasks(&self) -> Vec<InstanceName> {
        self.lock().tasks.left()
    }

    pub(crate) fn start(&self, spec: &InstanceSpec) {
        self.change(&format!("start {}", spec.name), |inner| {
            inner.revisions.insert(spec.revision, spec.blob);
            if self.scenario.in_place {
                let place = place_of(&spec.name);
                let others = |name: &InstanceName, running: &mut Running| {
                    running.revision == spec.revision || place_of(name) != place
                };
                inner.instances.retain(others);
            }
            let running = Running {
                revision: spec.revision,
                began: Instant::now(),
            };
            inner.instances.entry(spec.name.clone()).or_insert(running);
        });
    }

    pub(crate) fn stop(&self, name: &InstanceName) {
        self.change(&format!("stop {name}"), |inner| {
            inner.instances.remove(name);
        });
    }

    pub(crate) fn route(&self, routing: Routing) {
        let words: Vec<_> = routing
            .shares
            .iter()
            .map(|share| format!("{} {} %", share.revision.short(), share.weight))
            .collect();
        self.change(&format!("route {}", words.join(", ")), |inner| {
            inner.routing = routing
        });
    }

    /// Something that must not happen twice, by the activity that it is recorded as.
    pub(crate) fn announce(&self, run: &RunId, activity: String) {
        let mut inner = self.lock();
        let count = inner
            .announced
            .entry((run.clone(), activity.clone()))
            .or_default();
        *count += 1;
        if *count > 1 {
            self.trace
                .violation(format_args!("`{activity}` of run {run} happened {count} times"));
        }
    }

    pub(crate) fn was_announced(&self, run: &RunId, activity: &str) -> bool {
        self.lock()
            .announced
            .contains_key(&(run.clone(), activity.to_owned()))
    }

    pub(crate) fn observe(&self) -> Vec<Instance> {
        let inner = self.lock();
        inner
            .instances
            .iter()
            .map(|(name, running)| self.seen(&inner, name, running))
            .collect()
    }

    pub(crate) fn probe(&self, name: &InstanceName) -> Option<Instance> {
        let inner = self.lock();
        inner
            .instances
            .get(name)
            .map(|running| self.seen(&inner, name, running))
    }

    pub(crate) fn routing(&self) -> Routing {
        self.lock().routing.clone()
    }

    pub(crate) fn flows(&self) -> ObservedRoute {
        let inner = self.lock();
        let of_share = |share: &slipway_plugin::Share| {
            let (revision, weight) = (share.revision, share.weight);
            let flow = |backend: &slipway_plugin::Backend| Flow {
                revision,
                instance: backend.instance.clone(),
                weight,
                in_flight: 0,
            };
            share.backends.iter().map(flow).collect::<Vec<_>>()
        };
        ObservedRoute {
            flows: inner.routing.shares.iter().flat_map(of_share).collect(),
            ..ObservedRoute::default()
        }
    }

    /// The status with which an instance answers, if it does.
    pub(crate) fn answer(&self, name: &InstanceName) -> Option<u16> {
        let inner = self.lock();
        let running = inner.instances.get(name)?;
        let healthy = self.state(&inner, running) == InstanceState::Healthy;
        let fails = self.fate(&inner, running.revision) == Fate::FailsChecks;
        healthy.then_some(if fails { 500 } else { 200 })
    }

    /// What an instance has said since it said so many lines, and how many it has said.
    pub(crate) fn said(&self, name: &InstanceName, after: u64) -> (String, u64) {
        let inner = self.lock();
        let Some(running) = inner.instances.get(name) else {
            return (String::new(), after);
        };
        let errs = self.fate(&inner, running.revision) == Fate::LogsErrors;
        let until = running.began.elapsed().as_millis() / SAYS.as_millis();
        let until = u64::try_from(until).unwrap_or(u64::MAX).min(after + 1000);
        let line = |number| match errs && number % 2 == 0 {
            true => format!("ERROR number {number}\n"),
            false => format!("line {number}\n"),
        };
        ((after..until).map(line).collect(), until.max(after))
    }

    /// From here on there is always something that users can go back to.
    pub(crate) fn settle(&self) {
        self.lock().settled = true;
    }

    /// Nothing is wrong with this revision.
    pub(crate) fn is_sound(&self, revision: Digest) -> bool {
        self.fate(&self.lock(), revision) == Fate::Well
    }

    /// Does something, and looks whether users have lost by it what they had.
    fn change(&self, what: &str, change: impl FnOnce(&mut Inner)) {
        let mut inner = self.lock();
        let before = self.served(&inner);
        change(&mut inner);
        self.trace.say(format_args!("world: {what}"));
        if before && inner.settled && !self.served(&inner) && !self.has_outages() {
            self.trace.violation(format_args!(
                "after `{what}` users are without a healthy instance"
            ));
        }
    }

    /// Users find somebody: none of those that they are sent to is missing, and somebody answers.
    fn served(&self, inner: &Inner) -> bool {
        let healthy = |name: &InstanceName| {
            let running = inner.instances.get(name);
            running.is_some_and(|running| self.state(inner, running) == InstanceState::Healthy)
        };
        if !self.scenario.router {
            return inner.instances.keys().any(healthy);
        }
        let shares = inner.routing.shares.iter().filter(|share| share.weight > 0);
        let mut backends = shares.flat_map(|share| &share.backends).peekable();
        let some = backends.peek().is_some();
        some && backends
            .all(|backend| inner.instances.contains_key(&backend.instance) && healthy(&backend.instance))
    }

    /// Where one revision at a time is all that can be, there is a time without.
    fn has_outages(&self) -> bool {
        let Scenario {
            strategy,
            side_by_side,
            fate,
            ..
        } = self.scenario;
        strategy == Strategy::Recreate || !side_by_side || fate == Fate::Dies
    }

    fn seen(&self, inner: &Inner, name: &InstanceName, running: &Running) -> Instance {
        let address = format!("{name}:80");
        Instance {
            name: name.clone(),
            revision: running.revision,
            state: self.state(inner, running),
            ports: vec![Port {
                name: "http".to_owned(),
                address,
            }],
            since: None,
            restarts: 0,
            detail: String::new(),
        }
    }

    fn state(&self, inner: &Inner, running: &Running) -> InstanceState {
        let age = running.began.elapsed();
        match self.fate(inner, running.revision) {
            Fate::NeverHealthy => InstanceState::Starting,
            _ if age < BEGINS => InstanceState::Starting,
            Fate::Dies if age > LIVES => InstanceState::Failed,
            _ => InstanceState::Healthy,
        }
    }

    /// The second version has one, all others are well.
    fn fate(&self, inner: &Inner, revision: Digest) -> Fate {
        let second = Digest::of(SECOND);
        match inner.revisions.get(&revision) {
            Some(made_of) if *made_of == second => self.scenario.fate,
            _ => Fate::Well,
        }
    }

    /// As it is now: what should have come back meanwhile has.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let gone_off = inner.guard.as_mut().and_then(|guard| {
            let began = guard.goes_off()?;
            Some((began, guard.instances.clone(), guard.routing.clone()))
        });
        if let Some((began, instances, routing)) = gone_off {
            inner.came_back = true;
            self.trace
                .say(format_args!("world: what ran comes back by itself"));
            inner.instances.retain(|name, _| instances.contains_key(name));
            for (name, revision) in instances {
                let running = Running { revision, began };
                inner.instances.entry(name).or_insert(running);
            }
            inner.routing = routing;
        }
        inner
    }
}

/// The number of an instance among those of its revision: where one stands in the place of another.
fn place_of(name: &InstanceName) -> &str {
    name.as_str().rsplit('-').next().unwrap_or_default()
}

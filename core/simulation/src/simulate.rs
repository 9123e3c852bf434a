//! The story of one seed: a version is released, then a second one, perhaps people go back; and all the while processes
//! die and others go on with what they have left.

use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64},
    },
    time::Duration,
};

use slipway_engine::{Ambient, Engine, Step, Work, Workspace};
use slipway_journal::Scope;
use slipway_model::{Digest, RunId};
use slipway_registry::{Anonymous, Client, Patience};
use tempfile::TempDir;
use tokio::{
    runtime::Builder,
    sync::OnceCell,
    task::{JoinHandle, LocalSet, spawn_local},
    time::Instant,
};

use crate::{
    attempt::{Attempt, attempt},
    chance::Chance,
    disk::Disk,
    manifest::{ARTIFACT, ENVIRONMENT, FIRST, SECOND, SERVICE, manifest},
    meddler::Meddler,
    operator::{Listener, SimulatedHttp, SimulatedOperator, SimulatedTime},
    oracle::Oracle,
    plugins::SimulatedPlugins,
    process::{Plan, Process},
    scenario::{Fate, Scenario},
    store::Handle,
    trace::Trace,
    wire::Wire,
    world::World,
};

/// What came of a seed.
#[derive(Debug, Clone)]
pub struct Told {
    pub seed: u64,
    /// Of all that happened.
    pub digest: Digest,
    /// All that happened, where it was asked for.
    pub lines: Vec<String>,
    /// What must never happen.
    pub violations: Vec<String>,
    pub runs: u64,
    pub killed: u64,
    pub stopped: u64,
    /// Calls in which a plugin broke.
    pub broken: u64,
}

/// So many processes may be killed in one run; then one is left alone.
const KILLS: u64 = 6;
/// Whoever needs more does not get on.
const PROCESSES: u64 = 200;
/// A run of which the end is further away does not end.
const LONGEST: Duration = Duration::from_secs(4 * 3600);

struct Story {
    scenario: Scenario,
    chance: Chance,
    trace: Arc<Trace>,
    world: Arc<World>,
    disk: Arc<Disk>,
    ambient: Arc<SimulatedTime>,
    folder: TempDir,
    client: Client,
    processes: u64,
    killed: u64,
    stopped: u64,
    /// What each run brings.
    fates: BTreeMap<RunId, Fate>,
    /// Those that were stopped, and go on one day.
    sleepers: Vec<(JoinHandle<Attempt>, Arc<Process>)>,
}

/// `kept`: with all that happened, in words.
pub fn simulate(scenario: Scenario, kept: bool) -> io::Result<Told> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()?;
    LocalSet::new().block_on(&runtime, async { Story::begin(scenario, kept)?.tell().await })
}

impl Story {
    fn begin(scenario: Scenario, kept: bool) -> io::Result<Self> {
        let chance = Chance::of(scenario.seed);
        let trace = Arc::new(Trace::new(kept));
        trace.say(format_args!("{scenario:?}"));
        let ambient = SimulatedTime {
            began: Instant::now(),
            runs: AtomicU64::new(0),
        };
        // In memory, where the machine has such a folder: nothing here outlives a seed.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory)?
        } else {
            tempfile::tempdir()?
        };
        fs::write(folder.path().join("deploy.toml"), manifest(&scenario))?;
        Ok(Self {
            world: Arc::new(World::new(scenario.clone(), trace.clone())),
            disk: Arc::new(Disk::new(&scenario)),
            ambient: Arc::new(ambient),
            client: Client::new(Anonymous, Patience::default()).map_err(io::Error::other)?,
            processes: 0,
            killed: 0,
            stopped: 0,
            fates: BTreeMap::new(),
            sleepers: Vec::new(),
            scenario,
            chance,
            trace,
            folder,
        })
    }

    async fn tell(mut self) -> io::Result<Told> {
        let meddler = Meddler {
            disk: self.disk.clone(),
            ambient: self.ambient.clone(),
            chance: self.chance.fork(),
            trace: self.trace.clone(),
        };
        let scenario = self.scenario.clone();
        let meddling = spawn_local(async move { meddler.meddle(&scenario).await });
        let first = self.release(FIRST)?;
        self.deliver(Some(first), (self.scenario.kills_first, Fate::Well))
            .await;
        let second = self.release(SECOND)?;
        self.overtake();
        self.deliver(Some(second), (true, self.scenario.fate)).await;
        if self.scenario.rolls_back
            && let Some(revision) = self.former()
        {
            self.deliver(Some(Work::RollBack { revision }), (true, Fate::Well))
                .await;
        }
        for (sleeper, process) in std::mem::take(&mut self.sleepers) {
            tokio::select! {
                biased;
                _ended = sleeper => {}
                () = process.dead() => {}
                () = tokio::time::sleep(LONGEST) => {
                    self.trace.violation("a process that was stopped never ends");
                }
            }
        }
        self.finish().await;
        meddling.abort();
        let (digest, lines, violations) = self.trace.take();
        let runs = self.disk.with(|ledger| ledger.runs.len() as u64);
        Ok(Told {
            seed: self.scenario.seed,
            digest,
            lines,
            violations,
            runs,
            killed: self.killed,
            stopped: self.stopped,
            broken: self.world.broken(),
        })
    }

    /// Whoever was stopped before its run began brings what is there when it goes on.
    fn overtake(&mut self) {
        let begun = |id: &RunId| self.disk.with(|ledger| ledger.by_prefix(id.as_str()).is_ok());
        for (id, fate) in &mut self.fates {
            if !begun(id) {
                *fate = self.scenario.fate;
            }
        }
    }

    /// What those have left that were stopped and went on.
    async fn finish(&mut self) {
        let last = || {
            self.disk
                .with(|ledger| ledger.runs.last().map(|kept| kept.run.id.clone()))
        };
        let Some(last) = last() else { return };
        if self.unfinished().is_none() {
            return self.look(&last);
        }
        self.deliver(None, (false, Fate::Well)).await;
    }

    /// All four steps of a version.
    fn release(&self, version: &str) -> io::Result<Work> {
        fs::write(self.folder.path().join(ARTIFACT), version)?;
        Ok(Work::Steps {
            steps: vec![Step::Release, Step::Adapt, Step::Deploy, Step::Cutover],
            version: Some(version.to_owned()),
            update: true,
            set: Vec::new(),
            dependencies: BTreeMap::new(),
            package: None,
            expected: None,
            outside_window: None,
        })
    }

    /// What can be gone back to.
    fn former(&self) -> Option<Digest> {
        let scope = Scope {
            service: SERVICE.parse().ok()?,
            environment: ENVIRONMENT.parse().ok()?,
        };
        let (_, state) = self.disk.with(|ledger| ledger.environment(&scope));
        state.previous.first().map(|former| former.revision)
    }

    /// Brings something about, by as many processes and runs as it takes: the first thing is always to go on with what
    /// was interrupted, and without `work` it is the only one.
    async fn deliver(&mut self, work: Option<Work>, (faulty, fate): (bool, Fate)) {
        let mut kills = 0;
        let mut begun = Vec::new();
        for _ in 0..PROCESSES {
            let process = self.process(faulty && kills < KILLS);
            let chance = self.chance.fork();
            let handle = Handle::new(self.disk.clone(), process.clone(), chance.clone());
            let engine = self.engine(&process, &handle, chance);
            let id = match self.unfinished() {
                Some(unfinished) => unfinished,
                None if work.is_none() => return,
                None => {
                    let id = self.ambient.run_id();
                    self.fates.insert(id.clone(), fate);
                    begun.push(id.clone());
                    id
                }
            };
            let (work, of_run) = (work.clone(), id.clone());
            let (world, trace, own) = (self.world.clone(), self.trace.clone(), process.clone());
            let mut task = spawn_local(async move {
                let attempt = attempt(&engine, work, of_run, &world, &trace).await;
                own.kill();
                attempt
            });
            let attempt = tokio::select! {
                biased;
                ended = &mut task => ended.unwrap_or(Attempt::Unfinished),
                () = process.dead() => {
                    kills += 1;
                    self.killed += 1;
                    task.abort();
                    let _dropped = task.await;
                    Attempt::Unfinished
                }
                () = process.stopped() => {
                    kills += 1;
                    self.stopped += 1;
                    self.sleepers.push((task, process));
                    // Whoever is on call notices some time later.
                    tokio::time::sleep(self.chance.millis(1000..=60_000)).await;
                    continue;
                }
                () = tokio::time::sleep(LONGEST) => {
                    self.trace.violation(format_args!("{id} does not end"));
                    return;
                }
            };
            handle.lose();
            match attempt {
                Attempt::Ended => {
                    self.look(&id);
                    if begun.contains(&id) {
                        return;
                    }
                }
                Attempt::Held => tokio::time::sleep(self.chance.millis(5000..=20_000)).await,
                Attempt::Unfinished => tokio::time::sleep(self.chance.millis(10..=5000)).await,
            }
        }
        self.trace.violation(format_args!(
            "nothing is brought to an end by {PROCESSES} processes"
        ));
    }

    fn unfinished(&self) -> Option<RunId> {
        self.disk.with(|ledger| {
            let last = ledger.runs.last().filter(|kept| kept.run.ended.is_none())?;
            Some(last.run.id.clone())
        })
    }

    fn look(&self, id: &RunId) {
        let workspace = Workspace::new(self.folder.path());
        let oracle = Oracle {
            world: &self.world,
            disk: &self.disk,
            trace: &self.trace,
            workspace: &workspace,
        };
        let Ok(run) = self.disk.with(|ledger| ledger.by_prefix(id.as_str())) else {
            return self.trace.violation(format_args!("{id} is nowhere"));
        };
        oracle.ended(&run, self.fates.get(id).copied().unwrap_or(Fate::Well));
        // Those that were stopped may have gone on, and may be at work.
        if self.unfinished().is_none()
            && self
                .sleepers
                .iter()
                .all(|(task, process)| task.is_finished() || process.is_dead())
        {
            oracle.at_rest(&run);
        }
    }

    fn process(&mut self, faulty: bool) -> Arc<Process> {
        self.processes += 1;
        let mut plan = Plan::default();
        if faulty && self.chance.percent(self.scenario.kills) {
            // Early ones are as likely as late ones.
            let most = 1 << self.chance.number(2..=9);
            plan.dies_at = Some(self.chance.number(1..=most));
        }
        if faulty && self.chance.percent(self.scenario.stops) {
            let most = 1 << self.chance.number(2..=9);
            let time = Duration::from_secs(self.chance.number(1..=90));
            plan.stops_at = Some((self.chance.number(1..=most), time));
        }
        Arc::new(Process::new(self.processes, plan, self.trace.clone()))
    }

    fn engine(
        &self,
        process: &Arc<Process>,
        handle: &Handle,
        chance: Chance,
    ) -> (Engine, Arc<OnceCell<RunId>>) {
        let run = Arc::new(OnceCell::new());
        let wire = Wire {
            process: process.clone(),
            world: self.world.clone(),
            disk: self.disk.clone(),
            chance,
            trace: self.trace.clone(),
            run: run.clone(),
            lost: Arc::new(AtomicU32::new(0)),
        };
        let engine = Engine {
            workspace: Workspace::new(self.folder.path()),
            plugins: Arc::new(SimulatedPlugins::new(&wire)),
            brought: BTreeMap::new(),
            store: Arc::new(handle.clone()),
            operator: Arc::new(SimulatedOperator),
            http: Arc::new(SimulatedHttp(wire)),
            ambient: self.ambient.clone(),
            observer: Arc::new(Listener(self.trace.clone())),
            signer: None,
            package_signer: None,
            trust: None,
            registries: self.client.clone(),
            wait: Duration::ZERO,
        };
        (engine, run)
    }
}

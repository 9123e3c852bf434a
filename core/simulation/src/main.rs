//! `slipway-simulation`: many seeds, or one of them with all that happens.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use clap::Parser;
use slipway_simulation::{Scenario, Told, simulate};

/// The engine over simulated targets, network, disk, clock and people, each drawn from a seed
#[derive(Debug, Parser)]
struct Arguments {
    /// How many seeds
    #[arg(long, default_value_t = 2000)]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// This one alone, with all that happens in it
    #[arg(long, conflicts_with_all = ["seeds", "first"])]
    seed: Option<u64>,
    /// End at the first seed in which something happens that must not, and fail if there is none: for a bug that is planted
    #[arg(long)]
    until_found: bool,
    /// So many at a time; as many as there are processors by default
    #[arg(long)]
    jobs: Option<usize>,
}

#[derive(Default)]
struct Sum {
    seeds: u64,
    runs: u64,
    killed: u64,
    stopped: u64,
    broken: u64,
    /// By seed, what has happened that must not.
    violations: Vec<(u64, String)>,
}

/// Each so many-th seed is simulated twice: nothing but the seed may decide what happens.
const TWICE: u64 = 25;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The client for registries wants one, though it speaks to nobody here.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let done = match arguments.seed {
        Some(seed) => one(seed),
        None => many(&arguments),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _said = writeln!(anstream::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn one(seed: u64) -> io::Result<bool> {
    let told = simulate(Scenario::draw(seed), true)?;
    let mut out = anstream::stdout();
    for line in told.lines {
        writeln!(out, "{line}")?;
    }
    Ok(told.violations.is_empty())
}

fn many(arguments: &Arguments) -> io::Result<bool> {
    let began = Instant::now();
    let sum = simulate_all(arguments)?;
    let mut out = anstream::stdout();
    for (seed, violation) in &sum.violations {
        writeln!(out, "seed {seed}: {violation}")?;
    }
    writeln!(
        out,
        "{} seeds, {} runs, {} processes killed and {} stopped, {} plugins broken, {} times something happened that must not ({:.0} s)",
        sum.seeds,
        sum.runs,
        sum.killed,
        sum.stopped,
        sum.broken,
        sum.violations.len(),
        began.elapsed().as_secs_f64()
    )?;
    if let Some((seed, _)) = sum.violations.first() {
        writeln!(out, "`cargo xtask simulate --seed {seed}` shows all of it")?;
    }
    Ok(sum.violations.is_empty() != arguments.until_found)
}

fn simulate_all(arguments: &Arguments) -> io::Result<Sum> {
    let next = AtomicU64::new(arguments.first);
    let end = arguments.first.saturating_add(arguments.seeds);
    let sum = Mutex::new(Sum::default());
    let work = || -> io::Result<()> {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return Ok(());
            }
            let told = twice_now_and_then(seed)?;
            if arguments.until_found && !told.violations.is_empty() {
                next.store(end, Ordering::Relaxed);
            }
            sum.lock().unwrap_or_else(PoisonError::into_inner).add(told);
        }
    };
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.unwrap_or_else(processors);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        let ended = threads.into_iter().map(|thread| thread.join());
        ended
            .map(|ended| ended.unwrap_or_else(|_| Err(io::Error::other("a simulation has panicked"))))
            .collect::<io::Result<Vec<()>>>()
    })?;
    let mut sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    sum.violations.sort_unstable();
    Ok(sum)
}

fn twice_now_and_then(seed: u64) -> io::Result<Told> {
    let mut told = simulate(Scenario::draw(seed), false)?;
    let again = || Ok::<_, io::Error>(simulate(Scenario::draw(seed), false)?.digest == told.digest);
    // Files are read by threads of their own: on a busy machine one may come a turn later, in the same instant.
    if seed.is_multiple_of(TWICE) && !again()? && !again()? && !again()? {
        let text = "it is not the same when it is simulated again";
        told.violations.push(text.to_owned());
    }
    Ok(told)
}

impl Sum {
    fn add(&mut self, told: Told) {
        self.seeds += 1;
        self.runs += told.runs;
        self.killed += told.killed;
        self.stopped += told.stopped;
        self.broken += told.broken;
        let violations = told.violations.into_iter();
        self.violations
            .extend(violations.map(|violation| (told.seed, violation)));
    }
}

//! Everything dies: whoever carries a run out at a boundary of its journal, the agent with its router meanwhile, and both
//! again during the recovery, and again. What users have in the end is what was rolled out, and nothing else runs.

use std::{
    process::Command,
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

use slipway_tests::{Bench, Kill, Ran, Swept, benches_for, interrupted, side_by_side, spread};

/// How often each run and its recovery are interrupted.
const DEPTH: usize = 3;
/// As many boundaries before a write, and as many after one.
const FEW: usize = 2;
/// A run waits for its agent most of the time.
const AT_ONCE: usize = 6;

/// What was killed.
#[derive(Default)]
struct Tally {
    processes: usize,
    agents: usize,
}

#[test]
fn operator_and_agent_die_three_times_over() {
    let first = ready();
    let writes = writes(&first);
    let kills = spread(writes, FEW);
    let met = kills.len();
    let mut benches = vec![first];
    benches.resize_with(benches_for(met, AT_ONCE), ready);
    let tally = Mutex::new(Tally::default());
    side_by_side(
        &mut benches,
        kills.into_iter().enumerate(),
        |bench, (number, kill)| {
            let killed = killed_three_times(bench, number, &kill);
            let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
            tally.processes += killed.processes;
            tally.agents += killed.agents;
        },
    );
    let Tally { processes, agents } = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    let swept = Swept {
        what: "operator and agent, three times over",
        place: "one machine",
        ledger: "SQLite",
        boundaries: 2 * writes,
        met,
        kills: processes + agents,
        resumed: processes + agents,
        repeated: 0,
    };
    println!("{met} runs, {processes} processes and {agents} agents killed\n{swept}");
    assert!(processes >= met, "{swept}");
}

/// A run that is killed there, and its recovery a few writes further each time; and what it comes to.
fn killed_three_times(bench: &Bench, number: usize, kill: &Kill) -> Tally {
    let mut tally = Tally::default();
    let version = format!("3.{number}.0");
    let run = ["run", "local", "--version", &version]
        .map(str::to_owned)
        .to_vec();
    let mut arguments = run.clone();
    for depth in 0..DEPTH {
        let fault = match depth {
            0 => kill.to_string(),
            deeper => format!("{}:{}", kill.kind, 3 + 4 * deeper),
        };
        let delay = Duration::from_millis(100 + 170 * ((number + depth) as u64 % 7));
        let ran = with_agent_killed(bench, delay, &arguments, &fault);
        tally.agents += 1;
        tally.processes += usize::from(ran.code.is_none());
        assert!(
            matches!(ran.code, None | Some(0)),
            "{kill}, {depth} deep: {}\n{}",
            ran.stdout,
            ran.stderr
        );
        match interrupted(bench, "caddy") {
            Some(run) => arguments = vec!["resume".to_owned(), run],
            None if ran.code == Some(0) => break,
            // It died before there was a run, or when it had ended.
            None => arguments.clone_from(&run),
        }
    }
    if interrupted(bench, "caddy").is_some() {
        bench.must("caddy", &["resume"]);
    } else if bench.settled("caddy") != version {
        bench.must("caddy", &words(&run));
    }
    assert_eq!(bench.settled("caddy"), version, "{kill}");
    tally
}

/// Version 1 in front of users, and a canary whose waiting is short from then on.
fn ready() -> Bench {
    let bench = Bench::caddy();
    let strategy = "type = \"canary\"\nsteps = [{ weight = 50, soak = \"200ms\" }]";
    bench.edit(
        "caddy/deploy.toml",
        &[
            ("type = \"recreate\"", strategy),
            (
                "soak = \"1s\"\nmin-healthy-time = \"200ms\"",
                "soak = \"0s\"\nmin-healthy-time = \"0s\"",
            ),
            ("default = 3, minimum", "default = 2, minimum"),
        ],
    );
    bench.must("caddy", &["run", "local"]);
    bench
}

/// How many a run writes that nobody kills.
fn writes(bench: &Bench) -> usize {
    let list = bench.path("writes");
    let fault = format!("list:{}", list.display());
    bench
        .faulty("caddy", &["run", "local", "--version", "2.0.0"], &fault)
        .must();
    let writes = std::fs::read_to_string(list).expect("the list can be read");
    writes.lines().count()
}

/// The worker of the agent dies some time after the program has begun.
fn with_agent_killed(bench: &Bench, delay: Duration, arguments: &[String], fault: &str) -> Ran {
    let status = bench.json("caddy", &["agent", "status"]);
    let worker = status["agent"]["pid"].as_u64().expect("it runs").to_string();
    thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(delay);
            let killed = Command::new("kill").args(["-KILL", &worker]).status();
            assert!(killed.expect("there is such a program").success());
        });
        bench.faulty("caddy", &words(arguments), fault)
    })
}

fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

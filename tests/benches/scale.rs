//! Time and memory for 1,000 services in one tree and for 2,000, and how they grow from one to the other: all of them
//! validated, and all of them planned; where none depends on another and where teams hang together.
//! `cargo bench -p slipway-tests --bench scale`.
#![allow(clippy::print_stdout, reason = "it measures, prints and ends")]

mod kit;
#[path = "scale/tree.rs"]
mod tree;

use std::{
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tree::{Shape, Tree};

const SIZES: [u32; 2] = [1000, 2000];
const ROUNDS: usize = 3;

#[derive(Clone, Copy)]
struct Cost {
    time: Duration,
    /// The most memory at a time, in KiB.
    peak: u64,
}

fn main() {
    let slipway = kit::slipway();
    for (shape, name) in [
        (Shape::Flat, "none depends on another"),
        (Shape::Chained, "chains of 50, and two more dependencies each"),
    ] {
        let trees = SIZES.map(|size| Tree::new(size, shape));
        let all = |tree: &Tree, arguments: &[&str]| {
            let mut command = tree.command(&slipway);
            command.args(arguments).arg("--recursive").arg(tree.services());
            command
        };
        println!("{name}");
        let validate = turns(ROUNDS, &trees, |tree| all(tree, &["validate"]));
        report("validate", validate);
        for tree in &trees {
            measure(on_all(tree, &slipway, &["release"]));
        }
        let plan = |tree: &Tree| all(tree, &["plan", "stage"]);
        // Writes the deployment folder of each.
        report("plan", turns(1, &trees, plan));
        report("plan again", turns(ROUNDS, &trees, plan));
        for tree in &trees {
            measure(on_all(tree, &slipway, &["agent", "stop"]));
        }
    }
}

/// A command about the service that depends on all the others.
fn on_all(tree: &Tree, slipway: &Path, arguments: &[&str]) -> Command {
    let mut command = tree.command(slipway);
    command
        .arg("--quiet")
        .arg("--file")
        .arg(tree.all())
        .args(arguments);
    command
}

/// The trees in turns, so that whatever else the machine does is done to both.
fn turns(rounds: usize, trees: &[Tree; 2], command: impl Fn(&Tree) -> Command) -> [Cost; 2] {
    let rounds: Vec<_> = (0..rounds)
        .map(|_| trees.each_ref().map(|tree| measure(command(tree))))
        .collect();
    [0, 1].map(|tree| Cost {
        time: kit::median(rounds.iter().map(|round| round[tree].time).collect()),
        peak: rounds
            .iter()
            .map(|round| round[tree].peak)
            .max()
            .unwrap_or_default(),
    })
}

fn report(what: &str, costs: [Cost; 2]) {
    println!("  {what}");
    for (size, Cost { time, peak }) in SIZES.iter().zip(costs) {
        println!(
            "    {size} services   {:>9.0} ms   {:>5.1} MiB",
            kit::millis(time),
            peak as f64 / 1024.0
        );
    }
    let [small, large] = costs;
    println!(
        "    growth (linear: {:.2})   time {:.2}   memory {:.2}",
        f64::from(SIZES[1]) / f64::from(SIZES[0]),
        large.time.as_secs_f64() / small.time.as_secs_f64(),
        large.peak as f64 / small.peak as f64,
    );
}

fn measure(mut command: Command) -> Cost {
    let start = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command
        .spawn()
        .expect("a program that was just built can be started");
    let mut peak = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or_default());
        if let Some(status) = child.try_wait().expect("our own child can be waited for") {
            assert!(status.success(), "{command:?} failed");
            return Cost {
                time: start.elapsed(),
                peak,
            };
        }
        sleep(Duration::from_millis(1));
    }
}

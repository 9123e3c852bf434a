//! Plugins that break in the midst of a canary: real components, trapped at one call after another, before its first
//! effect, after it, or because its time is over. The run goes back or on by itself, users lose nothing, and the next run
//! finds nothing in its way.
//!
//! Some calls by default; all of them with `SLIPWAY_SWEEP=1`, every seventh with `SLIPWAY_SWEEP=7`.
#![allow(clippy::print_stdout, reason = "what came of them")]

use std::fs;

use slipway_testing::Load;
use slipway_tests::{Bench, one_in};

/// How many calls are broken by default, in each way.
const FEW: usize = 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_breaks_loses_nothing() {
    let strategy = "type = \"canary\"\nsteps = [{ weight = 50, soak = \"200ms\" }]";
    let bench = Bench::before(strategy);
    bench.edit(
        "caddy/deploy.toml",
        &[
            ("min-healthy-time = \"200ms\"", "min-healthy-time = \"0s\""),
            ("interval = \"200ms\"", "interval = \"50ms\""),
        ],
    );
    let load = Load::start(&bench.url(), 100, 10);
    let mut version = Versions(1);
    let calls = calls(&bench, &version.next());
    let step = one_in().unwrap_or(calls.len() / FEW).max(1);
    let (mut tried, mut broken) = (0, 0);
    let (mut back, mut left) = (0, 0);
    for (way, how) in ["trap:{}:0", "trap:{}:1", "late:{}"].into_iter().enumerate() {
        // Not the same calls in each way, where not all of them are broken.
        for at in (1 + way * step / 3..=calls.len()).step_by(step) {
            let (before, wanted) = (bench.settled("caddy"), version.next());
            let breaking = how.replace("{}", &at.to_string());
            let arguments = ["run", "local", "--version", &wanted];
            let ran = bench.breaking("caddy", &arguments, &breaking);
            let context = || format!("{breaking} ({}): {}", calls[at - 1], ran.stderr);
            tried += 1;
            broken += usize::from(ran.stderr.contains(" broke in "));
            match ran.code {
                Some(0) => {}
                // Users are on it, and something of the old revision could not be taken away.
                Some(1) if current(&bench) == wanted => {
                    left += 1;
                    bench.must("caddy", &arguments);
                }
                // It went back, or had touched nothing.
                Some(1 | 4) => {
                    assert_eq!(bench.settled("caddy"), before, "{}", context());
                    back += 1;
                    bench.must("caddy", &arguments);
                }
                code => panic!("{code:?}: {}", context()),
            }
            assert_eq!(bench.settled("caddy"), wanted, "{}", context());
        }
    }
    let users = load.finish().await;
    assert_eq!((users.bad(), &users.failures), (0, &vec![]), "{users:?}");
    println!(
        "{} calls a run, {tried} runs in which one was to break: {broken} broke, {back} went back, {left} left something for \
         the next run, 0 requests lost",
        calls.len()
    );
    // Not every call asks for as many effects, or takes as long.
    assert!(broken > tried / 5, "of {tried} only {broken} broke");
}

struct Versions(u32);

impl Versions {
    fn next(&mut self) -> String {
        self.0 += 1;
        format!("{}.0.0", self.0)
    }
}

fn current(bench: &Bench) -> String {
    let status = bench.json("caddy", &["status", "local"]);
    let version = &status["environments"][0]["current"]["version"];
    version.as_str().expect("a version").to_owned()
}

/// The verbs that an undisturbed run asks plugins for, in order.
fn calls(bench: &Bench, version: &str) -> Vec<String> {
    let list = bench.path("verbs");
    let arguments = ["run", "local", "--version", version];
    let ran = bench.breaking("caddy", &arguments, &format!("list:{}", list.display()));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let verbs = fs::read_to_string(list).expect("the list can be read");
    verbs.lines().map(str::to_owned).collect()
}

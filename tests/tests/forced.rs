//! Cut-overs under load, and every way in which one can be found to be bad: users lose no request by either, and each failure
//! ends on the old revision. By default the load is modest and each failure happens by one strategy; with `SLIPWAY_SWEEP=1` it
//! is 2,000 requests a second, and by both. A table says what was sent and what came of it:
//!
//!     SLIPWAY_SWEEP=1 cargo test -p slipway-tests --test forced -- --nocapture
#![allow(
    clippy::print_stdout,
    reason = "what users met is worth reading, not only that it was well"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::{fs, time::Instant};

use slipway_testing::{Load, Tally};
use slipway_tests::{Bench, Ran};

const STRATEGIES: [(&str, &str); 2] = [
    ("blue-green", "type = \"blue-green\"\nsoak = \"4s\""),
    (
        "canary",
        "type = \"canary\"\nsteps = [{ weight = 30, soak = \"4s\" }]\nsoak = \"0s\"",
    ),
];
const WELL: &str = "http = { path = \"/healthz\" }";
const NO_ERRORS: &str = "traffic = { errors = \"5xx\", max-percent = 1 }";
const NOTHING_SLOW: &str = "traffic = { slower-than = \"10s\", max-percent = 1, no-worse-than = \"stable\" }";

/// What is wrong with a revision, or with whoever looks at it.
struct Forced {
    what: &'static str,
    check: &'static str,
    analysis: &'static str,
    fails_one_in: u64,
    said: &'static str,
}

const fn by_check(what: &'static str, check: &'static str, said: &'static str) -> Forced {
    Forced {
        what,
        check,
        analysis: NO_ERRORS,
        fails_one_in: 0,
        said,
    }
}

const fn by_analysis(what: &'static str, analysis: &'static str, said: &'static str) -> Forced {
    Forced {
        what,
        check: WELL,
        analysis,
        fails_one_in: 0,
        said,
    }
}

const FORCED: [Forced; 15] = [
    by_check(
        "check fails",
        "http = { path = \"/healthz\", json = [{ pointer = \"/database\", equals = false }] }",
        "alive: fail: ",
    ),
    by_check(
        "check errors",
        "command = { run = [\"./not-there.sh\"] }",
        "alive: error: ",
    ),
    by_check(
        "check times out",
        "command = { run = [\"sleep\", \"60\"], timeout = \"300ms\" }",
        "did not end within 300ms",
    ),
    by_check(
        "check's program crashes",
        "command = { run = [\"sh\", \"-c\", \"kill -SEGV $$\"] }",
        "ended with signal: 11",
    ),
    Forced {
        fails_one_in: 4,
        ..by_analysis(
            "requests fail",
            NO_ERRORS,
            "watched: fail: requests answered with 5xx: ",
        )
    },
    Forced {
        fails_one_in: 4,
        ..by_analysis(
            "requests fail, critical",
            "traffic = { errors = \"5xx\", max-percent = 1 }\ncritical = true",
            "watched: fail: requests answered with 5xx: ",
        )
    },
    Forced {
        fails_one_in: 4,
        ..by_analysis(
            "requests fail, only compared",
            "traffic = { errors = \"5xx\", max-percent = 90, no-worse-than = \"stable\" }\nextend = \"10s\"",
            "worse than the stable revision's 0 of",
        )
    },
    by_analysis(
        "too little data",
        "traffic = { errors = \"5xx\", max-percent = 1, min-sample = 100_000_000 }\ninconclusive = \"fail\"",
        "watched: inconclusive: ",
    ),
    by_analysis(
        "no data",
        "logs = { match = \"took (?<ms>[0-9.]+) ms\", value = \"ms\", max = 5 }\ninconclusive = \"fail\"",
        "watched: inconclusive: ",
    ),
    by_analysis(
        "values in logs too high",
        "logs = { match = \"order (?<number>[0-9]+)\", value = \"number\", quantile = 0.9, max = 1 }",
        "watched: fail: `number` of lines that match: ",
    ),
    by_analysis(
        "no such document",
        "metrics = { http = { path = \"/none\" }, json = \"/none\", max = 5 }",
        "/none answers 404",
    ),
    by_analysis(
        "analysis command says too much",
        "metrics = { command = { run = [\"sh\", \"-c\", \"echo count 9 100\"] }, max = 0.05 }",
        "watched: fail: ",
    ),
    by_analysis(
        "analysis command says nothing",
        "metrics = { command = { run = [\"true\"] }, max = 5 }\ninconclusive = \"fail\"",
        "watched: inconclusive: nothing was seen",
    ),
    by_analysis(
        "analysis command crashes",
        "metrics = { command = { run = [\"sh\", \"-c\", \"kill -SEGV $$\"] }, max = 5 }",
        "ended with signal: 11",
    ),
    by_analysis(
        "analysis command times out",
        "metrics = { command = { run = [\"sleep\", \"60\"], timeout = \"200ms\" }, max = 5 }",
        "watched: error: `sleep` did not end within 200ms",
    ),
];

/// The shop, of which the manifest is written anew for each run.
struct Forge {
    bench: Bench,
    /// All that stays.
    manifest: String,
    rate: u32,
    runs: u32,
}

impl Forge {
    /// With a first version.
    fn new(rate: u32) -> Self {
        let bench = Bench::shop();
        let manifest = fs::read_to_string(bench.path("shop/deploy.toml")).unwrap();
        let (manifest, _) = manifest.split_once("[strategy.careful]").unwrap();
        let mut forge = Self {
            manifest: manifest.to_owned(),
            bench,
            rate,
            runs: 0,
        };
        let (_, first) = forge.run(STRATEGIES[0].1, WELL, NO_ERRORS, 0);
        first.must();
        forge
    }

    /// Another version; it is current afterwards if that went well.
    fn run(&mut self, strategy: &str, check: &str, analysis: &str, fails_one_in: u64) -> (String, Ran) {
        self.runs += 1;
        let text = format!(
            "{}[strategy.careful]\n{strategy}\nmin-healthy-time = \"200ms\"\nchecks = [\"alive\"]\nanalysis = [\"watched\"]\n\
             [check.alive]\nretries = 0\n{check}\n[analysis.watched]\ninterval = \"1s\"\n{analysis}\n",
            self.manifest
        );
        fs::write(self.bench.path("shop/deploy.toml"), text).unwrap();
        let version = format!("1.{}.0", self.runs);
        self.bench.pack(&version, fails_one_in);
        let ran = self
            .bench
            .slipway("shop", &["run", "local", "--version", &version]);
        (version, ran)
    }

    /// What was not good enough was judged by what is kept, and would have been good enough for others.
    fn replay(&self) {
        let judged = |set: &[&str]| {
            let arguments = [&["judge", "--replay", "local"], set].concat();
            self.bench.slipway("shop", &arguments)
        };
        let again = judged(&[]);
        assert_eq!(again.code, Some(1), "{}\n{}", again.stdout, again.stderr);
        judged(&["--set", "max-percent=99", "--set", "min-sample=1"]).must();
    }

    async fn under_load(&mut self, strategy: (&str, &str), forced: &Forced) -> (String, Ran, Tally) {
        let load = Load::start(&self.bench.url(), self.rate, (self.rate / 20).clamp(10, 100));
        let began = Instant::now();
        let (version, ran) = tokio::task::block_in_place(|| {
            self.run(strategy.1, forced.check, forced.analysis, forced.fails_one_in)
        });
        let took = began.elapsed();
        let tally = load.finish().await;
        println!(
            "| {:<10} | {:<30} | {:>6.0} | {:>6} | {:>6} | {:>6} | {:>6} | {:>5.1} s |",
            strategy.0,
            forced.what,
            tally.rate(),
            tally.sent,
            tally.failed,
            tally.bad() - tally.failed - tally.answers(500, &version),
            tally.answers(500, &version),
            took.as_secs_f64(),
        );
        (version, ran, tally)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_lose_nothing_and_what_is_bad_goes_back() {
    let sweep = std::env::var_os("SLIPWAY_SWEEP").is_some();
    let rate = if sweep { 2_000 } else { 200 };
    println!(
        "| {:<10} | {:<30} | {:>6} | {:>6} | {:>6} | {:>6} | {:>6} | {:>7} |",
        "strategy", "what happens", "per s", "sent", "failed", "bad", "own", "took"
    );
    let mut forge = Forge::new(rate);
    for (strategy, analysis) in STRATEGIES.into_iter().zip([NO_ERRORS, NOTHING_SLOW]) {
        let good = by_analysis("nothing", analysis, "");
        let (version, ran, tally) = forge.under_load(strategy, &good).await;
        ran.must();
        assert_eq!(
            (tally.bad(), &tally.failures),
            (0, &vec![]),
            "{strategy:?}: {tally:?}"
        );
        assert!(tally.answers(200, &version) > 0, "{strategy:?}: {tally:?}");
        assert_eq!(forge.bench.settled("shop"), version);
    }
    for (number, forced) in FORCED.iter().enumerate() {
        if sweep {
            // What every run keeps of what users asked would be more and more.
            forge = Forge::new(rate);
        }
        for (_, strategy) in (STRATEGIES.iter().enumerate()).filter(|(at, _)| sweep || number % 2 == *at) {
            // There is nothing to compare with where the old revision has no users any more.
            if forced.what.contains("compared") && strategy.0 == "blue-green" {
                continue;
            }
            let what = format!("{}, {}", forced.what, strategy.0);
            let current = forge.bench.settled("shop");
            let (version, ran, tally) = forge.under_load(*strategy, forced).await;
            assert_eq!(ran.code, Some(4), "{what}: {}", ran.stderr);
            assert!(ran.stderr.contains(forced.said), "{what}: {}", ran.stderr);
            assert_eq!(forge.bench.settled("shop"), current, "{what}");
            assert_eq!((tally.failed, &tally.failures), (0, &vec![]), "{what}: {tally:?}");
            // What is built to fail does; nobody else's requests are lost.
            assert_eq!(tally.bad(), tally.answers(500, &version), "{what}: {tally:?}");
            assert!(tally.answers(200, &current) > 0, "{what}: {tally:?}");
        }
        if forced.what == "requests fail" {
            forge.replay();
        }
    }
}

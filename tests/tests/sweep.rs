//! A canary run, killed at every write of its journal in turn: before the write and after it. Each time the next command
//! goes on, and in the end everything is as if nothing had happened. The router announces each change of weights at an
//! endpoint of the test, an effect that must not be repeated: no announcement ever arrives twice, and a run that cannot
//! know whether one has arrived asks.
//!
//! Some boundaries by default; all of them with `SLIPWAY_SWEEP=1`, every seventh with `SLIPWAY_SWEEP=7`.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Mutex, PoisonError},
    thread,
};

use slipway_servers::Postgres;
use slipway_testing::Load;
use slipway_tests::{
    Bench, Kill, Notices, Ran, Swept, benches_for, fixture, interrupted, side_by_side, spread,
};

/// What came of all of them.
#[derive(Debug, Default)]
struct Tally {
    boundaries: usize,
    kills: usize,
    resumed: usize,
    /// Asked whether an effect had happened, and went on with the answer.
    asked: usize,
    /// Of the class `once`, arrived twice.
    repeated: usize,
}

/// A service with version 1 in front of users, and the endpoint at which its router announces.
struct Site {
    bench: Bench,
    notices: Notices,
    version: usize,
}

/// One run that is killed again and again: each process comes a few writes further than the one before it.
#[tokio::test(flavor = "multi_thread")]
async fn one_run_killed_again_and_again() {
    let site = Site::new("").await;
    let bench = &site.bench;
    let load = Load::start(&bench.url(), 100, 10);
    let (mut kills, mut asked) = (0, 0);
    // An activity that writes several times before its outcome needs a process that lives for as many writes.
    let fault = |kills: usize| format!("after:{}", 2 + kills % 4);
    let mut ran = bench.faulty("caddy", &["run", "local", "--version", "2.0.0"], &fault(0));
    while ran.code != Some(0) {
        let Some(run) = interrupted(bench, "caddy") else {
            break;
        };
        if asks(&ran) {
            asked += 1;
            let answer = site.truth(&ran);
            let arguments = ["resume", &run, "--happened", answer];
            ran = bench.faulty("caddy", &arguments, &fault(kills));
            continue;
        }
        assert_eq!(ran.code, None, "{}\n{}", ran.stdout, ran.stderr);
        kills += 1;
        assert!(kills < 1000, "the run does not end");
        ran = bench.faulty("caddy", &["resume", &run], &fault(kills));
    }
    let tally = load.finish().await;
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
    assert_eq!(bench.settled("caddy"), "2.0.0");
    assert!(kills >= 20, "only {kills} kills");
    let repeated = site.notices.repeated();
    let swept = Swept {
        what: "one run, killed again and again",
        place: "one machine",
        ledger: "SQLite",
        boundaries: kills,
        met: kills,
        kills,
        resumed: kills,
        repeated,
    };
    println!("one run: asked {asked} times, 0 requests lost\n{swept}");
    assert_eq!(repeated, 0);
}

/// A run of its own for each boundary: killed once, gone on with, and undisturbed after that.
#[tokio::test(flavor = "multi_thread")]
async fn runs_killed_once() {
    let tally = killed_once("SQLite", String::new).await;
    assert!(tally.asked > 0, "no run was killed where it has to ask");
}

/// The same with a ledger in a database. What is waited for is looked at more or less often there, so a boundary that is
/// chosen by its number is now this one and now that one: not every time one at which a run has to ask.
#[tokio::test(flavor = "multi_thread")]
async fn runs_killed_once_over_postgres() {
    let server = Postgres::start();
    killed_once("PostgreSQL", || {
        format!("[ledger]\nurl = \"{}\"\n", server.database())
    })
    .await;
}

/// Each bench has a ledger of its own, which the operator's file names, or in its folder.
#[expect(clippy::print_stdout, reason = "how far it is, and what came of it")]
async fn killed_once(name: &str, ledger: impl Fn() -> String) -> Tally {
    let mut first = Site::new(&ledger()).await;
    let (writes, announced) = first.undisturbed();
    let kills = kills(&writes);
    let total = kills.len();
    let benches = benches_for(total, thread::available_parallelism().map_or(1, usize::from));
    let mut sites = vec![first];
    while sites.len() < benches {
        sites.push(Site::new(&ledger()).await);
    }
    let tally = Mutex::new(Tally {
        boundaries: writes.len(),
        ..Tally::default()
    });
    side_by_side(&mut sites, kills, |site, kill| {
        let asked = site.kill(&kill, announced);
        let repeated = site.notices.repeated();
        assert_eq!(repeated, 0, "{kill}");
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.kills += 1;
        tally.asked += usize::from(asked);
        tally.resumed += usize::from(!asked);
        tally.repeated += repeated;
        if tally.kills.is_multiple_of(20) {
            println!("{} of {total}: {tally}", tally.kills);
        }
    });
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{tally}");
    assert_eq!((tally.kills, tally.repeated), (total, 0));
    let swept = Swept {
        what: "a canary with `once` effects",
        place: "one machine",
        ledger: name,
        boundaries: 2 * tally.boundaries,
        met: tally.kills,
        kills: tally.kills,
        resumed: tally.resumed + tally.asked,
        repeated: tally.repeated,
    };
    println!("{swept}");
    tally
}

impl Site {
    /// A web server whose canary is short: what a run waits for is what its manifest says.
    async fn new(ledger: &str) -> Self {
        let (bench, notices) = (Bench::caddy(), Notices::start().await);
        let brought = "[plugins.announcing]\nfrom = \"announcing.wasm\"\n\
                       grants = { http = [\"agent\", \"notices\"] }\n\n[check.page]";
        bench.edit(
            "caddy/deploy.toml",
            &[
                (
                    "type = \"recreate\"",
                    "type = \"canary\"\nsteps = [{ weight = 50, soak = \"200ms\" }]",
                ),
                (
                    "soak = \"1s\"\nmin-healthy-time = \"200ms\"",
                    "soak = \"0s\"\nmin-healthy-time = \"0s\"",
                ),
                ("default = 3, minimum", "default = 2, minimum"),
                ("interval = \"200ms\"", "interval = \"50ms\""),
                ("plugin = \"embedded\"", "plugin = \"announcing\""),
                ("[check.page]", brought),
            ],
        );
        std::fs::write(bench.path("caddy/announcing.wasm"), fixture("announcing"))
            .expect("the plugin can be written");
        let granted = format!("{ledger}[endpoints.notices]\nurl = \"{}\"\n", notices.url);
        std::fs::write(bench.path("operator.toml"), granted).expect("the operator's file can be written");
        bench.must("caddy", &["run", "local"]);
        Self {
            bench,
            notices,
            version: 0,
        }
    }

    /// What a run writes that nobody kills, and how much it announces.
    fn undisturbed(&mut self) -> (Vec<String>, usize) {
        let (list, before) = (self.bench.path("writes"), self.notices.received().len());
        let version = self.next_version();
        let arguments = ["run", "local", "--version", &version];
        let ran = self
            .bench
            .faulty("caddy", &arguments, &format!("list:{}", list.display()));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(self.bench.settled("caddy"), version);
        let writes = std::fs::read_to_string(list).expect("the list can be read");
        let announced = self.notices.received().len() - before;
        assert!(announced > 0);
        (writes.lines().map(str::to_owned).collect(), announced)
    }

    /// A run that is killed there and gone on with; answers whether it had to ask.
    fn kill(&mut self, kill: &Kill, announced: usize) -> bool {
        let before = self.notices.received().len();
        let version = self.next_version();
        let arguments = ["run", "local", "--version", &version];
        let killed = self.bench.faulty("caddy", &arguments, &kill.to_string());
        // Nobody waits for some of the writes: after one of those the run may end before it is killed.
        let ended = killed.code == Some(0) && kill.kind == "after";
        assert!(killed.code.is_none() || ended, "{kill}: {}", killed.stderr);
        let asked = match interrupted(&self.bench, "caddy") {
            Some(run) => self.resume(&run, kill),
            // It died before the run was there, or after it had ended.
            None if !ended => {
                self.bench.must("caddy", &arguments);
                false
            }
            None => false,
        };
        assert_eq!(self.bench.settled("caddy"), version, "{kill}");
        let now = self.notices.received();
        assert_eq!(now.len() - before, announced, "{kill}: {:?}", &now[before..]);
        asked
    }

    fn resume(&self, run: &str, kill: &Kill) -> bool {
        let mut ran = self.bench.slipway("caddy", &["resume", run]);
        let asked = asks(&ran);
        if asked {
            // Nobody gets past a question by asking again, or by beginning something else.
            let again = self.bench.slipway("caddy", &["resume", run]);
            assert_eq!(again.code, ran.code, "{kill}");
            assert_eq!(again.stderr, ran.stderr, "{kill}");
            let other = self.bench.slipway("caddy", &["run", "local"]);
            assert_eq!(other.code, Some(6), "{kill}: {}", other.stderr);
            let arguments = ["resume", run, "--happened", self.truth(&ran)];
            ran = self.bench.slipway("caddy", &arguments);
        }
        assert_eq!(ran.code, Some(0), "{kill}: {}\n{}", ran.stdout, ran.stderr);
        asked
    }

    /// What somebody finds out who looks at the endpoint.
    fn truth(&self, asked: &Ran) -> &'static str {
        if self.notices.any_in(&asked.stderr) {
            "yes"
        } else {
            "no"
        }
    }

    fn next_version(&mut self) -> String {
        self.version += 1;
        format!("2.{}.0", self.version)
    }
}

/// The boundaries of every effect that must not be repeated, and of the others as many as are asked for.
fn kills(writes: &[String]) -> BTreeSet<Kill> {
    let boundaries = writes.len();
    let mut kills = spread(boundaries, 4);
    let mut effects = 0;
    for (at, write) in (1..).zip(writes) {
        let Some((_, effect)) = write.split_once(" intent once ") else {
            continue;
        };
        let answers = |write: &String| write.ends_with(&format!(" outcome {effect}"));
        let outcome = 1 + writes.iter().position(answers).expect("it has an outcome");
        for at in [at, outcome] {
            kills.extend(["before", "after"].map(|kind| Kill { at, kind }));
        }
        effects += 1;
    }
    assert!(effects > 0, "{writes:#?}");
    kills
}

/// Whether it stands still with the question, and says how to answer.
fn asks(ran: &Ran) -> bool {
    let asks = ran.code == Some(6) && ran.stderr.contains("must not happen twice");
    let says_how = ["--happened yes", "--happened no"]
        .iter()
        .all(|how| ran.stderr.contains(how));
    assert!(!asks || says_how, "{}", ran.stderr);
    asks
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            boundaries,
            kills,
            resumed,
            asked,
            repeated,
        } = self;
        write!(
            f,
            "{boundaries} boundaries a run, {kills} runs killed: {resumed} went on, {asked} asked first, \
             {repeated} `once` effects repeated"
        )
    }
}

//! Every strategy on one machine, killed at the writes of its journal, over a ledger in a file or in a database: with hooks
//! around everything that changes, with a dead man's switch, and with a revision that is found bad under its users and
//! goes back. Each time the next command goes on, users never meet an error where the strategy promises that, and in the
//! end everything is as if nothing had happened.
//!
//! Some boundaries by default; all of them with `SLIPWAY_SWEEP=1`, one in seven with `SLIPWAY_SWEEP=7`.
#![allow(
    clippy::print_stdout,
    reason = "where runs were killed is what a sweep is asked for"
)]

use std::{fs, os::unix::fs::PermissionsExt as _, time::Instant};

use slipway_servers::Postgres;
use slipway_testing::Load;
use slipway_tests::{Bench, Ran, Relay};

/// Boundaries that are enough where not all are asked for.
const FEW: usize = 8;
/// Hooks that may be repeated, at every moment of a run that is there.
const HOOKED: &str = "hooks = [\"before\", \"batch\", \"start\", \"attach\", \"drain\", \"after\", \"back\"]";
const MOMENTS: [(&str, &str); 7] = [
    ("before", "before-run"),
    ("batch", "after-batch"),
    ("start", "before-start"),
    ("attach", "after-attach"),
    ("drain", "before-drain"),
    ("after", "after-run"),
    ("back", "on-roll-back"),
];

struct Kind {
    name: &'static str,
    strategy: &'static str,
    /// The old revision is stopped before the new one is there.
    outage: bool,
    /// Every new revision is found bad when it has its first users.
    fails: bool,
}

#[tokio::test(flavor = "multi_thread")]
async fn recreate() {
    let kind = Kind {
        name: "recreate, with hooks",
        strategy: "type = \"recreate\"",
        outage: true,
        fails: false,
    };
    kind.sweep(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rolling() {
    let kind = Kind {
        name: "rolling, with hooks",
        strategy: "type = \"rolling\"\nbatch = [1]",
        outage: false,
        fails: false,
    };
    kind.sweep(Some(Postgres::start())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blue_green_with_a_dead_man_s_switch() {
    let kind = Kind {
        name: "blue/green, with hooks and a dead man's switch",
        strategy: "type = \"blue-green\"\ndead-man = \"2m\"",
        outage: false,
        fails: false,
    };
    kind.sweep(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_that_goes_back() {
    let kind = Kind {
        name: "canary that goes back, with hooks",
        strategy: "type = \"canary\"\nsteps = [{ weight = 50, soak = \"200ms\" }]",
        outage: false,
        fails: true,
    };
    kind.sweep(Some(Postgres::start())).await;
}

impl Kind {
    async fn sweep(&self, server: Option<Postgres>) {
        let bench = self.bench(server.as_ref());
        let load = Load::start(&bench.url(), 50, 5);
        let ledger = if server.is_some() { "PostgreSQL" } else { "SQLite" };
        tokio::task::block_in_place(|| self.relay(&bench, ledger));
        let tally = load.finish().await;
        if !self.outage {
            assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
        }
    }

    /// Version 1 in front of users. What a run waits for is what its manifest says: little.
    fn bench(&self, server: Option<&Postgres>) -> Bench {
        let bench = Bench::caddy();
        if let Some(server) = server {
            let ledger = format!("[ledger]\nurl = \"{}\"\n", server.database());
            fs::write(bench.path("operator.toml"), ledger).expect("the operator's file can be written");
        }
        bench.edit(
            "caddy/deploy.toml",
            &[
                ("type = \"recreate\"", &format!("{}\n{HOOKED}", self.strategy)),
                (
                    "soak = \"1s\"\nmin-healthy-time = \"200ms\"",
                    "soak = \"0s\"\nmin-healthy-time = \"0s\"",
                ),
                ("default = 3, minimum", "default = 2, minimum"),
                ("interval = \"200ms\"", "interval = \"50ms\""),
            ],
        );
        let mut text = fs::read_to_string(bench.path("caddy/deploy.toml")).expect("a file can be read");
        for (name, moment) in MOMENTS {
            text += &format!(
                "[hook.{name}]\nat = \"{moment}\"\nrun = [\"./try.sh\", \"{name}\"]\nrepeatable = true\n"
            );
        }
        fs::write(bench.path("caddy/deploy.toml"), text).expect("a file can be written");
        let script = bench.path("caddy/try.sh");
        fs::write(&script, "#!/bin/sh\n[ ! -e \"$(dirname \"$0\")/fails-$1\" ]\n")
            .expect("a file can be written");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it is our own file");
        bench.must("caddy", &["run", "local"]);
        if self.fails {
            fs::write(bench.path("caddy/fails-attach"), "").expect("a file can be written");
        }
        bench
    }

    /// Runs until enough boundaries are met.
    fn relay(&self, bench: &Bench, ledger: &'static str) {
        let versions = (2..).map(|number| format!("{number}.0.0"));
        let mut relay: Option<Relay> = None;
        let began = Instant::now();
        for version in versions {
            let arguments = ["run", "local", "--version", &version];
            let Some(relay) = &mut relay else {
                let (first, ran) = Relay::over(bench, &["caddy"], &arguments, FEW);
                self.ended(bench, &ran, &version, "undisturbed");
                relay = Some(first);
                continue;
            };
            let relayed = relay.run(bench, &arguments);
            let kills = relayed.kills.join("\n");
            self.ended(bench, &relayed.ended, &version, &kills);
            println!("{}: {relay}, in {} s", self.name, began.elapsed().as_secs());
            if relay.is_over(&relayed) {
                break;
            }
        }
        let relay = relay.expect("there were runs");
        relay.must_have_met(95);
        println!("{}", relay.swept(self.name, "one machine", ledger));
    }

    /// As it must, and nothing else runs or is left.
    fn ended(&self, bench: &Bench, ran: &Ran, version: &str, what: &str) {
        let (code, users) = if self.fails { (4, "1.0.0") } else { (0, version) };
        assert_eq!(ran.code, Some(code), "{what}\n{}\n{}", ran.stdout, ran.stderr);
        assert_eq!(bench.settled("caddy"), users, "{what}");
    }
}

//! A canary run, killed at every write of its journal in turn: before the write and after it. Each time the next command
//! goes on, and in the end everything is as if nothing had happened.

use slipway_testing::Load;
use slipway_tests::Bench;

/// One run that is killed again and again: each process comes a few writes further than the one before it.
#[tokio::test(flavor = "multi_thread")]
async fn one_run_killed_again_and_again() {
    let bench = small_canary();
    let load = Load::start(&bench.url(), 100, 10);
    let mut kills = 0;
    // An activity that writes several times before its outcome needs a process that lives for as many writes.
    let fault = |kills: u64| format!("after:{}", 2 + kills % 4);
    let mut ran = bench.faulty("caddy", &["run", "local", "--version", "2.0.0"], &fault(0));
    while ran.code.is_none() {
        kills += 1;
        assert!(kills < 1000, "the run does not end");
        let run = interrupted(&bench);
        ran = match run {
            Some(run) => bench.faulty("caddy", &["resume", &run], &fault(kills)),
            None => break,
        };
    }
    assert!(
        matches!(ran.code, Some(0) | None),
        "{}\n{}",
        ran.stdout,
        ran.stderr
    );
    let tally = load.finish().await;
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
    assert_eq!(bench.settled("caddy"), "2.0.0");
    assert!(kills >= 20, "only {kills} kills");
    println!("one run: killed {kills} times, resumed {kills} times, 0 lost");
}

/// A run of its own for boundaries all over the journal: killed once, resumed, and undisturbed after that.
#[test]
fn runs_killed_once() {
    let bench = small_canary();
    let count = bench.path("count");
    let counted = bench.faulty(
        "caddy",
        &["run", "local", "--version", "2.0.0"],
        &format!("count:{}", count.display()),
    );
    assert_eq!(counted.code, Some(0), "{}", counted.stderr);
    let boundaries: u64 = std::fs::read_to_string(count).unwrap().parse().unwrap();
    bench.settled("caddy");
    // The command for all of them is `SLIPWAY_SWEEP=1`; here some, spread evenly, and other ones for the two kinds.
    let step = std::env::var("SLIPWAY_SWEEP")
        .ok()
        .and_then(|step| step.parse().ok())
        .unwrap_or(boundaries / 10);
    let mut kills = 0;
    for (kind, first) in [("before", 1), ("after", 1 + step / 2)] {
        for at in (first..=boundaries).step_by(step.max(1) as usize) {
            let version = format!("2.{}.0", kills + 1);
            let arguments = ["run", "local", "--version", &version];
            let killed = bench.faulty("caddy", &arguments, &format!("{kind}:{at}"));
            if killed.code.is_none() {
                kills += 1;
                match interrupted(&bench) {
                    Some(run) => bench.must("caddy", &["resume", &run]),
                    // It died before the run was there, or after it had ended.
                    None => bench.must("caddy", &arguments),
                };
            } else {
                assert_eq!(killed.code, Some(0), "{}", killed.stderr);
            }
            assert_eq!(bench.settled("caddy"), version, "{kind}:{at}");
        }
    }
    println!("{boundaries} boundaries a run; {kills} runs killed, {kills} resumed, 0 lost");
    assert!(kills > 0);
}

/// A web server whose canary is short, with version 1 in front of users.
fn small_canary() -> Bench {
    let bench = Bench::caddy();
    bench.edit(
        "caddy/deploy.toml",
        &[
            (
                "type = \"recreate\"",
                "type = \"canary\"\nsteps = [{ weight = 50, soak = \"1s\" }]",
            ),
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

/// The run that was begun and not ended.
fn interrupted(bench: &Bench) -> Option<String> {
    let history = bench.json("caddy", &["history"]);
    let runs = history["runs"].as_array().expect("a list").clone();
    let open = runs.iter().find(|run| run["ended"].is_null());
    open.map(|run| run["run"].as_str().expect("an id").to_owned())
}

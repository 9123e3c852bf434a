//! A dead man's switch (`dead-man`): whoever was rolling out is gone or stands still, and users are back on what they had,
//! with nobody's help. Whoever comes back later finds that, and does not go on as if nothing had been.

use std::{
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use slipway_testing::Load;
use slipway_tests::{Bench, program};

/// Version 1 in front of users, and from then on a canary that has to be heard from.
fn ready() -> Bench {
    let strategy = "type = \"canary\"\nsteps = [{ weight = 50, soak = \"60s\" }]\ndead-man = \"5s\"";
    Bench::before(strategy)
}

/// A run of version 2 that half of the users are on.
fn half_way(bench: &Bench) -> Child {
    let child = bench
        .command(
            &program("slipway"),
            "caddy",
            &["run", "local", "--version", "2.0.0"],
        )
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    until("half of the users are on it", || {
        let seen = bench.slipway("caddy", &["logs", "--run", "local"]);
        seen.stdout.contains("watch revision")
    });
    child
}

fn until(what: &str, mut fits: impl FnMut() -> bool) {
    let began = Instant::now();
    while !fits() {
        assert!(began.elapsed() < Duration::from_secs(60), "never: {what}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// How much runs that users did not have.
fn running(bench: &Bench) -> usize {
    let status = bench.json("caddy", &["status", "local"]);
    let environment = &status["environments"][0];
    let old = environment["current"]["revision"].as_str().expect("a revision");
    let instances = environment["instances"].as_array().expect("instances");
    instances
        .iter()
        .filter(|instance| instance["revision"].as_str() != Some(old))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn users_have_what_they_had_when_nobody_is_left() {
    let bench = ready();
    let load = Load::start(&bench.url(), 200, 20);
    let mut run = half_way(&bench);
    // It is heard from, and longer than it may be silent.
    thread::sleep(Duration::from_secs(7));
    assert!(running(&bench) > 0, "it has gone back although the run is there");
    run.kill().expect("it is our own");
    run.wait().expect("it has ended");
    until("only what users had runs", || running(&bench) == 0);
    let tally = load.finish().await;
    assert_eq!((tally.failed, tally.bad()), (0, 0), "{tally:?}");
    let resumed = bench.slipway("caddy", &["resume", "local"]);
    assert_eq!(resumed.code, Some(4), "{}", resumed.stderr);
    assert!(
        resumed.stderr.contains("nobody was heard from within 5s"),
        "{}",
        resumed.stderr
    );
    assert_eq!(bench.settled("caddy"), "1.0.0");
    // The way is free for the next one.
    bench.edit("caddy/deploy.toml", &[("soak = \"60s\"", "soak = \"0s\"")]);
    bench.must("caddy", &["run", "local", "--version", "3.0.0"]);
    assert_eq!(bench.settled("caddy"), "3.0.0");
    thread::sleep(Duration::from_secs(6));
    assert_eq!(bench.settled("caddy"), "3.0.0");
}

#[test]
fn whoever_stood_still_goes_back_too() {
    let bench = ready();
    let mut run = half_way(&bench);
    let signal = |name: &str| {
        let sent = Command::new("kill").args([name, &run.id().to_string()]).status();
        assert!(sent.expect("there is such a program").success());
    };
    signal("-STOP");
    until("only what users had runs", || running(&bench) == 0);
    signal("-CONT");
    bench.must("caddy", &["promote", "local"]);
    assert_eq!(run.wait().expect("it ends").code(), Some(4));
    assert_eq!(bench.settled("caddy"), "1.0.0");
}

#[test]
fn one_that_is_given_up_leaves_nothing_behind() {
    let bench = ready();
    let mut run = half_way(&bench);
    run.kill().expect("it is our own");
    run.wait().expect("it has ended");
    until("only what users had runs", || running(&bench) == 0);
    bench.must("caddy", &["abort", "local"]);
    bench.edit(
        "caddy/deploy.toml",
        &[("dead-man = \"5s\"\n", ""), ("soak = \"60s\"", "soak = \"0s\"")],
    );
    bench.must("caddy", &["run", "local", "--version", "2.0.0"]);
    assert_eq!(bench.settled("caddy"), "2.0.0");
}

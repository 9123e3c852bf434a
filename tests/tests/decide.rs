//! Runs that stand still until people say how they go on, whoever carries them out by then: after a failure, where
//! `on-failure = "ask"`, and where somebody has to agree.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;
use slipway_tests::{Bench, program};

/// Version 1 in front of users, and from then on a canary of two instances that asks; its hook and its check fail
/// as long as there is a file for the instance or for the check.
fn ready() -> Bench {
    let strategy = "type = \"canary\"\nsteps = [{ weight = 50, soak = \"0s\" }]";
    let bench = Bench::before(strategy);
    let script = "#!/bin/sh\ncd \"$(dirname \"$0\")\"\n[ ! -e \"fail-${1:-${SLIPWAY_INSTANCE##*-}}\" ]\n";
    let path = bench.path("caddy/try.sh");
    fs::write(&path, script).expect("a file can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is our own file");
    bench.edit(
        "caddy/deploy.toml",
        &[(
            "checks = [\"page\"]",
            "checks = [\"page\", \"sound\"]\nhooks = [\"warm\"]\non-failure = \"ask\"",
        )],
    );
    let mut text = fs::read_to_string(bench.path("caddy/deploy.toml")).expect("a file can be read");
    text.push_str("[hook.warm]\nat = \"before-start\"\nrun = [\"./try.sh\"]\n");
    text.push_str("[check.sound]\nretries = 0\ncommand = { run = [\"./try.sh\", \"check\"] }\n");
    fs::write(bench.path("caddy/deploy.toml"), text).expect("a file can be written");
    bench
}

/// What fails from now on, or does so no more: the check, or the instance of this number.
fn fails(bench: &Bench, what: &str, yes: bool) {
    let path = bench.path(&format!("caddy/fail-{what}"));
    let done = if yes {
        fs::write(path, "")
    } else {
        fs::remove_file(path)
    };
    done.expect("it is our own file");
}

/// A run of version 2 that has come as far as it can by itself.
fn stuck(bench: &Bench) -> Child {
    let child = bench
        .command(
            &program("slipway"),
            "caddy",
            &["run", "local", "--version", "2.0.0", "--format", "json"],
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    waits(bench);
    child
}

fn waits(bench: &Bench) {
    for _ in 0..200 {
        let history = bench.json("caddy", &["history"]);
        if history["runs"][0]["state"] == "waiting" {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    let said = bench.slipway("caddy", &["logs", "--run", "local"]);
    panic!("nobody asks:\n{}{}", said.stdout, said.stderr);
}

/// The exit code, and the questions that were asked.
fn ended(child: Child) -> (Option<i32>, Vec<Value>) {
    let output = child.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    let asked = String::from_utf8_lossy(&text)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|event| event["event"] == "asked")
        .collect();
    (output.status.code(), asked)
}

#[test]
fn what_failed_is_done_again_or_passed_over() {
    let bench = ready();
    fails(&bench, "check", true);
    let run = stuck(&bench);
    let not_offered = bench.slipway("caddy", &["decide", "local", "exclude"]);
    assert_eq!(not_offered.code, Some(2), "{}", not_offered.stderr);
    assert!(
        not_offered.stderr.contains("only retry, skip, roll-back, hold"),
        "{}",
        not_offered.stderr
    );
    // It fails again, and asks again.
    bench.must("caddy", &["decide", "local", "retry"]);
    thread::sleep(Duration::from_millis(500));
    waits(&bench);
    fails(&bench, "check", false);
    bench.must(
        "caddy",
        &["decide", "local", "retry", "--reason", "it was the network"],
    );
    let (code, asked) = ended(run);
    assert_eq!(code, Some(0), "{asked:?}");
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(
        asked[0]["cause"].as_str().expect("a cause").contains("sound"),
        "{asked:?}"
    );
    let said = bench.must("caddy", &["logs", "--run", "local"]);
    assert!(said.stdout.contains("it was the network"), "{}", said.stdout);
    let nothing = bench.slipway("caddy", &["decide", "local", "skip"]);
    assert!(nothing.stderr.contains("asks nothing"), "{}", nothing.stderr);

    fails(&bench, "check", true);
    let run = bench
        .command(
            &program("slipway"),
            "caddy",
            &["run", "local", "--version", "3.0.0"],
        )
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    waits(&bench);
    bench.must("caddy", &["decide", "local", "skip"]);
    let output = run.wait_with_output().expect("it ends");
    assert!(output.status.success());
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for line in [
        "slipway decide local retry      does again what failed",
        "skip by ",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert_eq!(bench.settled("caddy"), "3.0.0");
}

#[test]
fn instances_that_fail_are_left_out() {
    let bench = ready();
    fails(&bench, "2", true);
    let run = stuck(&bench);
    bench.must("caddy", &["decide", "local", "exclude"]);
    let (code, asked) = ended(run);
    assert_eq!(code, Some(0), "{asked:?}");
    let failed = asked[0]["failed"].as_array().expect("those that failed");
    assert!(failed.len() == 1 && failed[0].as_str().is_some_and(|name| name.ends_with("-2")));
    assert_eq!(bench.settled("caddy"), "2.0.0");
    let status = bench.json("caddy", &["status", "local"]);
    assert_eq!(
        status["environments"][0]["instances"].as_array().map(Vec::len),
        Some(1),
        "{status}"
    );
}

#[test]
fn whoever_decides_later_goes_on_with_it() {
    let bench = ready();
    fails(&bench, "check", true);
    let mut run = stuck(&bench);
    run.kill().expect("it is our own");
    run.wait().expect("it has ended");
    let back = bench.slipway("caddy", &["decide", "local", "roll-back"]);
    assert_eq!(back.code, Some(4), "{}", back.stderr);
    assert_eq!(bench.settled("caddy"), "1.0.0");

    let mut run = stuck(&bench);
    run.kill().expect("it is our own");
    run.wait().expect("it has ended");
    let held = bench.slipway("caddy", &["decide", "local", "hold"]);
    assert_eq!(held.code, Some(1), "{}", held.stderr);
    // It stands beside what users have, until somebody takes it away.
    let status = bench.must("caddy", &["status", "local"]);
    assert!(status.stdout.contains("2.0.0"), "{}", status.stdout);
    bench.must("caddy", &["abort", "local"]);
    assert_eq!(bench.settled("caddy"), "1.0.0");
}

/// Half of the users are on it already.
#[test]
fn what_goes_bad_while_people_are_waited_for_goes_back() {
    let bench = ready();
    let step = "{ weight = 50, soak = \"0s\" }";
    bench.edit(
        "caddy/deploy.toml",
        &[
            (
                step,
                &format!("{step}, {{ weight = 75, soak = \"0s\", approve = true }}"),
            ),
            ("on-failure = \"ask\"", "on-failure = \"roll-back\""),
        ],
    );
    let run = stuck(&bench);
    fails(&bench, "check", true);
    assert_eq!(ended(run).0, Some(4));
    assert_eq!(bench.settled("caddy"), "1.0.0");
    let said = bench.must("caddy", &["logs", "--run", "local"]);
    assert!(said.stdout.contains("sound: fail: "), "{}", said.stdout);
    // Of all that was looked at meanwhile, what decided is in the record.
    bench.must("caddy", &["replay", "local"]);

    // It is the same for whoever goes on with it.
    fails(&bench, "check", false);
    let mut run = stuck(&bench);
    run.kill().expect("it is there");
    ended(run);
    fails(&bench, "check", true);
    let resumed = bench.slipway("caddy", &["resume"]);
    assert_eq!(resumed.code, Some(4), "{}\n{}", resumed.stdout, resumed.stderr);
    assert_eq!(bench.settled("caddy"), "1.0.0");
}

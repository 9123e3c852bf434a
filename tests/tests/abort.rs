//! Taking back: a candidate that nobody cuts over, a run that was killed, a run under way; and that a run works on what
//! it began with.

use std::{
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

use slipway_testing::Load;
use slipway_tests::{Bench, program};

const CANARY: &str = "type = \"canary\"\nsteps = [{ weight = 50, soak = \"1s\" }]";

/// Version 1 in front of users, and version 2 ready to be deployed by a strategy.
fn ready(strategy: &str) -> Bench {
    let bench = Bench::before(strategy);
    bench.must("caddy", &["release", "--version", "2.0.0"]);
    bench.must("caddy", &["adapt", "local"]);
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_is_dropped() {
    for strategy in [
        CANARY,
        "type = \"blue-green\"",
        "type = \"rolling\"",
        "type = \"recreate\"",
    ] {
        let bench = ready(strategy);
        bench.must("caddy", &["deploy", "local"]);
        let status = bench.must("caddy", &["status", "local"]);
        assert!(
            status.stdout.contains("`slipway abort local` drops it"),
            "{}",
            status.stdout
        );
        assert!(!status.stdout.contains("drift"), "{}", status.stdout);
        // Whatever somebody is doing to the manifest.
        fs::write(bench.path("caddy/deploy.toml"), "[service").unwrap();
        let load = Load::start(&bench.url(), 100, 10);
        let aborted = bench.must("caddy", &["abort", "local", "--reason", "not today"]);
        let tally = load.finish().await;
        if !strategy.contains("recreate") {
            assert_eq!(
                (tally.bad(), &tally.failures),
                (0, &vec![]),
                "{strategy}: {tally:?}"
            );
        }
        assert!(aborted.stderr.contains("not today"), "{}", aborted.stderr);
        assert_eq!(bench.settled("caddy"), "1.0.0", "{strategy}");
        let entries = bench.json("caddy", &["archive", "list"]);
        let last = entries["entries"].as_array().unwrap().last().unwrap();
        assert_eq!(last["outcome"], "dropped", "{last}");
        bench.must("caddy", &["archive", "verify"]);
        // There is nothing more to take back.
        let again = bench.slipway("caddy", &["abort", "local"]);
        assert_eq!(again.code, Some(1), "{}", again.stderr);
        assert!(
            again.stderr.contains("slipway rollback local"),
            "{}",
            again.stderr
        );
    }
}

#[test]
fn another_revision_takes_the_place_of_a_candidate() {
    let bench = ready(CANARY);
    bench.must("caddy", &["deploy", "local"]);
    bench.must("caddy", &["release", "--version", "3.0.0"]);
    bench.must("caddy", &["adapt", "local"]);
    let plan = bench.must("caddy", &["plan", "local"]);
    let promised = "candidate 2.0.0";
    assert!(plan.stdout.contains(promised), "{}", plan.stdout);
    bench.must("caddy", &["deploy", "local"]);
    bench.must("caddy", &["cutover", "local"]);
    assert_eq!(bench.settled("caddy"), "3.0.0");
}

/// Killed at boundaries all over, the run is given up; and the run that takes it back is killed as well.
#[test]
fn a_killed_run_is_taken_back() {
    let bench = ready(CANARY);
    let mut given_up = 0;
    for at in [3, 40, 90, 150, 210, 270] {
        let version = format!("2.{at}.0");
        let killed = bench.faulty(
            "caddy",
            &["run", "local", "--version", &version],
            &format!("after:{at}"),
        );
        if killed.code.is_some() {
            break;
        }
        let before = bench.json("caddy", &["status", "local"])["environments"][0].clone();
        let confirmed = before["current"]["version"] == version.as_str();
        let taken = bench.faulty("caddy", &["abort", "local"], &format!("after:{}", at / 3));
        match taken.code {
            Some(code) => assert_eq!(code, 0, "{}", taken.stderr),
            // Whether the abort's own run had begun or not, what it was for is still to be done.
            None => {
                let run = bench.json("caddy", &["history"])["runs"][0].clone();
                if run["state"] == "interrupted" && run["steps"][0] == "abort" {
                    bench.must("caddy", &["resume"]);
                } else {
                    bench.slipway("caddy", &["abort", "local"]);
                }
            }
        }
        if confirmed {
            break;
        }
        given_up += 1;
        assert_eq!(bench.settled("caddy"), "1.0.0", "after:{at}");
    }
    assert!(given_up >= 3, "{given_up}");
    bench.must("caddy", &["run", "local", "--version", "3.0.0"]);
    println!("{given_up} killed runs given up, 0 left anything");
}

#[test]
fn a_run_under_way_goes_back() {
    let bench = ready("type = \"canary\"\nsteps = [{ weight = 50, soak = \"60s\" }]");
    let running = bench
        .command(
            &program("slipway"),
            "caddy",
            &["run", "local", "--version", "2.0.0"],
        )
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    under_way(&bench, "50 % of users");
    under_way(&bench, "watch revision");
    bench.must("caddy", &["abort", "local"]);
    let ended = running.wait_with_output().unwrap();
    assert_eq!(
        ended.status.code(),
        Some(4),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    assert_eq!(bench.settled("caddy"), "1.0.0");
}

/// In the midst of waiting for health, long before its deadline; and the time that it was paused does not count.
#[test]
fn a_start_that_does_not_get_well_is_aborted() {
    let bench = ready("type = \"blue-green\"\nprogress-deadline = \"300s\"");
    bench.edit("caddy/deploy.toml", &[("/healthz", "/nothing")]);
    let running = bench
        .command(
            &program("slipway"),
            "caddy",
            &["run", "local", "--version", "2.0.0"],
        )
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    under_way(&bench, "start 2 instances");
    bench.must("caddy", &["pause", "local"]);
    let begun = Instant::now();
    bench.must("caddy", &["abort", "local", "--reason", "it hangs"]);
    let ended = running.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(4), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(60), "{said}");
    assert!(
        said.contains("it hangs") && said.contains("aborted by a person"),
        "{said}"
    );
    assert_eq!(bench.settled("caddy"), "1.0.0");
}

/// Whatever is edited between the kill and the resume is for the next run.
#[test]
fn a_run_goes_on_with_what_it_began_with() {
    let bench = Bench::caddy();
    bench.edit(
        "caddy/deploy.toml",
        &[(
            "[environments.local]",
            "[overlays]\nlocal = {}\n\n[environments.local]\noverlays = [\"local\"]",
        )],
    );
    let good = fs::read_to_string(bench.path("caddy/deploy.toml")).unwrap();
    let manifest = |text: &str| fs::write(bench.path("caddy/deploy.toml"), text).unwrap();
    let greet = |greeting: &str| {
        let folder = bench.path("caddy/adaptations/local");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("values.toml"), format!("greeting = \"{greeting}\"\n")).unwrap();
    };
    greet("Hello");
    bench.must("caddy", &["release"]);
    let mut kept = 0;
    for at in 1.. {
        let (first, second) = (format!("First {at}"), format!("Second {at}"));
        greet(&first);
        let killed = bench.faulty("caddy", &["adapt", "local"], &format!("after:{at}"));
        if killed.code.is_some() {
            break;
        }
        let run = bench.json("caddy", &["history"])["runs"][0].clone();
        if run["state"] != "interrupted" {
            continue;
        }
        greet(&second);
        manifest("[service");
        let sources = format!("caddy/.slipway/runs/{}/sources", run["run"].as_str().unwrap());
        let wanted = if bench.path(&sources).exists() {
            kept += 1;
            first
        } else {
            let broken = bench.slipway("caddy", &["resume"]);
            assert_eq!(broken.code, Some(3), "{}", broken.stderr);
            manifest(&good);
            second
        };
        bench.must("caddy", &["resume"]);
        manifest(&good);
        let made = fs::read_to_string(bench.path("caddy/deployment/local/config/Caddyfile")).unwrap();
        assert!(made.contains(&wanted), "after:{at}: {made}");
    }
    assert!(kept >= 5, "{kept}");
}

/// Until the run in the environment has said something.
fn under_way(bench: &Bench, what: &str) {
    for _ in 0..300 {
        let log = bench.slipway("caddy", &["logs", "--run", "local"]);
        if log.stdout.contains(what) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it never said `{what}`");
}

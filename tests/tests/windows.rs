//! Times in which an environment may be changed: who comes at another time is refused, unless there is a reason for the
//! record; who has begun goes to the end; and the way back is always open.

use slipway_tests::{Bench, Ran};

/// A Tuesday in Berlin, within office hours and long after.
const MORNING: &str = "2026-11-24T09:30:00Z";
const NIGHT: &str = "2026-11-24T22:00:00Z";

const WINDOW: &str = "[environments.local]\nwindow = { days = \"mon-thu\", from = \"09:00\", to = \"16:00\", zone = \"Europe/Berlin\" }";
const FREEZE: &str = "[environments.local]\nfreeze = { from = \"2026-11-24\", to = \"2026-11-26\", zone = \"UTC\", reason = \"inventory\" }";

const QUICK: (&str, &str) = ("soak = \"1s\"\nmin", "soak = \"0s\"\nmin");

fn bench(rules: &str) -> Bench {
    let bench = Bench::caddy();
    bench.edit("caddy/deploy.toml", &[("[environments.local]", rules), QUICK]);
    bench
}

#[track_caller]
fn refused(ran: &Ran, why: &[&str]) {
    assert_eq!(ran.code, Some(8), "{}\n{}", ran.stdout, ran.stderr);
    for why in why {
        assert!(ran.stderr.contains(why), "{why}: {}", ran.stderr);
    }
}

#[test]
fn outside_of_a_window_only_with_a_reason() {
    let bench = bench(WINDOW);
    let at = |time: &str, arguments: &[&str]| bench.at_time("caddy", arguments, time, None);
    let opens = "local is closed to changes until Wed 2026-11-25 09:00 Europe/Berlin (mon-thu 09:00 to 16:00 Europe/Berlin)";
    refused(&at(NIGHT, &["run", "local"]), &[opens, "--outside-window REASON"]);
    // Nothing was touched, not even a registry.
    assert!(!bench.path("caddy/deploy.lock").exists());
    let history = bench.json("caddy", &["history"]);
    assert_eq!(history["runs"][0]["summary"], opens, "{history}");

    // What has begun in time goes to its end, also when it was interrupted and is gone on with at night.
    let killed = bench.at_time("caddy", &["run", "local"], MORNING, Some("after:40"));
    assert_eq!(killed.code, None, "{}", killed.stderr);
    at(NIGHT, &["resume"]).must();
    assert_eq!(bench.settled("caddy"), "1.0.0");

    // Release and adapt change no environment.
    at(NIGHT, &["release", "--version", "2.0.0"]).must();
    at(NIGHT, &["adapt", "local"]).must();
    let plan = at(NIGHT, &["plan", "local"]);
    assert!(
        plan.stdout.contains("local: closed to changes until Wed"),
        "{}",
        plan.stdout
    );
    let plan = at(MORNING, &["plan", "local"]);
    let open = "local: open to changes until Tue 2026-11-24 16:00 Europe/Berlin";
    assert!(plan.stdout.contains(open), "{}", plan.stdout);
    let status = at(NIGHT, &["status", "local"]);
    assert!(
        status.stdout.contains("closed to changes until"),
        "{}",
        status.stdout
    );

    refused(&at(NIGHT, &["deploy", "local"]), &[opens]);
    let no_reason = at(NIGHT, &["deploy", "local", "--outside-window", " "]);
    assert_eq!(no_reason.code, Some(2), "{}", no_reason.stderr);
    let deployed = at(
        NIGHT,
        &["deploy", "local", "--outside-window", "payments are down"],
    );
    assert!(
        deployed.stderr.contains("goes ahead: payments are down"),
        "{}",
        deployed.stderr
    );
    deployed.must();
    // Each step for itself.
    refused(&at(NIGHT, &["cutover", "local"]), &[opens]);
    at(
        NIGHT,
        &["cutover", "local", "--outside-window", "payments are down"],
    )
    .must();
    assert_eq!(bench.settled("caddy"), "2.0.0");
    let status = at(NIGHT, &["status", "local"]);
    assert!(
        status.stdout.contains("outside of its windows, by "),
        "{}",
        status.stdout
    );
    let run = bench.json("caddy", &["history"])["runs"][0]["run"].clone();
    let told = bench.must("caddy", &["logs", "--run", run.as_str().expect("an id")]);
    assert!(
        told.stdout.contains("goes ahead: payments are down"),
        "{}",
        told.stdout
    );

    at(NIGHT, &["rollback", "local"]).must();
    assert_eq!(bench.settled("caddy"), "1.0.0");
}

#[test]
fn a_freeze_says_why() {
    let bench = bench(FREEZE);
    let at = |time: &str| bench.at_time("caddy", &["run", "local", "--format", "json"], time, None);
    let why = "until Fri 2026-11-27 00:00 UTC (frozen from 2026-11-24 to 2026-11-26 UTC: inventory)";
    refused(&at(MORNING), &[why, "\"kind\":\"closed\""]);
    at("2026-11-27T00:00:00Z").must();
}

/// What comes first would have begun before the one that was asked for is refused.
#[test]
fn of_several_services_none_begins() {
    let bench = Bench::shop();
    bench.pack("1.0.0", 0);
    bench.edit("shop/deploy.toml", &[("[environments.local]", FREEZE)]);
    let ran = bench.at_time("shop", &["run", "local"], MORNING, None);
    refused(&ran, &["shop in local is closed to changes", "inventory"]);
    for service in ["shop", "database"] {
        assert!(!bench.path(service).join("deploy.lock").exists(), "{service}");
    }
}

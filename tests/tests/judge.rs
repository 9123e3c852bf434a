//! What the judge of a run says is kept with what it was said by, and can be argued with afterwards; and where it cannot
//! say anything, people do.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::{
    process::{Output, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;
use slipway_testing::Load;
use slipway_tests::{Bench, program};

const JUDGED: &str =
    "logs = { match = \"ERROR\", max-count = 2, no-worse-than = \"stable\", min-sample = 20 }";
const UNCLEAR: &str = "logs = { match = \"ERROR\", no-worse-than = \"stable\", min-sample = 1000000 }";

/// Deploys a version that nobody can judge, and says something to the run once it is in this state.
fn told(bench: &Bench, version: &str, word: &str, state: &str) -> Output {
    bench.pack(version, 0);
    let run = bench
        .command(
            &program("slipway"),
            "shop",
            &["run", "local", "--version", version],
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let watches = || {
        let history = bench.json("shop", &["history"]);
        let latest = history["runs"][0]["run"].as_str().unwrap().to_owned();
        let log = bench.slipway("shop", &["logs", "--run", &latest]);
        history["runs"][0]["state"] == state && log.stdout.contains("watch revision")
    };
    for _ in 0..300 {
        if watches() {
            bench.must("shop", &[word, "local"]);
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    // One that asks nobody comes to its end by itself.
    run.wait_with_output().unwrap()
}

#[track_caller]
fn ended(run: &Output, code: i32) {
    let said = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(code), "{said}");
}

/// The last run judged again, with the exit code that it comes to.
fn replayed(bench: &Bench, more: &[&str], code: i32) -> Value {
    let arguments = [&["judge", "--replay", "local", "--format", "json"], more].concat();
    let ran = bench.slipway("shop", &arguments);
    assert_eq!(ran.code, Some(code), "{}\n{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_can_be_argued_with() {
    let bench = Bench::shop();
    bench.pack("1.0.0", 0);
    bench.edit(
        "shop/deploy.toml",
        &[(
            "{ weight = 10, soak = \"3s\" }, { weight = 50, soak = \"3s\" }",
            "{ weight = 50, soak = \"3s\" }",
        )],
    );
    bench.must("shop", &["run", "local"]);
    let load = Load::start(&bench.url(), 100, 10);

    // Worse than what users have, and by so much that nobody would say otherwise.
    bench.pack("1.1.0", 4);
    bench.edit("shop/deploy.toml", &[("max-count = 2, ", "")]);
    let worse = bench.slipway("shop", &["run", "local", "--version", "1.1.0"]);
    assert_eq!(worse.code, Some(4), "{}", worse.stderr);
    assert!(
        worse.stderr.contains("errors: fail: lines that match: "),
        "{}",
        worse.stderr
    );
    let again = bench.slipway("shop", &["judge", "--replay", "local"]);
    assert_eq!(again.code, Some(1), "{}", again.stdout);
    let other = bench.slipway(
        "shop",
        &["judge", "--replay", "local", "--set", "tolerance=1000000"],
    );
    // Where there was nothing before, any tolerance is too little.
    assert_eq!(other.code, Some(1), "{}", other.stdout);
    let unknown = bench.slipway("shop", &["judge", "--replay", "local", "--set", "max=3"]);
    assert!(
        unknown
            .stderr
            .contains("--set max=3: no analysis of the run has that"),
        "{}",
        unknown.stderr
    );

    // Nobody can say, so somebody has to.
    bench.edit(
        "shop/deploy.toml",
        &[(&JUDGED.replace("max-count = 2, ", ""), UNCLEAR)],
    );
    let promoted = told(&bench, "1.2.0", "promote", "waiting");
    ended(&promoted, 0);
    assert_eq!(bench.settled("shop"), "1.2.0");
    let unclear = replayed(&bench, &[], 9);
    assert_eq!(unclear["verdicts"][0]["now"]["outcome"], "inconclusive");
    assert_eq!(unclear["verdicts"][0]["then"], unclear["verdicts"][0]["now"]);
    let clear = replayed(&bench, &["--set", "min-sample=20"], 0);
    assert_eq!(clear["verdicts"][0]["now"]["outcome"], "pass");
    let aborted = told(&bench, "1.3.0", "abort", "waiting");
    ended(&aborted, 4);
    assert_eq!(bench.settled("shop"), "1.2.0");

    // Whoever has promoted it while it was watched is not asked again.
    let longer = format!("{UNCLEAR}\nextend = \"5m\"");
    bench.edit("shop/deploy.toml", &[(UNCLEAR, &longer)]);
    let promoted = told(&bench, "1.3.1", "promote", "running");
    ended(&promoted, 0);
    assert_eq!(bench.settled("shop"), "1.3.1");
    bench.edit("shop/deploy.toml", &[(&longer, UNCLEAR)]);

    // Unless the manifest says what becomes of it; and it is watched for longer where that may help.
    let failing = format!("{UNCLEAR}\ninconclusive = \"fail\"");
    bench.edit("shop/deploy.toml", &[(UNCLEAR, &failing)]);
    let failed = bench.slipway("shop", &["run", "local", "--version", "1.4.0"]);
    assert_eq!(failed.code, Some(4), "{}", failed.stderr);
    assert!(
        failed.stderr.contains("errors: inconclusive: "),
        "{}",
        failed.stderr
    );
    bench.edit(
        "shop/deploy.toml",
        &[("min-sample = 1000000 }", "min-sample = 300 }\nextend = \"1m\"")],
    );
    bench.pack("1.5.0", 0);
    bench.must("shop", &["run", "local", "--version", "1.5.0"]);
    let watched = replayed(&bench, &[], 0);
    let seconds = watched["verdicts"][0]["then"]["evidence"]["candidate"]["seconds"]
        .as_f64()
        .unwrap();
    assert!((3.5..60.0).contains(&seconds), "{seconds}");

    // What nobody has said before is told with an example.
    let failing = "min-sample = 300 }\nextend = \"1m\"";
    bench.edit(
        "shop/deploy.toml",
        &[(failing, "min-sample = 20 }"), ("no-worse-than", "no-new")],
    );
    bench.pack("1.6.0", 4);
    let new = bench.slipway("shop", &["run", "local", "--version", "1.6.0"]);
    assert_eq!(new.code, Some(4), "{}", new.stderr);
    assert!(
        new.stderr.contains("errors: fail: a kind of message is new: "),
        "{}",
        new.stderr
    );

    let tally = load.finish().await;
    assert_eq!(tally.failed, 0, "{tally:?}");
    assert_eq!(
        tally.bad(),
        tally.answers(500, "1.1.0") + tally.answers(500, "1.6.0"),
        "{tally:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_outweighed_lets_a_revision_through_unless_it_is_critical() {
    let bench = Bench::shop();
    bench.pack("1.0.0", 0);
    let fast = "[analysis.fast]\nweight = 2\n\
                traffic = { slower-than = \"10s\", max-percent = 1, min-sample = 20 }\n\n[analysis.errors]";
    bench.edit(
        "shop/deploy.toml",
        &[
            (
                "{ weight = 10, soak = \"3s\" }, { weight = 50, soak = \"3s\" }",
                "{ weight = 50, soak = \"3s\" }",
            ),
            (
                "analysis = [\"errors\"]",
                "analysis = [\"errors\", \"fast\"]\nscore = 60",
            ),
            ("[analysis.errors]", fast),
        ],
    );
    bench.must("shop", &["run", "local"]);
    let load = Load::start(&bench.url(), 100, 10);
    let run = |version: &str| {
        bench.pack(version, 4);
        tokio::task::block_in_place(|| bench.slipway("shop", &["run", "local", "--version", version]))
    };

    let outweighed = run("1.1.0");
    assert_eq!(outweighed.code, Some(0), "{}", outweighed.stderr);
    assert!(
        outweighed.stderr.contains("errors: fail: "),
        "{}",
        outweighed.stderr
    );
    let critical = format!("{JUDGED}\ncritical = true");
    bench.edit("shop/deploy.toml", &[(JUDGED, &critical)]);
    // The errors that users have already are none that a new revision is blamed for, but there are too many of them.
    let refused = run("1.2.0");
    assert_eq!(refused.code, Some(4), "{}", refused.stderr);
    assert_eq!(bench.settled("shop"), "1.1.0");

    // What the router does not tell, nobody waits for.
    bench.edit(
        "shop/deploy.toml",
        &[("slower-than = \"10s\"", "slower-than = \"7s\"")],
    );
    let uncounted = "analysis fast: the router does not tell which requests take longer than 7s, only for ";
    for arguments in [&["run", "local", "--version", "1.3.0"][..], &["plan", "local"]] {
        let refused = bench.slipway("shop", arguments);
        assert_ne!(refused.code, Some(0), "{}", refused.stdout);
        assert!(refused.stderr.contains(uncounted), "{}", refused.stderr);
        assert!(!refused.stderr.contains("shop |   [1/"), "{}", refused.stderr);
    }
    assert_eq!(bench.settled("shop"), "1.1.0");
    load.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_is_compared_with_as_many_of_the_old_revision() {
    let bench = Bench::shop();
    bench.pack("1.0.0", 0);
    bench.edit(
        "shop/deploy.toml",
        &[
            (
                "{ weight = 10, soak = \"3s\" }, { weight = 50, soak = \"3s\" }",
                "{ weight = 25, soak = \"4s\" }",
            ),
            (
                JUDGED,
                "traffic = { errors = \"5xx\", no-worse-than = \"baseline\" }",
            ),
            ("default = 2, minimum", "default = 3, minimum"),
        ],
    );
    bench.must("shop", &["run", "local"]);
    let load = Load::start(&bench.url(), 200, 10);
    let run = |version: &str, fails_one_in| {
        bench.pack(version, fails_one_in);
        tokio::task::block_in_place(|| bench.slipway("shop", &["run", "local", "--version", version]))
    };
    let worse = run("1.1.0", 4);
    assert_eq!(worse.code, Some(4), "{}", worse.stderr);
    for told in ["of which 25 % to its baseline of shop-local-", "errors: fail: "] {
        assert!(worse.stderr.contains(told), "{told}: {}", worse.stderr);
    }
    let good = run("1.2.0", 0);
    assert_eq!(good.code, Some(0), "{}", good.stderr);
    load.finish().await;
    // Of all requests each of the two had as many as the other.
    let evidence = &replayed(&bench, &[], 0)["verdicts"][0]["then"]["evidence"];
    let requests = |of: &str| {
        let tallies = evidence[of]["tallies"].as_array().unwrap().iter();
        tallies.map(|tally| tally["of"].as_f64().unwrap()).sum::<f64>()
    };
    let (candidate, stable) = (requests("candidate"), requests("stable"));
    assert!((candidate / stable - 1.0).abs() < 0.1, "{candidate} and {stable}");
}

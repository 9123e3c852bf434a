//! A ledger in a database, end to end: a server that is lost in the midst of a run, a run that is gone on with from
//! another machine, and the way from a folder's own ledger to there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::{
    fs,
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::json;
use slipway_servers::Postgres;
use slipway_testing::Load;
use slipway_tests::{Bench, RegistryServer, credentials, interrupted, program};

const PATIENCE: Duration = Duration::from_secs(60);

/// A web server whose canary takes a while.
fn bench() -> Bench {
    let bench = Bench::caddy();
    bench.edit(
        "caddy/deploy.toml",
        &[
            (
                "type = \"recreate\"",
                "type = \"canary\"\nsteps = [{ weight = 50, soak = \"3s\" }]",
            ),
            (
                "soak = \"1s\"\nmin-healthy-time = \"200ms\"",
                "soak = \"0s\"\nmin-healthy-time = \"0s\"",
            ),
            ("default = 3, minimum", "default = 2, minimum"),
        ],
    );
    bench
}

/// The operator's file names the database; the password is kept beside it.
fn operate(bench: &Bench, server: &Postgres) {
    let url = server.database();
    let (user, place) = url.split_once('@').unwrap();
    let (user, _) = user.rsplit_once(':').unwrap();
    let password = bench.path("ledger-password");
    fs::write(&password, "s3cret/p@ss\n").unwrap();
    let operator = bench.path("operator.toml");
    let mut text = fs::read_to_string(&operator).unwrap();
    text.push_str(&format!(
        "[ledger]\nurl = \"{user}@{place}\"\npassword = {{ file = {password:?} }}\nwait = \"1m\"\n"
    ));
    fs::write(operator, text).unwrap();
}

/// Waits until the service has a run that has not ended and that has begun to change something.
fn under_way(server: &Postgres) {
    let begun = Instant::now();
    let sql =
        "SELECT count(*) FROM slipway.entries JOIN slipway.runs ON run = number WHERE state = 'running'";
    while server.sql("test_0", sql).parse::<u64>().unwrap() < 40 {
        assert!(begun.elapsed() < PATIENCE, "the run does not get on");
        thread::sleep(Duration::from_millis(50));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_waits_for_its_ledger() {
    let server = Postgres::start();
    let bench = bench();
    operate(&bench, &server);
    let looked = bench.slipway("caddy", &["history"]);
    assert_eq!(looked.code, Some(1), "{}", looked.stderr);
    assert!(looked.stderr.contains("nothing was run yet"), "{}", looked.stderr);
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'slipway'";
    assert_eq!(server.sql("test_0", schemas), "0", "who only looks makes nothing");
    bench.must("caddy", &["run", "local", "--version", "1.0.0"]);
    assert!(!bench.path("caddy/.slipway/ledger.db").exists());

    let load = Load::start(&bench.url(), 100, 10);
    let run = bench
        .command(
            &program("slipway"),
            "caddy",
            &["run", "local", "--version", "2.0.0"],
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    under_way(&server);
    for pause in [200, 1500] {
        server.kill();
        thread::sleep(Duration::from_millis(pause));
        server.restart();
        thread::sleep(Duration::from_millis(500));
    }
    let Output { status, stderr, .. } = run.wait_with_output().unwrap();
    let said = text(&stderr);
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(
        said.contains("does not answer") && said.contains("answers again"),
        "{said}"
    );
    assert!(!said.contains("cret"), "{said}");
    let tally = load.finish().await;
    assert_eq!((tally.bad(), &tally.failures), (0, &vec![]), "{tally:?}");
    assert_eq!(bench.settled("caddy"), "2.0.0");
}

/// The one that was killed is not known to be dead over there: it has to have been silent for as long as a lease lasts.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_gone_on_with_from_another_machine() {
    let server = Postgres::start();
    let bench = bench();
    operate(&bench, &server);
    bench.must("caddy", &["run", "local", "--version", "1.0.0"]);
    let killed = bench.faulty("caddy", &["run", "local", "--version", "2.0.0"], "before:60");
    assert_eq!(killed.code, None, "{}", killed.stderr);
    let run = interrupted(&bench, "caddy").unwrap();

    let elsewhere = || {
        let here = bench.command(&program("slipway"), "caddy", &["resume", &run]);
        let mut there = Command::new("unshare");
        there.args(["--uts", "sh", "-c", "hostname elsewhere && exec \"$@\"", "sh"]);
        there.arg(here.get_program()).args(here.get_args());
        let given = |(name, value): (_, Option<_>)| value.map(|value| (name, value));
        there.envs(here.get_envs().filter_map(given));
        there.output().unwrap()
    };
    let begun = Instant::now();
    let ended = loop {
        // As long as it may be alive, it is told to go on, as one that is paused is.
        let ran = elsewhere();
        assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
        if interrupted(&bench, "caddy").is_none() {
            break ran;
        }
        assert!(begun.elapsed() < PATIENCE, "{}", text(&ran.stderr));
        thread::sleep(Duration::from_secs(3));
    };
    assert!(
        begun.elapsed() > Duration::from_secs(20),
        "{}",
        text(&ended.stderr)
    );
    assert_eq!(bench.settled("caddy"), "2.0.0");
}

/// What somebody has who checks the service out anew: what people wrote, and nothing that was ever done with it.
fn check_out(bench: &Bench, folder: &str) {
    let copied = Command::new("cp")
        .arg("-r")
        .args([bench.path("written"), bench.path(folder)])
        .status();
    assert!(copied.unwrap().success());
}

/// The service, which is released to a registry, in several folders that have nothing else.
fn checkouts(bench: &Bench, registry: &RegistryServer, folders: &[&str]) {
    let deploy = format!(
        "[registries]\ndeploy = \"oci://127.0.0.1:{}/deploy\"\n\n[artifacts.caddy]",
        registry.port
    );
    bench.edit("caddy/deploy.toml", &[("[artifacts.caddy]", deploy.as_str())]);
    fs::rename(bench.path("caddy"), bench.path("written")).unwrap();
    for folder in folders {
        check_out(bench, folder);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_checks_it_out_anew_goes_on_with_it() {
    let server = Postgres::start();
    let bench = bench();
    let registry = RegistryServer::start(&bench, "registry");
    credentials(&bench, &[&registry]);
    operate(&bench, &server);
    let evidence = format!("oci://127.0.0.1:{}/evidence", registry.port);
    let operator = bench.path("operator.toml");
    let text = fs::read_to_string(&operator).unwrap();
    fs::write(
        &operator,
        format!("{text}[archive]\ncopy-to = [\"{evidence}\"]\n"),
    )
    .unwrap();
    bench.edit(
        "caddy/deploy.toml",
        &[
            ("soak = \"3s\"", "soak = \"0s\""),
            ("checks = [\"page\"]", "checks = [\"page\"]\non-failure = \"ask\""),
        ],
    );
    checkouts(&bench, &registry, &["caddy", "one", "two", "three", "four"]);
    bench.must("caddy", &["run", "local", "--version", "1.0.0"]);
    assert_eq!(bench.settled("one"), "1.0.0");
    bench.must("one", &["run", "local", "--version", "2.0.0"]);

    // The way back is to what never was here.
    bench.must("two", &["rollback", "local"]);
    assert_eq!(bench.settled("two"), "1.0.0");

    let killed = bench.faulty("caddy", &["run", "local", "--version", "3.0.0"], "before:110");
    assert_eq!(killed.code, None, "{}", killed.stderr);
    bench.must("three", &["resume"]);
    assert_eq!(bench.settled("three"), "3.0.0");

    // What is asked is decided elsewhere, when nobody is left who has asked.
    bench.edit("caddy/deploy.toml", &[("from version", "from nowhere")]);
    let mut asks = bench
        .command(
            &program("slipway"),
            "caddy",
            &["run", "local", "--version", "4.0.0"],
        )
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while bench.json("four", &["history"])["runs"][0]["state"] != "waiting" {
        assert!(begun.elapsed() < PATIENCE, "nobody asks");
        thread::sleep(Duration::from_millis(100));
    }
    asks.kill().unwrap();
    asks.wait().unwrap();
    let back = bench.slipway("four", &["decide", "local", "roll-back"]);
    assert_eq!(back.code, Some(4), "{}", back.stderr);
    assert_eq!(bench.settled("four"), "3.0.0");

    // All of them have added to one archive, from which each may have the whole, and deploy what it has never seen.
    let evidence = format!("{evidence}/site");
    let report = bench.json("four", &["archive", "verify", &evidence]);
    assert_eq!((&report["entries"], &report["problems"]), (&5.into(), &json!([])));
    bench.must("four", &["archive", "pull", &evidence]);
    bench.must("four", &["archive", "verify"]);
    bench.must("four", &["redeploy", "2"]);
    assert_eq!(bench.settled("one"), "2.0.0");
}

/// A run that has adapted and not yet recorded what, where its process dies.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_on_elsewhere_adapts_again() {
    let server = Postgres::start();
    let bench = bench();
    let registry = RegistryServer::start(&bench, "registry");
    credentials(&bench, &[&registry]);
    operate(&bench, &server);
    checkouts(&bench, &registry, &["caddy", "one"]);
    let list = bench.path("writes");
    let fault = format!("list:{}", list.display());
    bench
        .faulty("caddy", &["run", "local", "--version", "1.0.0"], &fault)
        .must();
    let writes = fs::read_to_string(list).unwrap();
    let recorded = |write: &str| write.ends_with(" outcome plan/revision");
    let at = 1 + writes.lines().position(recorded).unwrap();
    let killed = bench.faulty(
        "caddy",
        &["run", "local", "--version", "2.0.0"],
        &format!("before:{at}"),
    );
    assert_eq!(killed.code, None, "{}", killed.stderr);
    bench.must("one", &["resume"]);
    assert_eq!(bench.settled("one"), "2.0.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folders_own_ledger_is_moved() {
    let server = Postgres::start();
    let bench = bench();
    bench.must("caddy", &["run", "local", "--version", "1.0.0"]);
    let before = bench.json("caddy", &["history"]);
    let nowhere = bench.slipway("caddy", &["ledger", "migrate"]);
    assert_eq!(nowhere.code, Some(1));
    assert!(nowhere.stderr.contains("[ledger] url"), "{}", nowhere.stderr);

    operate(&bench, &server);
    for arguments in [&["run", "local"][..], &["history"], &["status"]] {
        let refused = bench.slipway("caddy", arguments);
        assert_eq!(refused.code, Some(1), "{}", refused.stderr);
        assert!(
            refused.stderr.contains("slipway ledger migrate"),
            "{}",
            refused.stderr
        );
    }
    let moved = bench.json("caddy", &["ledger", "migrate"]);
    assert_eq!(moved["files"][0]["before"], false, "{moved}");
    assert!(moved["files"][0]["entries"].as_u64().unwrap() > 20, "{moved}");
    assert_eq!(bench.json("caddy", &["history"]), before);
    assert_eq!(bench.settled("caddy"), "1.0.0");
    let again = bench.must("caddy", &["ledger", "migrate"]);
    assert!(again.stderr.contains("it was moved before"), "{}", again.stderr);
    bench.must("caddy", &["run", "local", "--version", "2.0.0"]);
    bench.must("caddy", &["rollback", "local"]);
    assert_eq!(bench.settled("caddy"), "1.0.0");

    // Whatever somebody is doing to the manifest.
    let manifest = fs::read_to_string(bench.path("caddy/deploy.toml")).unwrap();
    fs::write(bench.path("caddy/deploy.toml"), "= what").unwrap();
    let runs = bench.json("caddy", &["history"]);
    assert_eq!(runs["runs"].as_array().unwrap().len(), 3, "{runs}");
    fs::write(bench.path("caddy/deploy.toml"), manifest).unwrap();

    fs::write(bench.path("operator.toml"), "").unwrap();
    let refused = bench.slipway("caddy", &["run", "local"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("was moved to a database"),
        "{}",
        refused.stderr
    );
}

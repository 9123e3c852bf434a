//! Small promises that the whole program keeps: what is wrong touches nothing, a plan that is stale is refused, one writer
//! at a time, and whoever is killed is gone on from.

use std::{fs, path::Path, process::Stdio};

use slipway_tests::{Bench, program};

#[test]
fn invalid_manifests_are_told_and_touch_nothing() {
    let bench = Bench::caddy();
    let invalid = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/invalid");
    let mut tried = 0;
    for entry in fs::read_dir(invalid).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let folder = bench.path("invalid");
        fs::create_dir_all(&folder).unwrap();
        fs::copy(&path, folder.join("deploy.toml")).unwrap();
        let ran = bench.slipway("invalid", &["run", "local"]);
        assert_eq!(ran.code, Some(3), "{}\n{}", path.display(), ran.stderr);
        assert!(
            ran.stderr.contains("error[") && !ran.stderr.contains("panicked"),
            "{}",
            ran.stderr
        );
        let left: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["deploy.toml"], "{}", path.display());
        fs::remove_dir_all(folder).unwrap();
        tried += 1;
    }
    assert!(tried >= 60, "{tried}");
    println!("{tried} invalid manifests told, nothing touched");
}

#[test]
fn a_stale_plan_is_refused() {
    let bench = Bench::caddy();
    bench.must("caddy", &["release"]);
    let plan = bench.path("plan.json");
    let saved = plan.to_str().unwrap();
    bench.must("caddy", &["plan", "local", "--out", saved]);
    // Somebody else is faster.
    bench.must("caddy", &["run", "local"]);
    let stale = bench.slipway("caddy", &["run", "local", "--plan", saved]);
    assert_eq!(stale.code, Some(1), "{}", stale.stderr);
    assert!(stale.stderr.contains("stale"), "{}", stale.stderr);
    // A plan of what there is now is applied as it was saved.
    bench.edit(
        "caddy/deploy.toml",
        &[("default = \"Hello\"", "default = \"Good day\"")],
    );
    bench.must("caddy", &["release", "--version", "1.1.0"]);
    let words = bench.must("caddy", &["plan", "local", "--out", saved]);
    assert!(
        words.stdout.contains("1.0.0") && words.stdout.contains("1.1.0"),
        "{}",
        words.stdout
    );
    bench.must("caddy", &["run", "local", "--plan", saved]);
    let status = bench.must("caddy", &["status", "local"]);
    assert!(status.stdout.contains("1.1.0"), "{}", status.stdout);
}

#[test]
fn one_writer_and_nobody_after_a_kill() {
    let bench = Bench::caddy();
    bench.edit("caddy/deploy.toml", &[("soak = \"1s\"", "soak = \"60s\"")]);
    let mut first = bench
        .command(&program("slipway"), "caddy", &["run", "local"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(&bench, "running");
    let second = bench.slipway("caddy", &["run", "local", "--wait", "0s"]);
    assert_eq!(second.code, Some(5), "{}", second.stderr);
    first.kill().unwrap();
    first.wait().unwrap();
    // Its lock is nobody's to break: it is gone with the process, and the run comes first.
    let second = bench.slipway("caddy", &["run", "local"]);
    assert_eq!(second.code, Some(6), "{}", second.stderr);
    assert!(second.stderr.contains("slipway resume"), "{}", second.stderr);
    // Enough of soaking: the rest is skipped by a word from outside.
    let run = run_id(&bench);
    let mut resumed = bench
        .command(&program("slipway"), "caddy", &["resume", &run])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(&bench, "running");
    bench.must("caddy", &["promote", "local"]);
    assert_eq!(resumed.wait().unwrap().code(), Some(0));
}

fn run_id(bench: &Bench) -> String {
    bench.json("caddy", &["history"])["runs"][0]["run"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// Until the environment's run watches its revision.
fn wait_for(bench: &Bench, state: &str) {
    for _ in 0..300 {
        let history = bench.slipway("caddy", &["history", "--format", "json"]);
        if history.stdout.contains(&format!("\"state\": \"{state}\"")) {
            let run = run_id(bench);
            let log = bench.slipway("caddy", &["logs", "--run", &run]);
            if log.stdout.contains("watch revision") {
                return;
            }
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("the run does not come to its soak");
}

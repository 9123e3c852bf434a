//! Distinctive secrets are planted wherever Slipway reads one, and runs that go well and runs that fail have every occasion to
//! let one slip: an instance that says its own, hooks and checks that print all they know, a server that echoes what it is
//! sent. Then everything that is left behind, said, or seen of processes is searched for them, in every form.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod planted;
mod traces;

use std::process::Stdio;

use planted::{PLANTED, Planted};
use slipway_tests::watch_memories;
use traces::{Processes, Traces};

/// What plugins have in their memories.
const FAMILIAR: [&str; 2] = ["app.toml", "python3"];

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_anywhere() {
    let place = Planted::new().await;
    let processes = Processes::watch();
    let mut traces = Traces::default();
    let mut run = |arguments: &[&str], codes: &[i32]| {
        let ended = place.command(arguments).output().unwrap();
        let text = [ended.stdout, ended.stderr].concat();
        let code = ended.status.code().unwrap();
        assert!(
            codes.contains(&code),
            "{arguments:?}: {code}\n{}",
            String::from_utf8_lossy(&text)
        );
        traces.add(format!("slipway {}", arguments.join(" ")), text);
    };
    // One step after the other, with all that the program can say of itself.
    run(&["-vv", "validate"], &[0]);
    run(&["-vv", "release"], &[0]);
    run(&["-vv", "adapt", "local"], &[0]);
    run(&["-vv", "plan", "local", "--out", "plan.json"], &[0]);
    run(&["-vv", "deploy", "local"], &[0]);
    run(&["-vv", "cutover", "local"], &[0]);
    // Each of these fails, and what it fails by quotes what should not be told.
    place.version(
        "1.1.0",
        &[(
            "path = \"/healthz\", body = { contains = \"well\" }",
            "path = \"/\", body = { contains = \"none\" }",
        )],
    );
    run(&["-vv", "run", "local", "--format", "json"], &[4]);
    place.version(
        "1.2.0",
        &[
            (
                "path = \"/\", body = { contains = \"none\" }",
                "path = \"/healthz\", body = { contains = \"well\" }",
            ),
            ("./good.sh", "./bad.sh"),
        ],
    );
    run(&["-vv", "run", "local"], &[4]);
    place.version(
        "1.3.0",
        &[
            ("./bad.sh", "./good.sh"),
            ("json = \"/queue\"", "json = \"/echo/authorization\""),
        ],
    );
    run(&["-vv", "run", "local"], &[4]);
    place.version(
        "1.4.0",
        &[("json = \"/echo/authorization\"", "json = \"/queue\"")],
    );

    let good = place
        .command(&["-vv", "run", "local"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let needles: Vec<_> = PLANTED.map(|(_, secret)| secret.to_owned()).into();
    let seen = watch_memories(&good, &needles, FAMILIAR);
    let ended = good.wait_with_output().unwrap();
    let text = [ended.stdout, ended.stderr].concat();
    assert_eq!(ended.status.code(), Some(0), "{}", String::from_utf8_lossy(&text));
    // The search finds what is there: the host has the first, and plugins have what they are asked about.
    assert!(seen.familiar > 0 && seen.host, "{seen:?}");
    assert_eq!(seen.leaks, [""; 0]);

    let mut run = |arguments: &[&str], codes: &[i32]| {
        let ended = place.command(arguments).output().unwrap();
        let text = [ended.stdout, ended.stderr].concat();
        let code = ended.status.code().unwrap();
        assert!(
            codes.contains(&code),
            "{arguments:?}: {code}\n{}",
            String::from_utf8_lossy(&text)
        );
        traces.add(format!("slipway {}", arguments.join(" ")), text);
    };
    for arguments in [
        ["-vv", "status", "local"].as_slice(),
        &["status", "local", "--format", "json"],
        &["history", "--format", "json"],
        &["logs", "local"],
        &["logs", "local", "--router"],
        &["logs", "--run", "local"],
        &["logs", "--run", "local", "--format", "json"],
        &["explain", "local", "config/app.toml"],
        &["diff", "local"],
        &["-vv", "replay", "local"],
        &["judge", "--replay", "local", "--format", "json"],
        &["archive", "list", "--format", "json"],
        &["archive", "verify"],
        &["archive", "export", "--out", "exported.tar"],
        &["plugin", "list"],
        &["agent", "status", "--format", "json"],
    ] {
        run(arguments, &[0, 7]);
    }
    let seen = processes.stop();
    let (places, found) = place.search(traces, &seen);
    println!(
        "secrets: planted {}, places searched {places}, found {}",
        PLANTED.len(),
        found.len()
    );
    assert_eq!(found, [""; 0]);
}

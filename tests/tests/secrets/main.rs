//! Distinctive secrets are planted wherever Slipway reads one, and runs that go well and runs that fail have every occasion to
//! let one slip: an instance that says its own, hooks and checks that print all they know, a server that echoes what it is
//! sent. Then everything that is left behind, said, or seen of processes is searched for them, in every form.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod planted;
mod traces;

use std::process::{Output, Stdio};

use planted::{PLANTED, Planted};
use slipway_tests::watch_memories;
use traces::{Processes, Traces};

/// What plugins have in their memories.
const FAMILIAR: [&str; 2] = ["app.toml", "python3"];

/// What a check of the page says when all is well, and what quotes the answer of an instance.
const WELL: &str = "path = \"/healthz\", body = { contains = \"well\" }";
const QUOTED: &str = "path = \"/\", body = { contains = \"none\" }";
/// What is measured, and what quotes the answer of an endpoint.
const QUEUE: &str = "json = \"/queue\"";
const ECHO: &str = "json = \"/echo/authorization\"";

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_anywhere() {
    let place = Planted::new().await;
    let processes = Processes::watch();
    let mut traces = Traces::default();
    // One step after the other, with all that the program can say of itself.
    for arguments in [
        ["-vv", "validate"].as_slice(),
        &["-vv", "release"],
        &["-vv", "adapt", "local"],
        &["-vv", "plan", "local", "--out", "plan.json"],
        &["-vv", "deploy", "local"],
        &["-vv", "cutover", "local"],
    ] {
        run(&place, &mut traces, arguments, 0);
    }
    // Each of these fails, and what it fails by quotes what should not be told.
    place.version("1.1.0", &[(WELL, QUOTED)]);
    run(
        &place,
        &mut traces,
        &["-vv", "run", "local", "--format", "json"],
        4,
    );
    place.version("1.2.0", &[(QUOTED, WELL), ("./good.sh", "./bad.sh")]);
    run(&place, &mut traces, &["-vv", "run", "local"], 4);
    place.version("1.3.0", &[("./bad.sh", "./good.sh"), (QUEUE, ECHO)]);
    watched(&place, &mut traces);
    // This one says more than a log is read in one piece.
    place.version("1.4.0", &[(ECHO, QUEUE), ("TIMES = \"1\"", "TIMES = \"1600\"")]);
    run(&place, &mut traces, &["-vv", "run", "local"], 0);

    for arguments in [
        ["-vv", "status", "local"].as_slice(),
        &["status", "local", "--format", "json"],
        &["history", "--format", "json"],
        &["logs", "local", "--router"],
        &["logs", "--run", "local", "--format", "json"],
        &["report", "local", "--as", "cdevents"],
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
        run(&place, &mut traces, arguments, 0);
    }
    for arguments in [["logs", "local"].as_slice(), &["logs", "--run", "local"]] {
        let read = run(&place, &mut traces, arguments, 0);
        // To its end, though what was taken out has made it shorter.
        assert!(read.contains("all is said"), "{arguments:?}");
    }
    let (places, found) = place.search(traces, &processes.stop());
    println!(
        "secrets: planted {}, places searched {places}, found {}",
        PLANTED.len(),
        found.len()
    );
    assert_eq!(found, [""; 0]);
}

#[track_caller]
fn run(place: &Planted, traces: &mut Traces, arguments: &[&str], code: i32) -> String {
    let ended = place.command(arguments).output().unwrap();
    said(traces, arguments, ended, code)
}

/// One that fails, with a look at the memories of its plugins all the while.
fn watched(place: &Planted, traces: &mut Traces) {
    let arguments = ["-vv", "run", "local"];
    let mut command = place.command(&arguments);
    let process = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let needles: Vec<_> = PLANTED.map(|(_, secret)| secret.to_owned()).into();
    let seen = watch_memories(&process, &needles, FAMILIAR);
    said(traces, &arguments, process.wait_with_output().unwrap(), 4);
    // The search finds what is there: the host has the first, and plugins have what they are asked about.
    assert!(seen.familiar > 0 && seen.host, "{seen:?}");
    assert_eq!(seen.leaks, [""; 0]);
}

#[track_caller]
fn said(traces: &mut Traces, arguments: &[&str], ended: Output, code: i32) -> String {
    let text = [ended.stdout, ended.stderr].concat();
    let read = String::from_utf8_lossy(&text).into_owned();
    assert_eq!(ended.status.code(), Some(code), "{arguments:?}\n{read}");
    traces.add(format!("slipway {}", arguments.join(" ")), text);
    read
}

//! Programs that run at the place, as an instance of the new revision would: once, whoever is killed meanwhile.

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use slipway_tests::{Bench, installed, program, tarball};

const KEY: &str = "correct-horse-battery";

/// Notes in the folder of its data that it was begun, and for which version.
const BEGUN: &str = "#!/bin/sh\necho $SLIPWAY_VERSION >> $XDG_DATA_HOME/begun\n";

/// Version 1 in front of users, whose artifact has this program from then on.
fn ready(script: &str, more: &str) -> Bench {
    let bench = Bench::caddy();
    let operator = format!("[secrets.local]\nkey = {{ command = [\"printf\", \"{KEY}\"] }}\n");
    fs::write(bench.path("operator.toml"), operator).expect("a file can be written");
    bench.edit(
        "caddy/deploy.toml",
        &[
            ("env = { ", "env = { KEY = \"<{{ key }}>\", "),
            ("[parameters]", "[parameters]\nkey = { type = \"secret\" }"),
            ("default = 3, minimum", "default = 1, minimum"),
            ("soak = \"1s\"\nmin", "soak = \"0s\"\nmin"),
            (
                "checks = [\"page\"]",
                "checks = [\"page\"]\nhooks = [\"migrate\"]",
            ),
        ],
    );
    pack(&bench, "#!/bin/sh\n");
    let hook = format!(
        "\n[hook.migrate]\nat = \"before-run\"\nwhere = \"place\"\nrun = [\"bin/migrate\", \"${{config}}/Caddyfile\"]\n{more}"
    );
    let path = bench.path("caddy/deploy.toml");
    let text = fs::read_to_string(&path).expect("a file can be read") + &hook;
    fs::write(path, text).expect("a file can be written");
    bench.must("caddy", &["run", "local"]);
    pack(&bench, &format!("{BEGUN}{script}\n"));
    bench
}

fn pack(bench: &Bench, script: &str) {
    let caddy = fs::read(installed("caddy", "caddy")).expect("the web server can be read");
    let files: [(&str, &[u8], u32); 2] = [
        ("bin/caddy", &caddy, 0o755),
        ("bin/migrate", script.as_bytes(), 0o755),
    ];
    tarball(&bench.path("caddy/dist/caddy.tar.gz"), &files);
}

/// The versions for which it was begun.
fn begun(bench: &Bench) -> Vec<String> {
    let text = fs::read_to_string(bench.path("agent/data/site/local/begun")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// A run of version 2, in the midst of its program.
fn in_the_midst(bench: &Bench) -> Child {
    let arguments = ["run", "local", "--version", "2.0.0"];
    let run = bench
        .command(&program("slipway"), "caddy", &arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let since = Instant::now();
    while begun(bench).is_empty() {
        assert!(since.elapsed() < Duration::from_secs(60), "it never begins");
        thread::sleep(Duration::from_millis(50));
    }
    run
}

fn kill(pid: &str) {
    let killed = Command::new("kill").args(["-9", pid]).status();
    assert!(killed.expect("a process can be killed").success());
}

/// Nothing is left of it at the place.
fn is_clean(bench: &Bench) {
    let left = fs::read_dir(bench.path("agent/tasks")).expect("a folder of the agent's");
    let left: Vec<_> = left.collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn it_has_what_an_instance_has() {
    let script = "echo found $(grep -c \"version $SLIPWAY_VERSION\" $1) with $KEY at $SLIPWAY_AT";
    let bench = ready(script, "artifact = \"caddy\"");
    let told = bench
        .must("caddy", &["run", "local", "--version", "2.0.0"])
        .stderr;
    let plan =
        "hook migrate (before-run) runs `bin/migrate ${config}/Caddyfile` at the place, as artifact caddy";
    assert!(told.contains(plan), "{told}");
    assert_eq!(begun(&bench), ["2.0.0"]);
    assert_eq!(bench.settled("caddy"), "2.0.0");
    let kept = bench.must("caddy", &["logs", "--run", "local"]).stdout;
    assert!(
        kept.contains("hook migrate: found 1 with <${secret.key}> at before-run"),
        "{kept}"
    );
    is_clean(&bench);
}

#[test]
fn one_that_fails_takes_the_run_back() {
    let bench = ready("echo no such table; exit 3", "");
    let failed = bench.slipway("caddy", &["run", "local", "--version", "2.0.0"]);
    assert_eq!(failed.code, Some(4), "{}", failed.stderr);
    let why = "hook migrate: `bin/migrate` ended with exit code 3: no such table";
    assert!(failed.stderr.contains(why), "{}", failed.stderr);
    assert_eq!(bench.settled("caddy"), "1.0.0");
    is_clean(&bench);
    bench.edit("caddy/deploy.toml", &[("where = ", "timeout = \"1s\"\nwhere = ")]);
    pack(&bench, &format!("{BEGUN}sleep 600\n"));
    let late = bench.slipway("caddy", &["run", "local", "--version", "3.0.0"]);
    assert_eq!(late.code, Some(4), "{}", late.stderr);
    let why = "hook migrate: `bin/migrate` did not end within 1 s, and was ended";
    assert!(late.stderr.contains(why), "{}", late.stderr);
    assert_eq!(bench.settled("caddy"), "1.0.0");
    is_clean(&bench);
}

#[test]
fn it_runs_once_whoever_is_killed() {
    let bench = ready("sleep 4; echo all is there", "point-of-no-return = true");
    let mut run = in_the_midst(&bench);
    run.kill().expect("it runs");
    run.wait().expect("it has ended");
    let agent = bench.json("caddy", &["agent", "status"]);
    kill(&agent["agent"]["pid"].to_string());
    bench.must("caddy", &["resume"]);
    assert_eq!(begun(&bench), ["2.0.0"]);
    assert_eq!(bench.settled("caddy"), "2.0.0");
    let kept = bench.must("caddy", &["logs", "--run", "local"]).stdout;
    assert!(kept.contains("hook migrate: all is there"), "{kept}");
    is_clean(&bench);
}

#[test]
fn it_ends_when_the_run_is_aborted() {
    let bench = ready("exec sleep 600", "");
    let mut run = in_the_midst(&bench);
    bench.must("caddy", &["abort", "local"]);
    run.wait().expect("it has ended");
    assert_eq!(bench.settled("caddy"), "1.0.0");
    is_clean(&bench);
}

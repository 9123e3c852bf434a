//! Programs of the manifest at moments of a roll-out: each at its moment and once, asked about where nobody knows whether it
//! has run, and never gone back over where it was the point of no return.

mod place;

use std::{fs, os::unix::fs::PermissionsExt as _};

use slipway_tests::Bench;

/// Appends a line for each call.
const NOTES: &str = "#!/bin/sh\necho $SLIPWAY_AT ${SLIPWAY_INSTANCE##*-} $SLIPWAY_VERSION >> notes\n";
/// The same, and the one who called it dies before it has an answer.
const KILLS: &str =
    "#!/bin/sh\necho $SLIPWAY_AT >> notes\n[ -e killed ] || { touch killed; kill -9 $PPID; }\n";

const MOMENTS: [&str; 12] = [
    "before-run",
    "after-run",
    "on-failure",
    "on-roll-back",
    "before-batch",
    "after-batch",
    "before-start",
    "after-start",
    "before-attach",
    "after-attach",
    "before-drain",
    "after-drain",
];

/// Version 1 in front of users, and a canary of two instances with these hooks from then on.
fn ready(hooks: &[(&str, &str)], script: &str) -> Bench {
    let strategy = "type = \"canary\"\nsteps = [{ weight = 50, soak = \"1s\" }]";
    let bench = Bench::before(strategy);
    let path = bench.path("caddy/hook.sh");
    fs::write(&path, script).expect("a file can be written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is our own file");
    let names: Vec<_> = hooks.iter().map(|(at, _)| format!("\"{at}\"")).collect();
    let mut text = fs::read_to_string(bench.path("caddy/deploy.toml")).expect("a file can be read");
    text = text.replace(
        "checks = [\"page\"]",
        &format!("checks = [\"page\"]\nhooks = [{}]", names.join(", ")),
    );
    for (at, more) in hooks {
        text.push_str(&format!(
            "[hook.{at}]\nat = \"{at}\"\nrun = [\"./hook.sh\"]\n{more}\n"
        ));
    }
    fs::write(bench.path("caddy/deploy.toml"), text).expect("a file can be written");
    bench
}

/// What the hooks have noted since the last time.
fn notes(bench: &Bench) -> Vec<String> {
    let path = bench.path("caddy/notes");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let _gone = fs::remove_file(path);
    text.lines().map(|line| line.trim().to_owned()).collect()
}

#[test]
fn each_runs_at_its_moment() {
    let bench = ready(&MOMENTS.map(|at| (at, "")), NOTES);
    bench.must("caddy", &["run", "local", "--version", "2.0.0"]);
    let forth = [
        "before-run 2.0.0",
        "before-batch 2.0.0",
        "before-start 1 2.0.0",
        "after-start 1 2.0.0",
        "after-batch 2.0.0",
        "before-attach 1 2.0.0",
        "after-attach 1 2.0.0",
        "before-batch 2.0.0",
        "before-start 2 2.0.0",
        "after-start 2 2.0.0",
        "after-batch 2.0.0",
        "before-attach 2 2.0.0",
        "after-attach 2 2.0.0",
        "before-drain 1 2.0.0",
        "before-drain 2 2.0.0",
        "after-drain 1 2.0.0",
        "after-drain 2 2.0.0",
        "after-run 2.0.0",
    ];
    assert_eq!(notes(&bench), forth);
    bench.edit("caddy/deploy.toml", &[("from version", "from nowhere")]);
    let failed = bench.slipway("caddy", &["run", "local", "--version", "3.0.0"]);
    assert_eq!(failed.code, Some(4), "{}", failed.stderr);
    let noted = notes(&bench);
    let at = |noted: &[String]| {
        noted
            .iter()
            .map(|line| line.split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let expected = [
        "before-run",
        "before-batch",
        "before-start",
        "after-start",
        "after-batch",
        "on-failure",
        "on-roll-back",
    ];
    assert_eq!(at(&noted), expected, "{noted:?}");
    assert_eq!(bench.settled("caddy"), "2.0.0");
    // Whoever goes back undoes what the revision has done that is left, and does nothing else again.
    bench.must("caddy", &["rollback", "local"]);
    assert_eq!(notes(&bench), ["on-roll-back 1.0.0"]);
    assert_eq!(bench.settled("caddy"), "1.0.0");
}

#[test]
fn one_that_fails_fails_the_run_or_is_told() {
    let failing = "#!/bin/sh\necho no disk >&2\nexit 3\n";
    let bench = ready(&[("before-run", "")], failing);
    let failed = bench.slipway("caddy", &["run", "local", "--version", "2.0.0"]);
    assert_eq!(failed.code, Some(4), "{}", failed.stderr);
    let why = "hook before-run: `./hook.sh` ended with exit status: 3: no disk";
    assert!(failed.stderr.contains(why), "{}", failed.stderr);
    assert_eq!(bench.settled("caddy"), "1.0.0");
    bench.edit(
        "caddy/deploy.toml",
        &[(
            "at = \"before-run\"",
            "at = \"before-run\"\non-failure = \"go-on\"",
        )],
    );
    let told = bench.must("caddy", &["run", "local", "--version", "2.0.0"]);
    assert!(told.stderr.contains(why), "{}", told.stderr);
    assert!(told.stderr.contains("going on"), "{}", told.stderr);
    assert_eq!(bench.settled("caddy"), "2.0.0");
}

#[test]
fn past_the_point_of_no_return_nothing_goes_back_by_itself() {
    let bench = ready(
        &[("before-run", "point-of-no-return = true"), ("on-roll-back", "")],
        NOTES,
    );
    bench.edit("caddy/deploy.toml", &[("from version", "from nowhere")]);
    let frozen = bench.slipway("caddy", &["run", "local", "--version", "2.0.0"]);
    assert_eq!(frozen.code, Some(1), "{}", frozen.stderr);
    let why = "everything stays as it is, because hook before-run was the point of no return";
    assert!(frozen.stderr.contains(why), "{}", frozen.stderr);
    assert_eq!(notes(&bench), ["before-run 2.0.0"]);
    let status = bench.json("caddy", &["status", "local"]);
    let environment = &status["environments"][0];
    assert_eq!(environment["current"]["version"], "1.0.0", "{status}");
    assert_eq!(environment["candidate"]["version"], "2.0.0", "{status}");
    // A person may.
    bench.must("caddy", &["abort", "local"]);
    assert_eq!(bench.settled("caddy"), "1.0.0");
}

#[test]
fn one_that_must_not_be_repeated_is_asked_about() {
    let bench = ready(&[("before-run", "")], KILLS);
    let killed = bench.slipway("caddy", &["run", "local", "--version", "2.0.0"]);
    assert_eq!(killed.code, None, "{}", killed.stderr);
    let asked = bench.slipway("caddy", &["resume"]);
    assert_eq!(asked.code, Some(6), "{}", asked.stderr);
    assert!(asked.stderr.contains("./hook.sh"), "{}", asked.stderr);
    let run = bench.json("caddy", &["history"])["runs"][0]["run"].clone();
    bench.must("caddy", &["resume", run.as_str().unwrap(), "--happened", "yes"]);
    assert_eq!(notes(&bench), ["before-run"]);
    assert_eq!(bench.settled("caddy"), "2.0.0");
}

#[test]
fn one_that_may_be_repeated_is() {
    let bench = ready(&[("before-run", "repeatable = true")], KILLS);
    let killed = bench.slipway("caddy", &["run", "local", "--version", "2.0.0"]);
    assert_eq!(killed.code, None, "{}", killed.stderr);
    bench.must("caddy", &["resume"]);
    assert_eq!(notes(&bench), ["before-run"; 2]);
    assert_eq!(bench.settled("caddy"), "2.0.0");
}

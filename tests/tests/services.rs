//! Several services in one command: beside each other where they can be, stopped where one of them fails, and released
//! together with one verdict and one way back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

use std::{fs, process::Stdio, thread, time::Duration};

use serde_json::Value;
use slipway_servers::Postgres;
use slipway_testing::Load;
use slipway_tests::{
    Bench, RegistryServer, Relay, credentials, free_port, interrupted, program, server_program, tarball,
};

/// A web server with users of its own. Its check passes when it is deployed, and later as long as `good` is there.
fn service(bench: &Bench, name: &str, more: &str) -> u16 {
    let server = fs::read(server_program()).unwrap();
    tarball(
        &bench.path(&format!("{name}/dist/server.tar.gz")),
        &[("server", &server, 0o755)],
    );
    let port = free_port();
    let (_, service) = name.rsplit_once('/').unwrap_or(("", name));
    let manifest = format!(
        r#"
[service]
name = "{service}"
version = "1.0.0"
{more}

[artifacts.web]
format = "tarball"
from = "dist/server.tar.gz"
command = ["server"]
env = {{ PORT = "${{port.http}}" }}
ports = {{ http = {{}} }}
health = {{ tcp = true, port = "http", interval = "100ms" }}

[environments.local]
target = {{ plugin = "machine" }}
router = {{ plugin = "embedded", listen = "127.0.0.1:{port}" }}
strategy = "careful"

[strategy.careful]
type = "blue-green"
soak = "500ms"
checks = ["good"]
min-healthy-time = "0s"

[check.good]
command = {{ run = ["./good.sh"], where = "operator" }}
"#
    );
    fs::write(bench.path(&format!("{name}/deploy.toml")), manifest).unwrap();
    let script = bench.path(&format!("{name}/good.sh"));
    fs::write(
        &script,
        "#!/bin/sh\ntest -e bad || exit 0\nif test -e tried; then exit 1; fi\ntouch tried\n",
    )
    .unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&script, mode).unwrap();
    port
}

/// Fails its test when users are on its new version, not before.
fn ill(bench: &Bench, name: &str, is: bool) {
    let _ = fs::remove_file(bench.path(&format!("{name}/tried")));
    let bad = bench.path(&format!("{name}/bad"));
    if is {
        fs::write(bad, "").unwrap();
    } else {
        let _ = fs::remove_file(bad);
    }
}

fn release(bench: &Bench, names: &[&str], version: &str) {
    for name in names {
        let manifest = bench.path(&format!("{name}/deploy.toml"));
        let text = fs::read_to_string(&manifest).unwrap();
        let old = text
            .lines()
            .find(|line| line.starts_with("version = "))
            .unwrap()
            .to_owned();
        fs::write(&manifest, text.replace(&old, &format!("version = \"{version}\""))).unwrap();
    }
}

fn outcomes(answer: &Value) -> Vec<String> {
    let services = answer["services"].as_array().unwrap();
    let of_one = |one: &Value| {
        format!(
            "{} {}",
            one["service"].as_str().unwrap(),
            one["outcome"].as_str().unwrap()
        )
    };
    services.iter().map(of_one).collect()
}

#[test]
fn a_failed_one_stops_what_depends_on_it() {
    let bench = Bench::shop();
    service(&bench, "left", "");
    service(&bench, "right", "");
    service(&bench, "above", "[dependencies]\nright = \"../right\"");
    service(
        &bench,
        "top",
        "[dependencies]\nabove = \"../above\"\nleft = \"../left\"",
    );
    fs::write(
        bench.path("right/good.sh"),
        "#!/bin/sh\necho it is broken\nexit 1\n",
    )
    .unwrap();

    let failed = bench.slipway("top", &["run", "local", "--format", "json"]);
    assert_eq!(failed.code, Some(4), "{}\n{}", failed.stdout, failed.stderr);
    let answer: Value = serde_json::from_str(&failed.stdout).unwrap();
    let mut outcomes = outcomes(&answer);
    outcomes.sort();
    assert_eq!(
        outcomes,
        [
            "above not-begun",
            "left succeeded",
            "right rolled-back",
            "top not-begun"
        ],
        "{answer}"
    );
    assert!(answer["run"].is_null(), "{answer}");
    assert_eq!(bench.settled("left"), "1.0.0");

    let failed = bench.slipway("top", &["run", "local"]);
    let [answer, talk] = [&failed.stdout, &failed.stderr];
    assert!(talk.contains("right | deploy right in local"), "{talk}");
    assert!(
        talk.contains("not begun, because right comes first: above, top"),
        "{talk}"
    );
    assert!(answer.contains("top: not begun"), "{answer}");

    fs::write(bench.path("right/good.sh"), "#!/bin/sh\n").unwrap();
    let ran = bench.must("top", &["run", "local", "--jobs", "1"]);
    assert!(ran.stdout.starts_with("run "), "{}", ran.stdout);
    for name in ["left", "right", "above", "top"] {
        assert_eq!(bench.settled(name), "1.0.0", "{name}");
    }
}

/// A front and what it is released together with, version 1 in front of users.
fn front() -> (Bench, [u16; 2]) {
    let bench = Bench::shop();
    let cart = service(&bench, "cart", "");
    let front = service(
        &bench,
        "front",
        "together = [\"cart\"]\n[dependencies]\ncart = \"../cart\"",
    );
    bench.must("front", &["run", "local"]);
    (bench, [cart, front])
}

fn versions(bench: &Bench) -> [String; 2] {
    ["cart", "front"].map(|name| bench.settled(name))
}

#[tokio::test(flavor = "multi_thread")]
async fn released_together_they_have_one_verdict() {
    let (bench, ports) = front();
    assert_eq!(versions(&bench), ["1.0.0", "1.0.0"]);
    release(&bench, &["cart", "front"], "2.0.0");

    // Whichever fails, both have the old version, and no user of either has noticed.
    for bad in ["front", "cart"] {
        ill(&bench, bad, true);
        let loads = ports.map(|port| Load::start(&format!("http://127.0.0.1:{port}/"), 100, 10));
        let failed = bench.slipway("front", &["run", "local"]);
        for load in loads {
            let tally = load.finish().await;
            assert_eq!((tally.failed, &tally.failures), (0, &vec![]), "{tally:?}");
        }
        assert_eq!(failed.code, Some(4), "{}\n{}", failed.stdout, failed.stderr);
        assert_eq!(versions(&bench), ["1.0.0", "1.0.0"], "{}", failed.stderr);
        let error = failed
            .stderr
            .lines()
            .find(|line| line.starts_with("error"))
            .unwrap();
        assert!(error.contains("good"), "{error}");
        let other = if bad == "front" { "cart" } else { "front" };
        let why = format!("{bad}, with which {other} is released together, failed");
        assert!(failed.stderr.contains(&why), "{}", failed.stderr);
        ill(&bench, bad, false);
    }

    bench.must("front", &["run", "local"]);
    assert_eq!(versions(&bench), ["2.0.0", "2.0.0"]);
    // And one way back.
    bench.must("front", &["rollback", "local"]);
    assert_eq!(versions(&bench), ["1.0.0", "1.0.0"]);
}

/// With a ledger that they share, a checkout that has seen nothing of it goes on with both, and takes both back.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_checks_them_out_anew_goes_on_with_both() {
    let (server, bench) = (Postgres::start(), Bench::shop());
    let registry = RegistryServer::start(&bench, "registry");
    credentials(&bench, &[&registry]);
    let operator = bench.path("operator.toml");
    let text = fs::read_to_string(&operator).unwrap();
    let ledger = format!("{text}[ledger]\nurl = \"{}\"\n", server.database());
    fs::write(operator, ledger).unwrap();
    let deploy = format!(
        "[registries]\ndeploy = \"oci://127.0.0.1:{}/deploy\"",
        registry.port
    );
    service(&bench, "written/cart", &deploy);
    let needs = format!("together = [\"cart\"]\n[dependencies]\ncart = \"../cart\"\n{deploy}");
    service(&bench, "written/front", &needs);
    for checkout in ["one", "two", "three"] {
        let (from, to) = (bench.path("written"), bench.path(checkout));
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([from, to])
            .status();
        assert!(copied.unwrap().success());
    }
    let both = |checkout: &str| ["cart", "front"].map(|name| bench.settled(&format!("{checkout}/{name}")));
    bench.must("one/front", &["run", "local"]);
    release(&bench, &["one/cart", "one/front"], "2.0.0");
    let list = bench.path("writes");
    let fault = format!("list:{}", list.display());
    bench.faulty("one/front", &["run", "local"], &fault).must();
    // Of both together; each ledger counts its own.
    let writes = fs::read_to_string(list).unwrap().lines().count();
    assert_eq!(both("one"), ["2.0.0", "2.0.0"]);

    release(&bench, &["one/cart", "one/front"], "3.0.0");
    let killed = bench.faulty("one/front", &["run", "local"], &format!("before:{}", writes / 3));
    assert_eq!(killed.code, None, "{}", killed.stderr);
    bench.must("two/front", &["resume"]);
    assert_eq!(both("two"), ["3.0.0", "3.0.0"]);
    bench.must("three/front", &["rollback", "local"]);
    assert_eq!(both("three"), ["2.0.0", "2.0.0"]);
}

/// Killed again and again at boundaries all over, whichever journal they are in: the next command goes on with all of it,
/// and both have the new version, or none. All boundaries with `SLIPWAY_SWEEP=1`.
#[test]
fn killed_together_they_go_on_together() {
    for bad in [false, true] {
        let (bench, _) = front();
        let mut number = 1;
        let mut next = || {
            number += 1;
            let next = format!("{number}.0.0");
            release(&bench, &["cart", "front"], &next);
            ill(&bench, "cart", bad);
            next
        };
        let code = if bad { 4 } else { 0 };
        let mut users_have = "1.0.0".to_owned();
        let mut settled = |released: String, what: &str| {
            if !bad {
                users_have = released;
            }
            assert_eq!(
                versions(&bench),
                [users_have.clone(), users_have.clone()],
                "{what}"
            );
        };
        let version = next();
        let (mut relay, ran) = Relay::over(&bench, &["front", "cart"], &["run", "local"], 16);
        assert_eq!(ran.code, Some(code), "{}\n{}", ran.stdout, ran.stderr);
        settled(version, "undisturbed");
        loop {
            let version = next();
            let relayed = relay.run(&bench, &["run", "local"]);
            let (ended, kills) = (&relayed.ended, relayed.kills.join("\n"));
            let what = format!("{kills}\n{}\n{}", ended.stdout, ended.stderr);
            assert_eq!(ended.code, Some(code), "{what}");
            settled(version, &what);
            println!("{relay}");
            if relay.is_over(&relayed) {
                break;
            }
        }
        relay.must_have_met(97);
        let what = if bad {
            "services released together that go back"
        } else {
            "services released together"
        };
        println!("{}", relay.swept(what, "one machine", "SQLite"));
        let last = next();
        ill(&bench, "cart", false);
        bench.must("front", &["run", "local"]);
        assert_eq!(versions(&bench), [last.clone(), last]);
    }
}

/// What was agreed to is what is done, for all of them or for none.
#[test]
fn one_plan_for_all_of_them() {
    let (bench, _) = front();
    release(&bench, &["cart", "front"], "2.0.0");
    bench.must("front", &["release"]);
    let plan = bench.path("plan.json");
    let plan = plan.to_str().unwrap();
    let told = bench.must("front", &["plan", "local", "--out", plan]);
    for part in [
        "cart in local: 1.0.0",
        "front in local: 1.0.0",
        "one verdict and one way back: cart, front",
    ] {
        assert!(told.stdout.contains(part), "{}", told.stdout);
    }
    let other = bench.slipway("cart", &["run", "local", "--plan", plan]);
    assert_eq!(other.code, Some(2), "{}", other.stderr);
    assert!(
        other.stderr.contains("a plan for front in local"),
        "{}",
        other.stderr
    );
    bench.must("front", &["run", "local", "--plan", plan]);
    assert_eq!(versions(&bench), ["2.0.0", "2.0.0"]);

    release(&bench, &["cart", "front"], "3.0.0");
    bench.must("front", &["release"]);
    bench.must("front", &["plan", "local", "--out", plan]);
    // One of them moves.
    release(&bench, &["cart"], "2.5.0");
    bench.must("cart", &["run", "local"]);
    let stale = bench.slipway("front", &["run", "local", "--plan", plan]);
    assert_eq!(stale.code, Some(1), "{}", stale.stderr);
    assert!(stale.stderr.contains("stale"), "{}", stale.stderr);
    assert_eq!(versions(&bench), ["2.5.0", "2.0.0"]);
}

/// What is released together is agreed to once, and by nobody who only skips a soak.
#[test]
fn one_approval_for_all_of_them() {
    let (bench, _) = front();
    release(&bench, &["cart", "front"], "2.0.0");
    for name in ["cart", "front"] {
        let manifest = format!("{name}/deploy.toml");
        bench.edit(
            &manifest,
            &[(
                "strategy = \"careful\"\n",
                "strategy = \"careful\"\napprove = true\n",
            )],
        );
    }
    let mut running = bench
        .command(&program("slipway"), "front", &["run", "local"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let waits = || bench.json("cart", &["history"])["runs"][0]["state"] == "waiting";
    for _ in 0..600 {
        if waits() {
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
    bench.must("front", &["promote", "local"]);
    thread::sleep(Duration::from_secs(1));
    assert!(waits());
    bench.must("front", &["approve", "local", "--reason", "as agreed"]);
    assert_eq!(running.wait().unwrap().code(), Some(0));
    assert_eq!(versions(&bench), ["2.0.0", "2.0.0"]);
    let log = bench.must("front", &["logs", "--run", "local"]);
    assert!(log.stdout.contains("as agreed"), "{}", log.stdout);
}

/// Those that were under way beside each other are gone on with by one command.
#[test]
fn all_that_were_interrupted_go_on() {
    let bench = Bench::shop();
    service(&bench, "left", "");
    service(&bench, "right", "");
    service(
        &bench,
        "top",
        "[dependencies]\nleft = \"../left\"\nright = \"../right\"",
    );
    let killed = bench.faulty("top", &["run", "local"], "after:100");
    assert_eq!(killed.code, None, "{}", killed.stderr);
    let open = ["left", "right"].map(|name| interrupted(&bench, name).is_some());
    assert_eq!(open, [true, true]);
    let resumed = bench.must("top", &["resume", "--format", "json"]);
    let answer: Value = serde_json::from_str(&resumed.stdout).unwrap();
    let mut outcomes = outcomes(&answer);
    outcomes.sort();
    assert_eq!(outcomes, ["left succeeded", "right succeeded"], "{answer}");
    bench.must("top", &["run", "local"]);
    assert_eq!(
        ["left", "right", "top"].map(|name| bench.settled(name)),
        ["1.0.0"; 3]
    );
}

#[test]
fn clusters_go_in_batches_until_too_many_fail() {
    let bench = Bench::shop();
    service(&bench, "front", "");
    let clusters = ["a", "b", "c"].map(|name| {
        format!(
            "{name} = {{ router = {{ listen = \"127.0.0.1:{}\" }} }}",
            free_port()
        )
    });
    let all = format!(
        "strategy = \"careful\"\nbatch = [1]\n\n[environments.local.clusters]\n{}\n",
        clusters.join("\n")
    );
    bench.edit("front/deploy.toml", &[("strategy = \"careful\"\n", &all)]);
    let versions = || {
        ["local-a", "local-b", "local-c"].map(|name| {
            let status = bench.json("front", &["status", name]);
            let environment = &status["environments"][0];
            assert!(environment["candidate"].is_null(), "{status}");
            environment["current"]["version"].as_str().unwrap().to_owned()
        })
    };
    bench.must("front", &["run", "local"]);
    assert_eq!(versions(), ["1.0.0", "1.0.0", "1.0.0"]);
    let plan = bench.must("front", &["plan", "local"]);
    assert!(plan.stdout.contains("local: 3 planned"), "{}", plan.stdout);

    // The second of them is ill: it goes back, and the third is not begun.
    fs::write(
        bench.path("front/good.sh"),
        "#!/bin/sh\ncase $SLIPWAY_INSTANCE in front-local-b-*) exit 1;; esac\n",
    )
    .unwrap();
    release(&bench, &["front"], "2.0.0");
    let failed = bench.slipway("front", &["run", "local", "--format", "json"]);
    assert_eq!(failed.code, Some(4), "{}\n{}", failed.stdout, failed.stderr);
    assert_eq!(versions(), ["2.0.0", "1.0.0", "1.0.0"]);
    let answer: Value = serde_json::from_str(&failed.stdout).unwrap();
    let ended = [
        "front succeeded",
        "front succeeded",
        "front rolled-back",
        "front not-begun",
    ];
    assert_eq!(outcomes(&answer), ended, "{answer}");

    // One may fail.
    bench.edit(
        "front/deploy.toml",
        &[("batch = [1]", "batch = [1, \"100%\"]\nmax-failures = 1")],
    );
    release(&bench, &["front"], "3.0.0");
    let failed = bench.slipway("front", &["run", "local"]);
    assert_eq!(failed.code, Some(4), "{}\n{}", failed.stdout, failed.stderr);
    let first = failed
        .stderr
        .lines()
        .find(|line| line.starts_with("error"))
        .unwrap();
    assert!(first.contains("1 of 3 clusters failed; local-b: good"), "{first}");
    assert_eq!(versions(), ["3.0.0", "1.0.0", "3.0.0"]);
}

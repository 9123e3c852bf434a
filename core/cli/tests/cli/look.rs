//! Commands that only look, where there is nothing to see yet: they say so, and leave nothing behind.

use crate::kit::Place;

fn check(place: &Place, arguments: &[&str]) -> String {
    format!(
        "$ slipway {}\n{}\n",
        arguments.join(" "),
        place.run(arguments).everything()
    )
}

#[test]
fn where_nothing_was_done_yet() {
    let place = Place::new();
    place.run(&["init", "--name", "shop"]).good();
    let lines: [&[&str]; 20] = [
        &["history"],
        &["logs"],
        &["logs", "--follow", "--router"],
        &["logs", "elsewhere"],
        &["logs", "--run", "2026"],
        &["resume"],
        &["pause", "local"],
        &["promote", "local"],
        &["abort", "local", "--reason", "no"],
        &["approve", "local"],
        &["rollback", "local"],
        &["redeploy", "1"],
        &["archive", "list"],
        &["archive", "export", "--out", "x.tar"],
        &["package", "inspect"],
        &["explain", "local", "Caddyfile"],
        &["agent", "status"],
        &["agent", "stop"],
        &["package", "inspect", "nonsense"],
        &["artifact", "inspect", "folder#a:1"],
    ];
    let said: Vec<_> = lines.iter().map(|line| check(&place, line)).collect();
    insta::assert_snapshot!("nothing", said.join("\n"));
    assert!(!place.path().join(".slipway").exists());
    assert!(!place.path().join("x.tar").exists());
}

#[test]
fn no_manifest_at_all() {
    let place = Place::new();
    let said: Vec<_> = ["status", "plan local", "diff local", "validate", "run local"]
        .map(|line| check(&place, &line.split(' ').collect::<Vec<_>>()))
        .into();
    insta::assert_snapshot!("no-manifest", said.join("\n"));
}

#[test]
fn the_status_of_what_was_never_deployed() {
    let place = Place::new();
    place.run(&["init", "--name", "shop"]).good();
    insta::assert_snapshot!("status", check(&place, &["status"]));
    let said = place.run(&["status", "--check", "--format", "json"]).good();
    let status: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(status["v"], 1);
    assert_eq!(status["environments"][0]["current"], serde_json::Value::Null);
    let unknown = place.run(&["status", "prod", "--check"]);
    assert_eq!(
        (
            unknown.code,
            unknown.stderr.contains("there is no environment `prod`")
        ),
        (2, true)
    );
    assert!(!place.path().join(".slipway").exists());
}

#[test]
fn plugins_are_listed() {
    let place = Place::new();
    let said = place.run(&["plugin", "list", "--format", "json"]).good();
    let list: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let names: Vec<_> = list["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plugin| plugin["name"].as_str().unwrap())
        .collect();
    let expected = [
        "container",
        "kubernetes",
        "tarball",
        "kubernetes",
        "machine",
        "embedded",
        "gateway",
        "kubernetes-service",
        "nginx",
        "alerts",
    ];
    assert_eq!(names, expected);
    assert_eq!(list["plugins"][5]["settings"]["required"][0], "listen");
    assert!(place.run(&["plugin", "list"]).good().stdout.contains("tarball"));
}

#[test]
fn a_wrong_operator_file_is_named() {
    let place = Place::new();
    place.write("home/.config/slipway/operator.toml", "[agnt]\ndir = \"x\"\n");
    let said = place.run(&["history"]);
    assert_eq!(said.code, 1);
    assert!(
        said.stderr.contains("operator.toml") && said.stderr.contains("agnt"),
        "{}",
        said.stderr
    );
    // What needs nothing of it goes on.
    place.run(&["completions", "bash"]).good();
}

#[test]
fn a_ledger_that_cannot_be_named_or_is_of_nobody() {
    let place = Place::new();
    let history = |url: &str| {
        let operator = format!("[ledger]\nurl = \"{url}\"\n");
        place.write("home/.config/slipway/operator.toml", operator);
        let said = place.run(&["history"]);
        assert_eq!(said.code, 1, "{}", said.stderr);
        assert!(!said.stderr.contains("secret"), "{}", said.stderr);
        said.stderr
    };
    let wrong = history("mysql://ada:secret@db/ledger");
    assert!(wrong.contains("operator.toml: [ledger] url"), "{wrong}");
    assert!(wrong.contains("it begins with `postgresql://`"), "{wrong}");
    let nobody = history("postgresql://ada:secret@127.0.0.1:1/ledger");
    assert!(
        nobody.contains("cannot tell which service deploy.toml is of"),
        "{nobody}"
    );
}

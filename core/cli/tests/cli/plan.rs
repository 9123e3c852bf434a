//! Plans over many services in one command.

use serde_json::Value;

use crate::kit::{Place, Said};

/// A service in a folder of its own, with these environments.
fn service(place: &Place, name: &str, depends: &[&str], environments: &[&str]) {
    let mut text = format!("[service]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    text.push_str("[artifacts.app]\nformat = \"tarball\"\nfrom = \"app.tar.gz\"\ncommand = [\"bin/shop\"]\n");
    text.push_str("[dependencies]\n");
    for on in depends {
        text.push_str(&format!("{on} = \"../{on}\"\n"));
    }
    for environment in environments {
        text.push_str(&format!(
            "[environments.{environment}]\ntarget = {{ plugin = \"machine\" }}\n"
        ));
    }
    place.write(&format!("all/{name}/deploy.toml"), text);
    place.archive(&format!("all/{name}/app.tar.gz"));
}

/// A database, two services above it, and tools that are run nowhere but locally.
fn company() -> Place {
    let place = Place::new();
    service(&place, "tools", &[], &["local"]);
    service(&place, "account", &["shop", "database"], &["local", "stage"]);
    service(&place, "shop", &["database"], &["stage"]);
    service(&place, "database", &[], &["stage"]);
    place
}

fn wrong(said: &Said, code: i32, text: &str) {
    assert_eq!(said.code, code, "{}", said.everything());
    assert!(said.stderr.contains(text), "{}", said.everything());
}

#[test]
fn everything_in_the_way_at_once() {
    let place = company();
    let said = place.run(&["plan", "stage", "-r", "all"]);
    insta::assert_snapshot!("plan-nothing-released", said.everything());
    let ledgers = |name| place.path().join("all").join(name).join(".slipway").exists();
    assert!(!["tools", "account", "shop", "database"].into_iter().any(ledgers));

    let said = place.run(&["plan", "stage", "--recursive", "all", "--format", "json"]);
    assert_eq!(said.code, 1);
    let answer: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!(answer["skipped"][0]["service"], "tools");
    let failed: Vec<_> = answer["failed"].as_array().unwrap().iter().collect();
    let names: Vec<_> = failed
        .iter()
        .map(|failed| failed["service"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["database", "shop", "account"]);
    assert_eq!(failed[0]["message"], "nothing is released yet");

    // A manifest that is wrong keeps all of them from being planned.
    place.write("all/shop/deploy.toml", "[service]\n");
    wrong(
        &place.run(&["plan", "stage", "-r", "all"]),
        3,
        "all/shop/deploy.toml",
    );
}

#[test]
fn an_environment_that_nobody_has() {
    let place = company();
    let said = place.run(&["plan", "prod", "-r", "all"]);
    wrong(&said, 2, "none of 4 services has an environment `prod`");
    assert!(said.stderr.contains("there are: local, stage"), "{}", said.stderr);
    let said = place.run(&["plan", "stage", "all/tools"]);
    wrong(&said, 2, "all/tools/deploy.toml has no environment `stage`");
}

#[test]
fn what_is_about_one_service_is_refused_for_many() {
    let place = company();
    wrong(
        &place.run(&["plan", "stage", "-r", "all", "--out", "x"]),
        2,
        "--out is about one service",
    );
    wrong(
        &place.run(&["plan", "stage", "all/shop", "--set", "a=1"]),
        2,
        "--set is about one service",
    );
    assert!(!place.path().join("x").exists());
}

#[test]
fn each_once_in_the_order_of_dependencies() {
    let place = company();
    // With what it depends on.
    place.run(&["release", "--file", "all/shop"]).good();
    let some = place.run(&["plan", "stage", "-r", "all"]);
    place.run(&["release", "--file", "all/account"]).good();
    let all = place.run(&["plan", "stage", "all/account", "all/shop", "--format", "json"]);
    let alone = place.run(&["plan", "stage", "--file", "all/shop", "--format", "json"]);
    place.run(&["agent", "stop"]).good();

    insta::assert_snapshot!("plan-some", some.steady());
    let all: Value = serde_json::from_str(&all.good().stdout).unwrap();
    let services = all["plans"].as_array().unwrap().iter();
    let services: Vec<_> = services
        .map(|saved| saved["plan"]["service"].as_str().unwrap())
        .collect();
    assert_eq!(services, ["shop", "account"]);
    // As `run` goes: with what it depends on.
    let alone: Value = serde_json::from_str(&alone.good().stdout).unwrap();
    let plans = alone["plans"].as_array().unwrap();
    assert_eq!(plans[0]["plan"]["service"], "database");
    assert_eq!(plans[1..], all["plans"].as_array().unwrap()[..1]);
}

//! `slipway adapt --interactive`: questions on stderr, answers on stdin, values in the overlay.

use crate::kit::Place;

const MANIFEST: &str = r#"[service]
name = "shop"
version = "1.0.0"

[artifacts.app]
format = "tarball"
from = "app.tar.gz"
command = ["bin/shop"]
env = { NAME = "{{ name }}", SIZE = "{{ size }}", COLOUR = "{{ colour }}", PASSWORD = "{{ password }}" }
instances = "{{ replicas }}"

[parameters]
replicas = { type = "integer", minimum = 1, maximum = 5, help = "how many copies run" }
name = { type = "hostname", help = "the name that users type" }
size = { type = "bytes" }
colour = { type = "enum", values = ["red", "blue"], default = "red" }
password = { type = "secret" }

[overlays]
common = {}
prod = { after = "common" }

[environments.prod]
overlays = ["prod"]
target = { plugin = "machine" }

[environments.stage]
overlays = ["common"]
target = { plugin = "machine" }

[environments.local]
target = { plugin = "machine" }
"#;

fn released() -> Place {
    let place = Place::new();
    place.archive("app.tar.gz");
    place.write("deploy.toml", MANIFEST);
    place.write(
        "adaptations/prod/values.toml",
        "# what prod decides\ncolour = \"blue\" # as the logo\n",
    );
    place.run(&["release", "--quiet"]).good();
    place
}

#[test]
fn what_is_missing_is_asked_for_and_written_down() {
    let place = released();
    let missing = place.run(&["adapt", "prod", "--quiet"]);
    insta::assert_snapshot!("missing", missing.steady());

    let answers = "many\n0\n2\n\nshop.example\n64MiB\n";
    let said = place
        .run_with(&["adapt", "prod", "--interactive"], answers)
        .good();
    insta::assert_snapshot!("asked", said.steady());
    insta::assert_snapshot!("values", place.read("adaptations/prod/values.toml"));
    let workload = place.read("deployment/prod/workloads/app.json");
    for part in ["shop.example", "67108864", "blue", "${secret.password}"] {
        assert!(workload.contains(part), "{part} in {workload}");
    }

    // Nothing is left to be asked.
    let said = place.run(&["adapt", "prod", "--interactive"]).good();
    assert!(!said.stderr.contains("how many copies"), "{}", said.everything());
}

#[test]
fn what_is_said_elsewhere_is_not_asked_for() {
    let place = released();
    place.write(
        "home/.config/slipway/operator.toml",
        "[secrets.prod]\npassword = { env = \"P\" }\n",
    );
    let line = [
        "adapt",
        "prod",
        "--interactive",
        "--set",
        "name=a.example",
        "--set",
        "size=1MiB",
    ];
    let said = place.run_with(&line, "3\n").good();
    let asked = ["replicas", "name:", "size", "password"].map(|name| said.stderr.contains(name));
    assert_eq!(asked, [true, false, false, false], "{}", said.everything());
    assert!(
        place
            .read("adaptations/prod/values.toml")
            .ends_with("replicas = 3\n")
    );
}

#[test]
fn where_answers_cannot_go_or_do_not_come() {
    let place = released();
    let said: Vec<_> = [("local", ""), ("stage", "4\nno host\n"), ("elsewhere", "")]
        .map(|(environment, answers)| {
            let said = place.run_with(&["adapt", environment, "--interactive"], answers);
            format!("$ slipway adapt {environment} --interactive\n{}", said.steady())
        })
        .into();
    insta::assert_snapshot!("unanswered", said.join("\n"));
    // The answer that was good is not asked for again.
    assert_eq!(place.read("adaptations/common/values.toml"), "replicas = 4\n");

    let json = place.run_with(
        &["adapt", "stage", "--interactive", "--format", "json"],
        "no host\n",
    );
    let questions: Vec<serde_json::Value> = json
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| !line["question"].is_null())
        .collect();
    assert_eq!(questions.len(), 2, "{}", json.stderr);
    assert_eq!(questions[0]["question"]["parameter"]["type"], "hostname");
    assert!(questions[1]["question"]["wrong"].is_string());

    let place = Place::new();
    place.write("deploy.toml", MANIFEST);
    let said = place.run(&["adapt", "prod", "--interactive"]);
    assert_eq!((said.code, said.stderr.contains("slipway release")), (1, true));
}

#[test]
fn what_looks_like_a_mistake_is_told() {
    let place = released();
    place.write("config/shop.conf", "colour = {{ colour }}\n");
    place.write("adaptations/common/shop.cnf", "colour = green\n");
    place.run(&["release", "--update", "--quiet"]).good();
    let set = ["name=shop.example", "size=64MiB", "replicas=1"]
        .map(|set| ["--set", set])
        .concat();
    let adapted = place.run(&[&["adapt", "stage"][..], &set].concat());
    let told = adapted.steady();
    assert!(
        told.contains("shop.cnf: `shop.cnf` replaces nothing and is added; did you mean `shop.conf`?"),
        "{told}"
    );
}

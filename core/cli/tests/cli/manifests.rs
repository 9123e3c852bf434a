//! From nothing to a manifest that is valid, and what is said of those that are not.

use crate::kit::Place;

const GOOD: &str = r#"[service]
name = "shop"
version = "1.0.0"

[artifacts.app]
format = "tarball"
from = "app.tar.gz"
command = ["bin/shop"]

[environments.local]
target = { plugin = "machine" }
"#;

const BAD: &str = r#"[service]
name = "Shop"

[artifacts.app]
format = "tarball"
from = "app.tar.gz"
comand = ["bin/shop"]

[environments.local]
strategy = "carefull"
target = { plugin = "machine" }

[strategy.careful]
type = "canary"
steps = [{ weight = 50 }, { weight = 25 }]
"#;

const BAD_SETTINGS: &str = r#"[service]
name = "shop"
version = "1.0.0"

[artifacts.app]
format = "tarball"
from = "app.tar.gz"
comand = ["bin/shop"]
instances = "many"

[environments.local]
target = { plugin = "machine", host = "a" }
router = { plugin = "embedded" }
"#;

#[test]
fn init_writes_what_validates() {
    let place = Place::new();
    place.write(".gitignore", "/assembly/\nmine");
    place.write("build/shop-1.0.tar.gz", "");
    let said = place.run(&["init", "--name", "shop", "--port", "8081"]).good();
    insta::assert_snapshot!("init", said.everything());
    insta::assert_snapshot!("init.toml", place.read("deploy.toml"));
    assert_eq!(
        place.read(".gitignore"),
        "/assembly/\nmine\n/.slipway/\n/deployment/\n"
    );
    assert_eq!(place.run(&["validate"]).good().stdout, "valid\n");

    let before = place.read("deploy.toml");
    let again = place.run(&["init", "--name", "other"]);
    assert_eq!(
        (again.code, again.stderr.contains("is there already")),
        (1, true),
        "{}",
        again.everything()
    );
    assert_eq!(place.read("deploy.toml"), before);
}

#[test]
fn init_in_another_folder() {
    let place = Place::new();
    place
        .run(&["init", "--file", "Some Shop", "--artifact", "./a \"b\".zip"])
        .good();
    assert!(
        place
            .read("Some Shop/deploy.toml")
            .contains("name = \"some-shop\"")
    );
    place.run(&["validate", "Some Shop"]).good();
    let said = place.run(&["init", "--file", "other/deploy.toml", "--artifact", "../a.zip"]);
    assert_eq!(said.code, 2, "{}", said.everything());
    assert!(!place.path().join("other").exists());
}

#[test]
fn everything_wrong_at_once() {
    let place = Place::new();
    for (name, text) in [("rules", BAD), ("settings", BAD_SETTINGS)] {
        place.write("deploy.toml", text);
        insta::assert_snapshot!(format!("validate-{name}"), place.run(&["validate"]).everything());
    }
    place.write("deploy.toml", BAD);
    insta::assert_snapshot!(
        "validate-json",
        place.run(&["validate", "--format", "json"]).everything()
    );
    assert!(!place.path().join(".slipway").exists());
}

#[test]
fn many_manifests() {
    let place = Place::new();
    let depends = |on: &str| format!("{GOOD}\n[dependencies]\nbase = \"../{on}\"\n");
    place.write("all/base/deploy.toml", GOOD);
    place.write("all/one/deploy.toml", depends("base"));
    place.write("all/two/deploy.toml", depends("base"));
    place.write("all/two/deployment/x/deploy.toml", "nonsense");
    place.write("all/.hidden/deploy.toml", "nonsense");
    let said = place.run(&["validate", "--recursive", "all"]).good();
    assert_eq!(said.stdout, "3 manifests are valid\n");
    assert_eq!(
        place.run(&["validate", "all/one", "all/base"]).good().stdout,
        "2 manifests are valid\n"
    );

    // One that is wrong is told of once, however many depend on it.
    place.write("all/base/deploy.toml", "[service]\nname = \"Base\"\n");
    let said = place.run(&["validate", "-r", "all"]);
    insta::assert_snapshot!("validate-many", said.everything());
    let said = place.run(&["validate", "-r", "all/.."]);
    assert_eq!(said.code, 3);
    let said = place.run(&["validate", "-r", "home"]);
    assert_eq!(said.code, 3, "{}", said.everything());
}

#[test]
fn the_schema_holds_the_plugins_settings() {
    let place = Place::new();
    let schema: serde_json::Value = serde_json::from_str(&place.run(&["schema"]).good().stdout).unwrap();
    let text = schema.to_string();
    for key in ["\"strategy\"", "\"listen\"", "\"command\"", "2020-12"] {
        assert!(text.contains(key), "{key}");
    }
}

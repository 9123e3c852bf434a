//! Plugins that a manifest brings: used like those that ship inside the program, and refused with a reason.

use std::{fs, path::Path};

use crate::kit::Place;

const MANIFEST: &str = r#"[service]
name = "shop"
version = "1.0.0"

[artifacts.app]
format = "other"
from = "app.tar.gz"
command = ["bin/shop"]

[environments.local]
target = { plugin = "machine" }
"#;

/// The component of a plugin that ships inside the program, under another name.
fn bring(place: &Place, plugin: &str, path: &str) {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins");
    place.write(path, fs::read(built.join(format!("{plugin}.wasm"))).unwrap());
}

fn with(plugins: &str) -> String {
    format!("{MANIFEST}\n{plugins}")
}

#[test]
fn a_format_from_a_file_goes_through_release_and_adapt() {
    let place = Place::new();
    bring(&place, "format-tarball", "tarball.wasm");
    place.archive("app.tar.gz");
    place.write("deploy.toml", with("[plugins.other]\nfrom = \"tarball.wasm\"\n"));
    assert_eq!(place.run(&["validate"]).good().stdout, "valid\n");
    let listed = place.run(&["plugin", "list", "--format", "json"]).good();
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let named = |plugin: &serde_json::Value| plugin["name"].as_str().unwrap().to_owned();
    let names: Vec<_> = listed["plugins"].as_array().unwrap().iter().map(named).collect();
    assert_eq!(names, ["other", "tarball", "machine", "embedded"]);
    assert_eq!(listed["plugins"][0]["digest"], listed["plugins"][1]["digest"]);

    place.run(&["release"]).good();
    assert!(place.read("deploy.lock").contains("\"format/other\" = "));
    place.run(&["adapt", "local"]).good();
    assert!(
        place
            .read("deployment/local/workloads/app.json")
            .contains("bin/shop")
    );

    // Its settings are checked as those of any other.
    place.write(
        "deploy.toml",
        with("[plugins.other]\nfrom = \"tarball.wasm\"\n").replace("command", "comand"),
    );
    let said = place.run(&["validate"]);
    assert_eq!(
        (said.code, said.stderr.contains("comand")),
        (3, true),
        "{}",
        said.everything()
    );
}

#[test]
fn what_cannot_be_used_is_refused() {
    let place = Place::new();
    bring(&place, "format-tarball", "tarball.wasm");
    bring(&place, "target-machine", "machine.wasm");
    place.write("script.wasm", "#!/bin/sh\n");
    place.write("damaged.wasm", b"\0asm\x0d\0\x01\0\xff");
    place.write("folder.wasm/file", "");
    let wrong = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    let said: Vec<_> = [
        &format!("from = \"tarball.wasm\"\ndigest = \"{wrong}\""),
        "from = \"script.wasm\"",
        "from = \"damaged.wasm\"",
        "from = \"none.wasm\"",
        "from = \"folder.wasm\"",
        "from = \"deploy:plugins/other:1.0\"",
        "from = \"machine.wasm\"\ngrants = { files = [\"machine\"] }",
    ]
    .map(|plugin| {
        place.write("deploy.toml", with(&format!("[plugins.other]\n{plugin}\n")));
        format!("{plugin}\n{}", place.run(&["validate"]).steady())
    })
    .into();
    insta::assert_snapshot!("refused", said.join("\n"));

    // What needs no manifest goes on without them.
    let listed = place.run(&["plugin", "list"]).good();
    assert!(
        listed.stdout.contains("tarball") && listed.stderr.contains("left out"),
        "{}",
        listed.everything()
    );
    assert!(!place.path().join(".slipway").exists());
}

#[test]
fn a_target_uses_what_it_is_granted() {
    let place = Place::new();
    bring(&place, "target-machine", "machine.wasm");
    let manifest = MANIFEST
        .replace("\"other\"", "\"tarball\"")
        .replace("\"machine\"", "\"metal\"");
    let grants = "grants = { http = [\"agent\"], files = [\"machine\"] }";
    place.write(
        "deploy.toml",
        format!("{manifest}\n[plugins.metal]\nfrom = \"machine.wasm\"\n{grants}\n"),
    );
    assert_eq!(place.run(&["validate"]).good().stdout, "valid\n");
}

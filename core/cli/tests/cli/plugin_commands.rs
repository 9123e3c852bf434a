//! Plugins that come into a manifest, are granted what they ask for, are replaced and go, by commands: what people wrote in
//! the manifest stays.

use insta::assert_snapshot;
use slipway_model::Digest;

use crate::{
    kit::{Place, Said},
    plugins::{bring, touch},
};

const MANIFEST: &str = r#"# ours
[service]
name = "shop" # it stays
version = "1.0.0"

[registries]
plugins = "published"

[artifacts.app]
format = "tarball"
from = "app.tar.gz"
command = ["bin/shop"]

[environments.local]
target = { plugin = "machine" }
"#;

fn said(place: &Place, arguments: &[&str]) -> Said {
    place.run(&[&["plugin"], arguments].concat())
}

/// Without what changes with each build.
fn stable(text: &str) -> String {
    let digest = regex::Regex::new("sha256:[0-9a-f]{64}|[0-9a-f]{8}\\b").unwrap();
    let size = regex::Regex::new("[0-9]+ KiB").unwrap();
    size.replace_all(&digest.replace_all(text, "DIGEST"), "N KiB")
        .into_owned()
}

#[test]
fn a_plugin_comes_is_granted_is_replaced_and_goes() {
    let place = Place::new();
    bring(&place, "target-machine", "machine.wasm");
    place.archive("app.tar.gz");
    place.write("deploy.toml", MANIFEST);

    let published = said(&place, &["publish", "machine.wasm", "published#plugins/machine"]).good();
    assert_snapshot!("published", stable(&published.stdout));
    let added = said(&place, &["add", "mine", "plugins:plugins/machine:0.1.0"]).good();
    assert_snapshot!("added", stable(&added.stdout));
    let expected = format!("{MANIFEST}\n[plugins.mine]\nfrom = \"plugins:plugins/machine:0.1.0\"\n");
    assert_eq!(place.read("deploy.toml"), expected);
    let digest = Digest::of(std::fs::read(place.path().join("machine.wasm")).unwrap());
    assert!(
        place
            .read("deploy.lock")
            .contains(&format!("digest = \"{digest}\""))
    );

    // Until it is granted, nothing goes on.
    let refused = place.run(&["validate"]);
    assert_eq!(refused.code, 3);
    assert_snapshot!("not_granted", stable(&refused.stderr));
    let granted = said(&place, &["grant", "mine"]).good();
    assert_eq!(granted.stdout, "mine is granted endpoint agent, folder machine\n");
    let grants = "grants = { http = [\"agent\"], files = [\"machine\"] }\n";
    assert_eq!(place.read("deploy.toml"), format!("{expected}{grants}"));
    place.run(&["validate"]).good();
    let again = said(&place, &["grant", "mine"]).good();
    assert_eq!(again.stdout, "mine is granted all that it asks for\n");

    // Somebody puts other bytes under the tag: they count when they are asked for.
    touch(&place, "machine.wasm");
    said(&place, &["publish", "machine.wasm", "published#plugins/machine"]).good();
    place.run(&["validate"]).good();
    assert!(place.read("deploy.lock").contains(&digest.to_string()));
    let updated = said(&place, &["update"]).good();
    assert_snapshot!("updated", stable(&updated.stdout));
    let changed = Digest::of(std::fs::read(place.path().join("machine.wasm")).unwrap());
    assert!(place.read("deploy.lock").contains(&format!(
        "[plugins.mine]\nfrom = \"plugins:plugins/machine:0.1.0\"\ndigest = \"{changed}\""
    )));
    assert!(
        said(&place, &["update", "mine"])
            .good()
            .stdout
            .contains("unchanged")
    );

    let used = place
        .read("deploy.toml")
        .replace("plugin = \"machine\"", "plugin = \"mine\"");
    place.write("deploy.toml", &used);
    let kept = said(&place, &["remove", "mine"]);
    assert_eq!(
        (kept.code, kept.stderr.lines().next().unwrap()),
        (1, "error: plugin `mine` is used by environment `local`")
    );
    place.write(
        "deploy.toml",
        used.replace("plugin = \"mine\"", "plugin = \"machine\""),
    );
    said(&place, &["remove", "mine"]).good();
    assert_eq!(place.read("deploy.toml"), MANIFEST);
    assert!(!place.read("deploy.lock").contains("mine"));
}

#[test]
fn an_update_that_asks_for_more_is_refused_until_it_is_granted() {
    let place = Place::new();
    bring(&place, "check-alerts", "quiet.wasm");
    place.archive("app.tar.gz");
    place.write("deploy.toml", MANIFEST);
    said(&place, &["add", "quiet", "quiet.wasm", "--grant"]).good();
    place.run(&["validate"]).good();
    let (manifest, lock) = (place.read("deploy.toml"), place.read("deploy.lock"));

    bring(&place, "target-machine", "quiet.wasm");
    let refused = said(&place, &["update", "quiet"]);
    assert_snapshot!("asks_for_more", stable(&refused.stderr));
    assert_eq!(
        (refused.code, place.read("deploy.toml"), place.read("deploy.lock")),
        (1, manifest, lock)
    );
    said(&place, &["update", "quiet", "--grant"]).good();
    place.run(&["validate"]).good();
}

#[test]
fn what_cannot_be_brought_is_told_and_changes_nothing() {
    let place = Place::new();
    place.archive("app.tar.gz");
    place.write("deploy.toml", MANIFEST);
    place.write("script.wasm", "#!/bin/sh\n");
    let tried: Vec<_> = [
        &["add", "x", "script.wasm"][..],
        &["add", "x", "none.wasm"],
        &["add", "x", "../outside.wasm"],
        &["add", "x", "plugins:plugins/none:1"],
        &["grant", "x"],
        &["update", "x"],
        &["remove", "x"],
        &["publish", "script.wasm", "published#x"],
    ]
    .iter()
    .map(|arguments| {
        let refused = said(&place, arguments);
        assert_ne!(refused.code, 0, "{arguments:?}");
        format!(
            "{}: {}\n{}",
            arguments.join(" "),
            refused.code,
            stable(&refused.stderr)
        )
    })
    .collect();
    assert_snapshot!("not_brought", tried.join("\n"));
    assert_eq!(place.read("deploy.toml"), MANIFEST);
    assert!(!place.path().join("deploy.lock").exists());
}

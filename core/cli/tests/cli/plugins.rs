//! Plugins that a manifest brings: used like those that ship inside the program, and refused with a reason.

use std::{fs, path::Path};

use regex::Regex;
use slipway_model::Digest;
use slipway_registry::{Anonymous, Client, ManifestBuilder, Patience, Registry, RegistryUrl, media};
use tokio::runtime::Runtime;

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
pub(crate) fn bring(place: &Place, plugin: &str, path: &str) {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins");
    place.write(path, fs::read(built.join(format!("{plugin}.wasm"))).unwrap());
}

/// The same program in other bytes: with a section that nobody reads.
pub(crate) fn touch(place: &Place, path: &str) {
    let mut bytes = fs::read(place.path().join(path)).unwrap();
    bytes.extend([0, 2, 1, b'x']);
    place.write(path, bytes);
}

fn push(place: &Place, path: &str, to: &str) {
    place.run(&["artifact", "copy", &format!("./{path}"), to]).good();
}

/// An artifact of these files in the layout `dev`.
fn publish(place: &Place, to: &str, layers: &[(&str, &[u8])]) {
    let (name, tag) = to.split_once(':').unwrap();
    let push = async {
        let client = Client::new(Anonymous, Patience::default()).unwrap();
        let url = RegistryUrl::Layout(place.path().join("dev"));
        let to = Registry::open(&url, &client).repository(&name.parse().unwrap());
        let config = to.push_bytes("application/vnd.wasm.config.v0+json", "{}");
        let mut manifest = ManifestBuilder::new("application/vnd.example", config.await.unwrap());
        for (kind, bytes) in layers {
            manifest = manifest.layer(to.push_bytes(kind, bytes.to_vec()).await.unwrap());
        }
        let tag = tag.parse().unwrap();
        to.put_manifest(Some(&tag), manifest.bytes()).await.unwrap();
    };
    Runtime::new().unwrap().block_on(push);
}

fn digest(place: &Place, path: &str) -> String {
    format!("{}", Digest::of(fs::read(place.path().join(path)).unwrap()))
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
    assert_eq!(names[..4], ["container", "kubernetes", "other", "tarball"]);
    assert_eq!(listed["plugins"][2]["digest"], listed["plugins"][3]["digest"]);

    place.run(&["release"]).good();
    let lock = place.read("deploy.lock");
    let plugins = lock.split_once("[plugins").unwrap().1;
    let digest = digest(&place, "tarball.wasm");
    assert_eq!(
        plugins,
        format!(".other]\nfrom = \"tarball.wasm\"\ndigest = \"{digest}\"\n")
    );
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
    place.write("large.wasm", "");
    let large = fs::File::options()
        .write(true)
        .open(place.path().join("large.wasm"));
    large.unwrap().set_len(70 << 20).unwrap();
    for file in ["script", "damaged", "large", "tarball"] {
        push(&place, &format!("{file}.wasm"), &format!("dev#plugins:{file}"));
    }
    let text = (media::OCTETS, &b"text"[..]);
    publish(&place, "plugins:several", &[text, text]);
    publish(
        &place,
        "plugins:image",
        &[("application/vnd.oci.image.layer.v1.tar+gzip", b"layer")],
    );
    let wrong = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    let said: Vec<_> = [
        &format!("from = \"tarball.wasm\"\ndigest = \"{wrong}\""),
        "from = \"script.wasm\"",
        "from = \"damaged.wasm\"",
        "from = \"large.wasm\"",
        "from = \"none.wasm\"",
        "from = \"folder.wasm\"",
        "from = \"machine.wasm\"\ngrants = { files = [\"machine\"] }",
        &format!("from = \"dev:plugins:tarball\"\ndigest = \"{wrong}\""),
        &format!("from = \"dev:plugins@{wrong}\""),
        "from = \"dev:plugins:script\"",
        "from = \"dev:plugins:large\"",
        "from = \"dev:plugins:none\"",
        "from = \"dev:plugins:several\"",
        "from = \"dev:plugins:image\"",
        "from = \"away:plugins/other:1.0\"",
        &format!(
            "from = {{ url = \"https://127.0.0.1:1/x.wasm\", sha256 = \"{}\" }}",
            &wrong[7..]
        ),
    ]
    .map(|plugin| {
        let registries = [("dev:", "dev"), ("away:", "oci+http://127.0.0.1:1")];
        let used = registries.iter().filter(|(name, _)| plugin.contains(name));
        let used: String = used
            .map(|(name, url)| format!("\n[registries]\n{} = \"{url}\"\n", name.trim_end_matches(':')))
            .collect();
        place.write("deploy.toml", with(&format!("[plugins.other]\n{plugin}\n{used}")));
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

/// A manifest whose plugin is in the layout `dev`, and that layout.
fn from_registry(extra: &str) -> Place {
    let place = Place::new();
    bring(&place, "format-tarball", "tarball.wasm");
    place.archive("app.tar.gz");
    push(&place, "tarball.wasm", "dev#plugins/other:1.0");
    let plugin = format!("[plugins.other]\nfrom = \"dev:plugins/other:1.0\"\n{extra}");
    place.write(
        "deploy.toml",
        with(&format!("{plugin}\n[registries]\ndev = \"dev\"\n")),
    );
    place
}

#[test]
fn a_plugin_from_a_registry_is_fetched_once() {
    let place = from_registry("");
    let away = |away: bool| {
        let (from, to) = if away { ("dev", "gone") } else { ("gone", "dev") };
        fs::rename(place.path().join(from), place.path().join(to)).unwrap();
    };
    assert_eq!(place.run(&["validate"]).good().stdout, "valid\n");
    assert!(!place.path().join("deploy.lock").exists());
    away(true);
    assert_eq!(place.run(&["validate"]).good().stdout, "valid\n");
    away(false);
    place.run(&["release"]).good();
    let lock = place.read("deploy.lock");
    let plugins = lock.split_once("[plugins").unwrap().1;
    let digest = digest(&place, "tarball.wasm");
    assert!(
        plugins.starts_with(&format!(
            ".other]\nfrom = \"dev:plugins/other:1.0\"\ndigest = \"{digest}\"\nmanifest = \"sha256:"
        )),
        "{plugins}"
    );
    away(true);
    for command in [
        &["validate"][..],
        &["adapt", "local"],
        &["plan", "local"],
        &["status"],
        &["plugin", "list"],
    ] {
        place.run(command).good();
    }
    // A release asks what the tag means; where the digest is written there is nothing to ask.
    let said = place.run(&["release"]);
    assert_eq!(
        (said.code, said.stderr.contains("plugin-unavailable")),
        (3, true),
        "{}",
        said.everything()
    );
    let written = place.read("deploy.toml").replace(
        "[plugins.other]\n",
        &format!("[plugins.other]\ndigest = \"{digest}\"\n"),
    );
    place.write("deploy.toml", written);
    place.run(&["release"]).good();
    assert_eq!(place.read("deploy.lock"), lock);

    // What is damaged on this machine is fetched again, and without the registry missed.
    let kept = format!("home/.cache/slipway/components/blobs/{}", &digest[7..]);
    assert!(place.path().join(&kept).is_file());
    place.write(&kept, "\0asm, and something else");
    let said = place.run(&["validate"]);
    assert_eq!(said.code, 3, "{}", said.everything());
    away(false);
    place.run(&["validate"]).good();
}

#[test]
fn what_a_tag_means_to_one_service_is_nothing_to_another() {
    let one = from_registry("");
    one.run(&["validate"]).good();
    // Another folder with the same manifest, whose registry is a folder of the same name, and the same cache.
    let other = from_registry("");
    touch(&other, "tarball.wasm");
    push(&other, "tarball.wasm", "dev#plugins/other:1.0");
    fs::rename(one.path().join("home"), other.path().join("home")).unwrap();
    let listed = other.run(&["plugin", "list", "--format", "json"]).good();
    assert!(
        listed.stdout.contains(&digest(&other, "tarball.wasm")),
        "{}",
        listed.stdout
    );
}

#[test]
fn a_tag_that_moved_is_refused_until_it_is_taken() {
    let place = from_registry("");
    place.run(&["release"]).good();
    let before = place.read("deploy.lock");
    touch(&place, "tarball.wasm");
    push(&place, "tarball.wasm", "dev#plugins/other:1.0");
    // Whoever does not release uses what was released.
    place.run(&["validate"]).good();
    insta::assert_snapshot!("moved", place.run(&["release"]).steady());
    assert_eq!(place.read("deploy.lock"), before);
    // Also where it has to be fetched again.
    fs::remove_dir_all(place.path().join("home/.cache/slipway")).unwrap();
    place.run(&["adapt", "local"]).good();

    place.run(&["release", "--update"]).good();
    assert!(
        place
            .read("deploy.lock")
            .contains(&digest(&place, "tarball.wasm"))
    );
    place.run(&["release"]).good();
}

#[test]
fn a_file_that_changed_is_refused_until_it_is_taken() {
    let place = Place::new();
    bring(&place, "format-tarball", "tarball.wasm");
    place.archive("app.tar.gz");
    let manifest = with("[plugins.other]\nfrom = \"tarball.wasm\"\n");
    place.write("deploy.toml", &manifest);
    place.run(&["release"]).good();
    let before = place.read("deploy.lock");
    touch(&place, "tarball.wasm");
    insta::assert_snapshot!("changed", place.run(&["validate"]).steady());
    for command in [&["release"][..], &["adapt", "local"]] {
        let said = place.run(command);
        assert_eq!(
            (said.code, said.stderr.contains("plugin-changed")),
            (3, true),
            "{}",
            said.everything()
        );
    }
    assert_eq!(place.read("deploy.lock"), before);
    place.run(&["release", "--update"]).good();
    let after = place.read("deploy.lock");
    assert!(after.contains(&digest(&place, "tarball.wasm")));
    place.run(&["validate"]).good();

    // A digest that is written says what is meant, whatever the lock says.
    touch(&place, "tarball.wasm");
    let digest = digest(&place, "tarball.wasm");
    place.write("deploy.toml", format!("{manifest}digest = \"{digest}\"\n"));
    place.run(&["validate"]).good();
    place.run(&["release"]).good();
    assert!(place.read("deploy.lock").contains(&digest));
}

#[test]
fn the_list_says_where_plugins_are_from_and_what_they_may_do() {
    let place = Place::new();
    let chatty = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins/fixtures/chatty.wasm");
    place.write("chatty.wasm", fs::read(chatty).unwrap());
    bring(&place, "target-machine", "machine.wasm");
    let machine = fs::read(place.path().join("machine.wasm")).unwrap();
    publish(&place, "metal:1", &[(media::WASM, &machine)]);
    place.write(
        "deploy.toml",
        with(
            "[plugins.other]\nfrom = \"chatty.wasm\"\n[plugins.metal]\nfrom = \"dev:metal:1\"\n\
             grants = { http = [\"agent\", \"metrics\"], files = [\"machine\"] }\n[registries]\ndev = \"dev\"\n",
        )
        .replace("command = [\"bin/shop\"]\n", ""),
    );
    let text = place.run(&["plugin", "list"]).good().stdout;
    let digests = Regex::new(r"\b[0-9a-f]{8}\b").unwrap();
    insta::assert_snapshot!("list", digests.replace_all(&text, "[DIGEST]"));
    let json = place.run(&["plugin", "list", "--format", "json"]).good().stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let metal = json["plugins"].as_array().unwrap();
    let metal = metal.iter().find(|plugin| plugin["name"] == "metal").unwrap();
    assert_eq!(metal["from"], "dev:metal:1");
    assert_eq!(metal["digest"], digest(&place, "machine.wasm"));
    assert_eq!(
        metal["needs"],
        serde_json::json!(["endpoint agent", "folder machine"])
    );
    assert_eq!(
        metal["granted"],
        serde_json::json!(["endpoint agent", "endpoint metrics", "folder machine"])
    );
}

#[test]
fn one_plugin_is_looked_at() {
    let place = Place::new();
    bring(&place, "check-alerts", "acme.wasm");
    place.write("no.wasm", "something else");
    let mut text = String::new();
    for plugin in ["acme.wasm", "machine", "container", "no.wasm", "acme"] {
        let said = place.run(&["plugin", "inspect", plugin]);
        text.push_str(&format!("$ slipway plugin inspect {plugin}\n{}\n", said.steady()));
    }
    let differs = Regex::new("sha256:[0-9a-f]{64}|[0-9]+ KiB").unwrap();
    insta::assert_snapshot!("inspect", differs.replace_all(&text, "[...]"));
    // Who looks at a stranger's file grants it nothing.
    let json = place
        .run(&["plugin", "inspect", "acme.wasm", "--format", "json"])
        .good();
    let json: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let acme = &json["plugins"][0];
    assert_eq!(acme["needs"], serde_json::json!(["endpoint of endpoint"]));
    assert_eq!(acme["granted"], serde_json::json!([]));
    // The same name may be that of a format and of a target.
    let both = place
        .run(&["plugin", "inspect", "kubernetes", "--format", "json"])
        .good();
    let both: serde_json::Value = serde_json::from_str(&both.stdout).unwrap();
    let kinds: Vec<_> = both["plugins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plugin| &plugin["kind"])
        .collect();
    assert_eq!(kinds, ["format", "target"]);
}

#[test]
fn a_project_is_begun_and_nothing_is_overwritten() {
    let place = Place::new();
    place.write("taken/file", "");
    place.write("no.wasm", "something else");
    let mut text = String::new();
    for arguments in [
        &["new", "target", "acme"][..],
        &["new", "check", "acme"],
        &["new", "check", "acme", "--folder", "taken"],
        &["new", "check", "Acme Cloud"],
        &["new", "check", "acme", "--language", "cobol"],
        &["build", "taken"],
        &["build", "nowhere"],
        &["test", "taken"],
        &["test", "nowhere"],
        &["test", "no.wasm"],
    ] {
        let said = place.run(&[&["plugin"], arguments].concat());
        text.push_str(&format!(
            "$ slipway plugin {}\n{}\n",
            arguments.join(" "),
            said.steady()
        ));
    }
    insta::assert_snapshot!("begun", text);
    let readme = place.read("acme/README.md");
    assert!(readme.starts_with("# acme\n"), "{readme}");
}

#[test]
fn what_a_plugin_has_to_keep_is_tried() {
    let place = Place::new();
    let unruly = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/plugins/fixtures/unruly.wasm");
    place.write("unruly.wasm", fs::read(unruly).unwrap());
    let mut text = String::new();
    for plugin in ["alerts", "unruly.wasm"] {
        let said = place.run(&["plugin", "test", plugin]);
        text.push_str(&format!("$ slipway plugin test {plugin}\n{}\n", said.steady()));
    }
    insta::assert_snapshot!("kept", text);
}

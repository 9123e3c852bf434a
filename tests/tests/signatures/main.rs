//! What is not signed by whom the operator trusts never runs: every way that somebody has who may write to a registry, or
//! who has its disk, and what comes of it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where it stood")]

mod forgeries;
mod stand;

use std::{fs, path::Path};

use forgeries::{FORGERIES, Forgery, sig};
use serde_json::json;
use slipway_model::Digest;
use slipway_tests::Key;
use stand::{Stand, cosign, front, packed, released};

#[test]
fn forgeries_are_refused() {
    let stand = Stand::new();
    let (mut refused, mut accepted) = (0, 0);
    for Forgery {
        name,
        told,
        repository,
        forge,
    } in &FORGERIES
    {
        let file = packed(&stand.bench, repository.as_bytes());
        let digest = stand.push(repository, "1", &file);
        stand.sign(&stand.release, repository, digest);
        let at = format!("oci+http://{}/{repository}:1", stand.registry());
        let good = stand.bench.json("caddy", &["artifact", "verify", &at]);
        assert_eq!(good["by"]["key"], "release.pub", "before {name}: {good}");
        accepted += 1;

        forge(&stand, repository, digest);
        stand.from(&format!("{repository}:1"));
        stand.forget();
        let forged = stand.bench.slipway("caddy", &["release"]);
        assert_eq!(forged.code, Some(1), "{name}: {}", forged.stderr);
        assert!(forged.stderr.contains(told), "{name}: {}", forged.stderr);
        assert!(!stand.has(Digest::of(&file)), "{name}: it is here all the same");
        assert!(!stand.bench.path("caddy/deploy.lock").exists(), "{name}");
        refused += 1;
    }
    eprintln!(
        "tried {}, refused {refused}; accepted before: {accepted}",
        FORGERIES.len()
    );
}

#[test]
fn only_what_is_named_is_trusted() {
    let stand = Stand::new();
    let file = packed(&stand.bench, b"any");
    for (repository, expected) in [
        ("open/web", None),
        ("teams/web", Some("says nothing of")),
        ("elsewhere/web", Some("says nothing of")),
        ("team/web", Some("nobody has signed")),
    ] {
        stand.push(repository, "1", &file);
        stand.from(&format!("{repository}:1"));
        stand.forget();
        let ran = stand.bench.slipway("caddy", &["release"]);
        let code = if expected.is_some() { Some(1) } else { Some(0) };
        assert_eq!(ran.code, code, "{repository}: {}", ran.stderr);
        let told = expected.unwrap_or("needs no signature");
        assert!(ran.stderr.contains(told), "{repository}: {}", ran.stderr);
    }
    // A file of the service is its own, as `deploy.toml` is.
    fs::write(stand.bench.path("caddy/dist/own.tar.gz"), &file).unwrap();
    stand
        .bench
        .edit("caddy/deploy.toml", &[("dev:team/web:1", "dist/own.tar.gz")]);
    stand.bench.must("caddy", &["release"]);
}

#[test]
fn a_tag_does_not_go_back() {
    let stand = Stand::new();
    let at = "team/web";
    let version = |number: &str| {
        let digest = stand.push(at, "stable", &packed(&stand.bench, number.as_bytes()));
        stand.sign(&stand.release, at, digest);
        digest
    };
    stand.from("team/web:stable");
    let first = version("first");
    stand.bench.must("caddy", &["release"]);
    version("second");
    let moved = stand.bench.slipway("caddy", &["release"]);
    assert!(moved.stderr.contains("has moved"), "{}", moved.stderr);
    stand.bench.must("caddy", &["release", "--update"]);

    // The first is signed as well as ever, and that is what makes it worth putting back.
    stand.storage.tag(at, "stable", first);
    let back = stand.bench.slipway("caddy", &["release", "--update"]);
    assert_eq!(back.code, Some(1), "{}", back.stderr);
    assert!(back.stderr.contains("goes back to"), "{}", back.stderr);
    assert!(
        back.stderr.contains("`replaced` in deploy.lock"),
        "{}",
        back.stderr
    );

    // By its digest it is what somebody means.
    stand.from(&format!("team/web@{first}"));
    stand.bench.must("caddy", &["release", "--update"]);
    // And so where somebody has taken it out of the list.
    stand.from("team/web:stable");
    stand.forget();
    stand.bench.must("caddy", &["release"]);
    version("third");
    stand.bench.must("caddy", &["release", "--update"]);
    let lock = fs::read_to_string(stand.bench.path("caddy/deploy.lock")).unwrap();
    assert!(lock.contains(&format!("[\"{first}\"]")), "{lock}");
    stand
        .bench
        .edit("caddy/deploy.lock", &[(&format!("[\"{first}\"]"), "[]")]);
    stand.storage.tag(at, "stable", first);
    stand.bench.must("caddy", &["release", "--update"]);
}

#[test]
fn what_was_verified_is_what_runs() {
    let stand = Stand::real();
    let bench = &stand.bench;
    bench.edit(
        "caddy/deploy.toml",
        &[("soak = \"1s\"", "soak = \"0s\""), ("default = 3", "default = 1")],
    );
    let at = "team/web";
    let caddy = fs::read(bench.path("caddy/dist/caddy.tar.gz")).unwrap();
    let digest = stand.push(at, "1", &caddy);
    stand.sign(&stand.release, at, digest);
    stand.from("team/web:1");

    // Released before there was a policy: nobody knows what is in it.
    let operator = fs::read_to_string(bench.path("operator.toml")).unwrap();
    let (without, _) = operator.split_once("[trust").unwrap();
    fs::write(bench.path("operator.toml"), without).unwrap();
    bench.must("caddy", &["release"]);
    bench.must("caddy", &["adapt", "local"]);
    stand.trust(&["release.pub"]);
    let unknown = bench.slipway("caddy", &["deploy", "local"]);
    assert_eq!(unknown.code, Some(1), "{}", unknown.stderr);
    assert!(
        unknown.stderr.contains("nobody knows where"),
        "{}",
        unknown.stderr
    );

    bench.must("caddy", &["release"]);
    bench.must("caddy", &["adapt", "local"]);
    // The tag moves between the release and the deployment, and nobody asks it.
    stand.push(at, "1", &packed(bench, b"#!/bin/sh\nexit 1\n"));
    let deployed = bench.must("caddy", &["deploy", "local"]);
    let said = "artifact caddy: ";
    assert!(deployed.stderr.contains(said), "{}", deployed.stderr);
    bench.must("caddy", &["cutover", "local"]);
    assert_eq!(bench.settled("caddy"), "1.0.0");

    // The record of the run says on whose word.
    let shown = |file: &str| {
        bench
            .must("caddy", &["archive", "show", "3", "--print", file])
            .stdout
    };
    let provenance: serde_json::Value = serde_json::from_str(&shown("provenance.json")).unwrap();
    let trusted = &provenance["predicate"]["buildDefinition"]["internalParameters"]["trusted"][0];
    assert_eq!(trusted["digest"], json!(digest), "{provenance}");
    assert_eq!(trusted["by"]["key"], "release.pub", "{provenance}");
    assert!(shown("signatures.json").contains("\"payload\""));

    // A key that counts no more takes with it what it has signed, also out of the archive; and one that has come, not.
    stand.trust(&["stranger.pub"]);
    let redeploy = |expected| {
        let ran = bench.slipway("caddy", &["redeploy", "3"]);
        assert_eq!(ran.code, Some(expected), "{}", ran.stderr);
        ran.stderr
    };
    let told = redeploy(1);
    assert!(told.contains("counts no longer"), "{told}");
    stand.trust(&["stranger.pub", "release.pub"]);
    fs::remove_dir_all(bench.path("caddy/.slipway/trust")).unwrap();
    redeploy(0);
}

#[test]
fn packages_and_bundles_are_signed_as_a_whole() {
    let stand = Stand::real();
    let bench = &stand.bench;
    bench.edit("caddy/deploy.toml", &[("default = 3", "default = 1")]);
    bench.must("caddy", &["release"]);
    let package = released(&stand);
    let operator = bench.path("operator.toml");
    let more = format!(
        "[trust.\"{}/deploy\"]\nkeys = [\"release.pub\"]\n[trust.\"{}\"]\nkeys = [\"release.pub\"]\n",
        stand.registry(),
        bench.path("media").display()
    );
    let text = fs::read_to_string(&operator).unwrap() + &more;
    fs::write(&operator, text).unwrap();
    front(&stand);
    let (repository, bundle) = ("deploy/site", bench.path("media/site.tar"));
    fs::create_dir(bench.path("media")).unwrap();
    let bundle = bundle.to_str().unwrap();
    let refuses = |service: &str, arguments: &[&str], told: &str| {
        let ran = bench.slipway(service, arguments);
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    };
    let bundled = || {
        // What was refused has left nothing that counts, but its signatures.
        stand.forget();
        fs::remove_file(bundle).unwrap_or_default();
        bench.must("caddy", &["release", "--bundle", bundle]);
        fs::remove_dir_all(bench.path("caddy/.slipway")).unwrap();
    };
    let from_bundle = ["release", "--from-bundle", bundle];

    refuses(
        "front",
        &["release"],
        "package site is refused: nobody has signed",
    );
    assert!(!bench.path("front/.slipway/dependencies").exists());
    bundled();
    refuses("caddy", &from_bundle, "nobody has signed");
    stand.sign(&stand.stranger, repository, package);
    refuses("front", &["release"], "none of these keys has made it");
    bundled();
    refuses("caddy", &from_bundle, "none of these keys has made it");
    stand.sign(&stand.release, repository, package);
    bundled();
    bench.must("caddy", &from_bundle);
    // Signed as it is released.
    stand.storage.untag(repository, &sig(package));
    let (key, public) = (bench.path("own.pem"), bench.path("own.pub"));
    Key::ed25519(&key, &public);
    let text = fs::read_to_string(&operator).unwrap();
    fs::write(&operator, format!("[signing]\nkey = \"own.pem\"\n{text}")).unwrap();
    bundled();
    refuses("caddy", &from_bundle, "none of these keys has made it");
    let signed = text.replace("keys = [\"release.pub\"]", "keys = [\"own.pub\"]");
    fs::write(&operator, signed).unwrap();
    bench.must("caddy", &from_bundle);

    // All that it is made of is deployed on its word, by a machine that knows nothing else.
    let ran = bench.must("front", &["run", "local"]);
    assert!(ran.stderr.contains("package site: "), "{}", ran.stderr);
    let laid_out = "front/.slipway/dependencies/site";
    assert_eq!(bench.settled(laid_out), "1.0.0");
    // A file of the package that is replaced on the registry's disk is no part of what is signed.
    let manifest: serde_json::Value = serde_json::from_slice(&stand.storage.read(package)).unwrap();
    let layer = manifest["layers"][0]["digest"].as_str().unwrap();
    stand.storage.corrupt(layer.parse().unwrap());
    fs::remove_dir_all(bench.path("front/.slipway/registry")).unwrap();
    refuses("front", &["release"], "wrong bytes");
}

#[test]
fn images_that_manifests_name_are_signed() {
    let stand = Stand::new();
    let (bench, registry) = (&stand.bench, stand.registry());
    let manifest = format!(
        "[service]\nname = \"pods\"\nversion = \"1.0.0\"\n[registries]\ndeploy = \"oci+http://{registry}/deploy\"\n\
         [artifacts.app]\nformat = \"kubernetes\"\nfrom = \"k8s\"\n[environments.test]\nstrategy = \"quick\"\n\
         target = {{ plugin = \"kubernetes\", context = \"none\", namespace = \"pods\" }}\n\
         [strategy.quick]\ntype = \"recreate\"\n"
    );
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{ name: web }}\nspec:\n  containers:\n  - name: web\n    \
         image: {registry}/team/server:1\n"
    );
    fs::create_dir_all(bench.path("pods/k8s")).unwrap();
    fs::write(bench.path("pods/deploy.toml"), manifest).unwrap();
    fs::write(bench.path("pods/k8s/pod.yaml"), pod).unwrap();
    let at = "team/server";
    let kind = "application/vnd.oci.image.config.v1+json";
    let config = stand
        .storage
        .blob(at, kind, b"{\"architecture\":\"amd64\",\"os\":\"linux\"}");
    let layer = stand
        .storage
        .blob(at, "application/vnd.oci.image.layer.v1.tar", &[0; 1024]);
    let image = stand.storage.manifest(at, &[layer], json!({ "config": config }));
    stand.storage.tag(at, "1", image);

    let refused = bench.slipway("pods", &["release"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stderr);
    let told = format!("image {registry}/team/server:1 is refused: nobody has signed");
    assert!(refused.stderr.contains(&told), "{}", refused.stderr);
    stand.sign(&stand.release, at, image);
    bench.must("pods", &["release"]);
    // What is deployed from there has its signature beside it.
    let deployed = format!("oci+http://{registry}/deploy/pods@{image}");
    let key = bench.path("release.pub");
    bench.must(
        "pods",
        &["artifact", "verify", &deployed, "--key", key.to_str().unwrap()],
    );
}

#[test]
fn plugins_are_signed() {
    let stand = Stand::new();
    let bench = &stand.bench;
    let path = bench.path("caddy/deploy.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text + "\n[plugins.other]\nfrom = \"dev:team/other:1\"\n").unwrap();
    let plugin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins/format-tarball.wasm");
    let digest = stand.push("team/other", "1", &fs::read(plugin).unwrap());
    let refused = |told: &str| {
        let ran = bench.slipway("caddy", &["release"]);
        assert_eq!(ran.code, Some(3), "{}", ran.stderr);
        assert!(
            ran.stderr.contains("plugin-untrusted") && ran.stderr.contains(told),
            "{}",
            ran.stderr
        );
    };
    refused("nobody has signed");
    stand.sign(&stand.stranger, "team/other", digest);
    refused("none of these keys has made it");
    stand.sign(&stand.release, "team/other", digest);
    bench.must("caddy", &["release"]);
    // It is here, and locked: whose word it was taken on is asked all the same.
    stand.storage.untag("team/other", &sig(digest));
    bench.must("caddy", &["validate"]);
    stand.trust(&["stranger.pub"]);
    let ran = bench.slipway("caddy", &["validate"]);
    assert!(
        ran.code == Some(3) && ran.stderr.contains("nobody has signed"),
        "{}",
        ran.stderr
    );
}

#[test]
fn packages_and_plugins_do_not_go_back() {
    let stand = Stand::new();
    let bench = &stand.bench;
    let operator = bench.path("operator.toml");
    let text = fs::read_to_string(&operator).unwrap();
    let deploy = format!(
        "[trust.\"{}/deploy\"]\nkeys = [\"release.pub\"]\n",
        stand.registry()
    );
    fs::write(&operator, text + &deploy).unwrap();
    let package = |version: &str| {
        bench.must("caddy", &["release", "--version", version]);
        let package = released(&stand);
        stand.sign(&stand.release, "deploy/site", package);
        package
    };
    let plugin = |name: &str| {
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins");
        let plugin = stand.push("team/other", "1", &fs::read(built.join(name)).unwrap());
        stand.sign(&stand.release, "team/other", plugin);
        plugin
    };
    front(&stand);
    let path = bench.path("front/deploy.toml");
    let text = fs::read_to_string(&path).unwrap();
    let team = "[registries]\nteam = ";
    let dev = format!("[registries]\ndev = \"oci+http://{}\"\nteam = ", stand.registry());
    let text = text.replace(team, &dev) + "\n[plugins.other]\nfrom = \"dev:team/other:1\"\n";
    fs::write(&path, text).unwrap();
    let signed = [
        ("deploy/site", "1.0.0", package("1.0.0"), package("2.0.0")),
        (
            "team/other",
            "1",
            plugin("format-tarball.wasm"),
            plugin("format-container.wasm"),
        ),
    ];
    for (repository, tag, first, _) in signed {
        stand.storage.tag(repository, tag, first);
    }
    for (repository, tag, first, second) in signed {
        bench.must("front", &["release", "--update"]);
        stand.storage.tag(repository, tag, second);
        bench.must("front", &["release", "--update"]);
        stand.storage.tag(repository, tag, first);
        let back = bench.slipway("front", &["release", "--update"]);
        assert!(matches!(back.code, Some(1 | 3)), "{repository}: {}", back.stderr);
        assert!(
            back.stderr.contains("goes back to"),
            "{repository}: {}",
            back.stderr
        );
        stand.storage.tag(repository, tag, second);
    }
}

#[test]
fn cosign_says_the_same() {
    let stand = Stand::real();
    let Some(made) = cosign(&stand, &["generate-key-pair"]) else {
        eprintln!(
            "skipped: COSIGN names no program; what it has signed is kept in core/registry/src/signature/testdata"
        );
        return;
    };
    assert!(made.status.success(), "{made:?}");
    stand.trust(&["cosign.pub"]);
    let registry = stand.registry();
    // What it signs is accepted here.
    let forms: [&[&str]; 2] = [&[], &["--new-bundle-format=false"]];
    for (number, form) in forms.into_iter().enumerate() {
        let repository = format!("team/strict/{number}");
        let digest = stand.push(&repository, "1", &[u8::try_from(number).unwrap()]);
        let at = format!("{registry}/{repository}@{digest}");
        let alone = [
            "sign",
            "--key",
            "cosign.key",
            "-y",
            "--use-signing-config=false",
            "--tlog-upload=false",
        ];
        let signed = cosign(&stand, &[&alone, form, &["-a", "env=prod", &at]].concat()).unwrap();
        assert!(signed.status.success(), "{signed:?}");
        let verified = stand
            .bench
            .json("caddy", &["artifact", "verify", &format!("oci+http://{at}")]);
        assert_eq!(verified["by"]["key"], "cosign.pub", "{verified}");
        let expected = if form.is_empty() {
            "bundle"
        } else {
            "simple-signing"
        };
        assert_eq!(verified["by"]["form"], expected, "{verified}");
    }
    // And what is signed as it is released, it accepts.
    Key::ed25519(&stand.bench.path("own.pem"), &stand.bench.path("own.pub"));
    let operator = stand.bench.path("operator.toml");
    let text = fs::read_to_string(&operator).unwrap();
    fs::write(&operator, format!("[signing]\nkey = \"own.pem\"\n{text}")).unwrap();
    stand.bench.must("caddy", &["release"]);
    let at = format!("{registry}/deploy/site@{}", released(&stand));
    let verify = ["verify", "--key", "own.pub", "--insecure-ignore-tlog=true", &at];
    let verified = cosign(&stand, &verify).unwrap();
    assert!(verified.status.success(), "{verified:?}");
    // What is refused here it refuses, and what is good before it takes. It looks at no files.
    let (mut refused, mut accepted) = (0, 0);
    let signatures = FORGERIES
        .iter()
        .filter(|forgery| !forgery.name.starts_with("the file"));
    for Forgery {
        name,
        repository,
        forge,
        ..
    } in signatures
    {
        let digest = stand.push(repository, "1", repository.as_bytes());
        stand.sign(&stand.release, repository, digest);
        let at = format!("{registry}/{repository}:1");
        let ask = || {
            let verify = [
                "verify",
                "--key",
                "release.pub",
                "--insecure-ignore-tlog=true",
                "-a",
                "env=prod",
                &at,
            ];
            cosign(&stand, &verify).unwrap()
        };
        let good = ask();
        assert!(good.status.success(), "before {name}: {good:?}");
        accepted += 1;
        forge(&stand, repository, digest);
        let forged = ask();
        assert!(!forged.status.success(), "{name}: {forged:?}");
        refused += 1;
    }
    eprintln!("cosign refused {refused}; accepted before: {accepted}");
}

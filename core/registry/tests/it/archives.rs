//! Archives as tools write them arrive bit for bit; archives as nobody should write them do not arrive.

use std::path::Path;

use serde_json::{Value, json};
use slipway_model::Digest;
use slipway_registry::{
    CopyOptions, Descriptor, ImportOptions, Imported, Repository, copy, import, inspect, media,
};
use tar::EntryType;

use crate::{
    peers::{image, skopeo},
    registry::{Auth, Server},
    support::{client, contents, deployer, layout, recorded, repository, tag},
    tars::{Entry, config, file, gzip, layer, link, saved, tar},
};

async fn imported(bytes: &[u8], folder: &Path, to: &Repository) -> Result<Vec<Imported>, String> {
    let archive = folder.join("image.tar");
    std::fs::write(&archive, bytes).unwrap();
    let options = ImportOptions {
        limit: 4 << 20,
        ..ImportOptions::default()
    };
    let outcome = import(&archive, to, &options).await;
    outcome.map_err(|error| error.to_string().replace(folder.to_str().unwrap(), "FOLDER"))
}

#[tokio::test]
async fn what_docker_saves_is_what_skopeo_sees() {
    let (server, client) = (Server::start(Auth::Nobody), client(deployer));
    let (folder, local) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let local = layout(local.path(), &client);
    let plain = tar(&saved());
    let images = imported(&plain, folder.path(), &local).await.unwrap();
    let names: Vec<_> = images.iter().map(|image| image.names.clone()).collect();
    assert_eq!(names, [vec!["shop/web:1", "shop/web:latest"], vec!["shop/cli:1"]]);
    let archive = folder.path().join("image.tar");
    for image in &images {
        let (name, version) = image.names[0].split_once(':').unwrap();
        let remote = repository(&server.url(), name, &client);
        copy(
            &local,
            &image.descriptor.digest,
            &remote,
            Some(&tag(version)),
            &CopyOptions::default(),
        )
        .await
        .unwrap();
        let theirs = format!("docker-archive:{}:{}", archive.display(), image.names[0]);
        let ours = format!("docker://{}/{}", server.host, image.names[0]);
        let seen =
            |place: &str, how: &[&str]| skopeo(&[&["inspect", "--tls-verify=false"], how, &[place]].concat());
        assert_eq!(
            seen(&ours, &["--config", "--raw"]),
            seen(&theirs, &["--config", "--raw"])
        );
        let (ours, theirs): (Value, Value) = (
            serde_json::from_str(&seen(&ours, &[])).unwrap(),
            serde_json::from_str(&seen(&theirs, &[])).unwrap(),
        );
        for field in ["Layers", "Architecture", "Os", "Created", "Env", "Labels"] {
            assert_eq!(ours[field], theirs[field], "{field}");
        }
    }
    // Always the same bytes, also by way of gzip, and nothing is moved twice.
    let other = tempfile::tempdir().unwrap();
    let other = layout(other.path(), &client);
    assert_eq!(
        imported(&gzip(&plain), folder.path(), &other).await.unwrap(),
        images
    );
    let options = ImportOptions {
        progress: recorded().0.progress,
        ..ImportOptions::default()
    };
    assert_eq!(import(&archive, &other, &options).await.unwrap(), images);
    insta::assert_debug_snapshot!(inspect(&other, &images[0].descriptor.digest).await.unwrap());
}

#[tokio::test]
async fn what_skopeo_writes() {
    let client = client(deployer);
    let (made, folder, local) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let index = image(made.path());
    let to = layout(local.path(), &client);
    let from = format!("oci:{}:latest", made.path().display());
    let place = folder.path().join("x.tar");
    let all = ["copy", "-q", "--all", "--preserve-digests", &from];
    let write = |how: &[&str], place: String| skopeo(&[how, &[&place]].concat());

    write(&all, format!("oci-archive:{}:1.4", place.display()));
    let images = import(&place, &to, &ImportOptions::default()).await.unwrap();
    assert_eq!(
        (images[0].names.as_slice(), images.len()),
        (&["1.4".to_owned()][..], 1)
    );
    assert_eq!(images[0].descriptor.digest, index);
    assert_eq!(inspect(&to, &index).await.unwrap().platforms.len(), 1);

    std::fs::remove_file(&place).unwrap();
    write(
        &["copy", "-q", &from],
        format!("docker-archive:{}:shop/web:1", place.display()),
    );
    let images = import(&place, &to, &ImportOptions::default()).await.unwrap();
    assert!(images[0].names[0].ends_with("shop/web:1"), "{images:?}");
    // The layer is the same as that of the original.
    let child = layout(made.path(), &client)
        .manifest(&index)
        .await
        .unwrap()
        .parse()
        .unwrap();
    let child = &child.manifests[0].digest;
    assert_eq!(
        inspect(&to, &images[0].descriptor.digest).await.unwrap().layers,
        inspect(&to, child).await.unwrap().layers
    );
}

fn blob(bytes: impl Into<Vec<u8>>) -> Entry {
    let bytes = bytes.into();
    file(format!("blobs/sha256/{}", Digest::of(&bytes).hex()), bytes)
}

/// The image of one layer in the newer form, its index naming an image for another platform and an attestation too.
fn partly_saved(platforms: &[&str], there: usize) -> Vec<Entry> {
    let mut entries = vec![file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)];
    let mut children = Vec::new();
    for (number, platform) in platforms.iter().enumerate() {
        let layer = layer("app", platform.as_bytes());
        let config = config(&[&layer]);
        let manifest = json!({
            "schemaVersion": 2, "mediaType": media::MANIFEST,
            "config": Descriptor::of(media::IMAGE_CONFIG, &config), "layers": [Descriptor::of(media::LAYER, &layer)],
        });
        let manifest = manifest.to_string();
        let mut child = serde_json::to_value(Descriptor::of(media::MANIFEST, &manifest)).unwrap();
        let (os, architecture) = platform.split_once('/').unwrap();
        child["platform"] = json!({ "os": os, "architecture": architecture });
        children.push(child);
        if number < there {
            entries.extend([blob(layer), blob(config), blob(manifest)]);
        }
    }
    let index = json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": children }).to_string();
    let entry = |name: &str| {
        let mut entry = serde_json::to_value(Descriptor::of(media::INDEX, &index)).unwrap();
        entry["annotations"] = json!({
            "io.containerd.image.name": format!("docker.io/shop/web:{name}"), media::REF_NAME: name,
        });
        entry
    };
    let top = json!({ "schemaVersion": 2, "manifests": [entry("1"), entry("latest")] });
    entries.extend([
        blob(index),
        file("index.json", top.to_string()),
        file("manifest.json", "[]"),
    ]);
    entries
}

#[tokio::test]
async fn the_platform_that_was_saved() {
    let (client, folder) = (client(deployer), tempfile::tempdir().unwrap());
    let local = tempfile::tempdir().unwrap();
    let to = layout(local.path(), &client);
    let platforms = ["linux/amd64", "linux/arm64"];
    let images = imported(&tar(&partly_saved(&platforms, 1)), folder.path(), &to)
        .await
        .unwrap();
    assert_eq!(images.len(), 1);
    assert_eq!(
        images[0].names,
        ["docker.io/shop/web:1", "docker.io/shop/web:latest"]
    );
    assert_eq!(images[0].descriptor.media_type, media::MANIFEST);
    let images = imported(&tar(&partly_saved(&platforms, 2)), folder.path(), &to)
        .await
        .unwrap();
    assert_eq!(images[0].descriptor.media_type, media::INDEX);
    let error = imported(&tar(&partly_saved(&["a/b", "a/c", "a/d"], 2)), folder.path(), &to).await;
    let error = error.unwrap_err();
    assert!(
        error.ends_with("it has 2 of the 3 manifests of this index; save all of them, or one platform"),
        "{error}"
    );
}

/// An image whose layer is stored compressed, as some builders do.
fn compressed(unpacked: &[u8], said: &[u8]) -> Vec<Entry> {
    let config = config(&[said]);
    let name = format!("sha256:{}", Digest::of(&config).hex());
    let manifest = json!([{ "Config": name, "RepoTags": null, "Layers": ["1.tar.gz"] }]);
    vec![
        file("1.tar.gz", gzip(unpacked)),
        file(name, config),
        file("manifest.json", manifest.to_string()),
    ]
}

#[tokio::test]
async fn a_compressed_layer_stays_so() {
    let (client, folder) = (client(deployer), tempfile::tempdir().unwrap());
    let local = tempfile::tempdir().unwrap();
    let to = layout(local.path(), &client);
    let layer = layer("app", vec![1; 100_000]);
    for bytes in [
        tar(&compressed(&layer, &layer)),
        gzip(&tar(&compressed(&layer, &layer))),
    ] {
        let images = imported(&bytes, folder.path(), &to).await.unwrap();
        let layers = inspect(&to, &images[0].descriptor.digest).await.unwrap().layers;
        assert_eq!(layers, [Descriptor::of(media::LAYER_GZIP, gzip(&layer))]);
        assert!(images[0].names.is_empty());
    }
}

/// A header that says of the next entry what its own fields cannot.
fn extended(records: &[(&str, &str)]) -> Entry {
    let mut bytes = Vec::new();
    for (key, value) in records {
        let mut length = key.len() + value.len() + 3;
        while length != key.len() + value.len() + 3 + length.to_string().len() {
            length = key.len() + value.len() + 3 + length.to_string().len();
        }
        bytes.extend_from_slice(format!("{length} {key}={value}\n").as_bytes());
    }
    Entry {
        kind: EntryType::XHeader,
        ..file("pax", bytes)
    }
}

#[tokio::test]
async fn what_is_hostile_or_damaged() {
    let client = client(deployer);
    let with = |entry: Entry| {
        let mut entries = saved();
        entries.insert(4, entry);
        tar(&entries)
    };
    let replaced = |name: &str, entries: &[Entry]| {
        let mut all = saved();
        let at = all.iter().position(|entry| entry.name == name).unwrap();
        all.splice(at..=at, entries.iter().cloned());
        tar(&all)
    };
    let good = tar(&saved());
    let mut flipped = good.clone();
    flipped[512 * 3 + 2] ^= 1;
    let config_name = saved()[7].name.clone();
    let mut wrong_blob = partly_saved(&["linux/amd64"], 1);
    wrong_blob[1].bytes[600] ^= 1;
    let mut wrong_manifest = partly_saved(&["linux/amd64"], 1);
    wrong_manifest[3].bytes[0] = b' ';
    let zeros = layer("zeros", vec![0; 8 << 20]);
    let long_name = Entry {
        kind: EntryType::GNULongName,
        ..file("long", vec![b'a'; 300 * 1024])
    };
    let mut table = String::new();
    for (what, bytes) in [
        ("an absolute path", with(file("/etc/passwd", "x"))),
        ("a path that climbs", with(file("../../x", "x"))),
        ("a path that climbs later", with(file("a/../../x", "x"))),
        ("a path in an extended header", {
            let mut entries = saved();
            entries.insert(0, extended(&[("path", "/etc/passwd")]));
            tar(&entries)
        }),
        (
            "a link that climbs",
            replaced(
                "c/layer.tar",
                &[link("c/layer.tar", EntryType::Symlink, "../../etc/passwd")],
            ),
        ),
        (
            "an absolute link",
            replaced(
                "c/layer.tar",
                &[link("c/layer.tar", EntryType::Symlink, "/etc/passwd")],
            ),
        ),
        (
            "a hard link that climbs",
            replaced(
                "c/layer.tar",
                &[link("c/layer.tar", EntryType::Link, "../passwd")],
            ),
        ),
        (
            "a link to itself",
            replaced(
                "c/layer.tar",
                &[link("c/layer.tar", EntryType::Symlink, "layer.tar")],
            ),
        ),
        (
            "a link to a link",
            replaced(
                "c/layer.tar",
                &[
                    link("c/layer.tar", EntryType::Symlink, "other"),
                    link("c/other", EntryType::Symlink, "../a/layer.tar"),
                ],
            ),
        ),
        ("a device", with(link("null", EntryType::Char, ""))),
        ("a file with holes", {
            let mut entries = saved();
            entries.insert(0, extended(&[("GNU.sparse.major", "1")]));
            tar(&entries)
        }),
        ("a size beyond the end", {
            let mut entries = saved();
            entries.insert(3, extended(&[("size", "18446744073709551615")]));
            tar(&entries)
        }),
        ("two of one name", with(file("./a/layer.tar", "other"))),
        ("two manifests", with(file("manifest.json", "[]"))),
        (
            "a folder in place of a file",
            replaced("b/layer.tar", &[link("b/layer.tar", EntryType::Directory, "")]),
        ),
        (
            "another layer",
            replaced("b/layer.tar", &[file("b/layer.tar", layer("app", "evil"))]),
        ),
        (
            "another config",
            replaced(&config_name, &[file(config_name.as_str(), "{}")]),
        ),
        ("no layer", replaced("b/layer.tar", &[])),
        ("no config", replaced(&config_name, &[])),
        (
            "a manifest of other layers",
            replaced(
                "manifest.json",
                &[file(
                    "manifest.json",
                    json!([{ "Config": config_name, "Layers": ["a/layer.tar"] }]).to_string(),
                )],
            ),
        ),
        (
            "a manifest that names a path",
            replaced(
                "manifest.json",
                &[file(
                    "manifest.json",
                    json!([{ "Config": "/etc/passwd", "Layers": [] }]).to_string(),
                )],
            ),
        ),
        ("no manifest", replaced("manifest.json", &[])),
        (
            "a manifest that is none",
            replaced("manifest.json", &[file("manifest.json", "{")]),
        ),
        (
            "a huge manifest",
            replaced("manifest.json", &[file("manifest.json", vec![b' '; 5 << 20])]),
        ),
        ("a huge header", with(long_name)),
        ("names without end", {
            let names = (0..200).map(|number| format!("{number}{}", "a".repeat(200_000)));
            let named = names.flat_map(|name| [extended(&[("path", &name)]), file("x", "x")]);
            tar(&named.collect::<Vec<_>>())
        }),
        ("a damaged header", flipped),
        ("a blob of other bytes", tar(&wrong_blob)),
        ("a manifest of other bytes", tar(&wrong_manifest)),
        (
            "a newer layout",
            tar(&[
                file("oci-layout", r#"{"imageLayoutVersion":"2.0.0"}"#),
                file("index.json", r#"{"manifests":[]}"#),
            ]),
        ),
        ("a bomb", gzip(&zeros)),
        ("a bomb as a layer", tar(&compressed(&zeros, &zeros))),
        (
            "a compressed layer of other bytes",
            tar(&compressed(b"other", b"said")),
        ),
        ("half of a compressed one", gzip(&good)[..200_000].to_vec()),
        ("zstd", vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0]),
        ("nothing", Vec::new()),
        ("text", b"hello".repeat(1000)),
        ("nothing but an end", vec![0; 1024]),
    ] {
        let (folder, local) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let to = layout(local.path(), &client);
        let outcome = imported(&bytes, folder.path(), &to).await.unwrap_err();
        assert!(contents(local.path()).ends_with("no tag"), "{what}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{what}");
        table += &format!("{what}\n    {outcome}\n");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn cut_short_anywhere() {
    let (client, folder) = (client(deployer), tempfile::tempdir().unwrap());
    let good = tar(&saved());
    let local = tempfile::tempdir().unwrap();
    let to = layout(local.path(), &client);
    for length in (0..good.len() - 1024).step_by(1237).chain([good.len() - 1024]) {
        let outcome = imported(&good[..length], folder.path(), &to).await;
        assert!(outcome.is_err(), "{length} of {}", good.len());
    }
    assert_eq!(
        contents(local.path()),
        "0 blobs, 0 partial, no tag",
        "nothing is begun"
    );
    imported(&good, folder.path(), &to).await.unwrap();
}

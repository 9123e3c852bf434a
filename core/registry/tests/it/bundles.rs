//! A bundle is the same bytes for the same roots, is read by others, and believes nothing when it is read.

use std::{path::Path, sync::Arc};

use serde_json::json;
use slipway_model::Digest;
use slipway_registry::{
    Descriptor, Event, ManifestBuilder, Repository, Silent, Tag, media, read_bundle, referrers, write_bundle,
};
use tar::EntryType;

use crate::{
    peers::{image, skopeo},
    registry::{Auth, Server},
    support::{client, contents, deployer, layout, noise, push, recorded, repository, tag},
    tars::{Entry, file, link, tar},
};

type Root = (Digest, Option<Tag>);

async fn written(from: &Repository, roots: &[Root], file: &Path) -> Vec<u8> {
    write_bundle(from, roots, file, Arc::new(Silent)).await.unwrap();
    std::fs::read(file).unwrap()
}

/// Two artifacts that share a layer, and a signature of the first.
async fn filled(repository: &Repository) -> Vec<Root> {
    let first = push(repository, "1", &[noise(1, 200_000), noise(2, 10)]).await;
    let second = push(repository, "2", &[noise(1, 200_000), noise(3, 70_000)]).await;
    let config = repository.push_bytes(media::EMPTY, "{}").await.unwrap();
    let signature = ManifestBuilder::new("application/vnd.signature", config).subject(&first);
    let signature = repository.put_manifest(None, signature.bytes()).await.unwrap();
    vec![
        (second.digest, Some(tag("2"))),
        (first.digest, Some(tag("1"))),
        (signature.digest, None),
    ]
}

#[tokio::test]
async fn the_same_roots_are_the_same_bytes_and_come_out_again() {
    let (server, client) = (Server::start(Auth::Nobody), client(deployer));
    let (here, folder, there) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let (local, remote) = (
        layout(here.path(), &client),
        repository(&server.url(), "web", &client),
    );
    let roots = filled(&local).await;
    assert_eq!(filled(&remote).await, roots);
    let first = folder.path().join("a.tar");
    let bytes = written(&local, &roots, &first).await;
    assert_eq!(
        written(&remote, &roots, &folder.path().join("b.tar")).await,
        bytes
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing is left beside them"
    );

    let site = layout(there.path(), &client);
    for _ in 0..2 {
        let read = read_bundle(&first, &site, Arc::new(Silent)).await.unwrap();
        let read: Vec<_> = read
            .iter()
            .map(|root| {
                let name = root.annotations.get(media::REF_NAME).map(|name| tag(name));
                (root.digest, name)
            })
            .collect();
        assert_eq!(read, roots);
    }
    assert_eq!(site.tags().await.unwrap(), [tag("1"), tag("2")]);
    let found = referrers(&site, &roots[1].0).await.unwrap();
    assert_eq!(
        found[0].descriptor.digest, roots[2].0,
        "a signature is found again"
    );
    assert_eq!(written(&site, &roots, &folder.path().join("c.tar")).await, bytes);
    // Straight into a registry as well.
    let other = repository(&server.url(), "other", &client);
    read_bundle(&first, &other, Arc::new(Silent)).await.unwrap();
    assert_eq!(
        other.tags().await.unwrap().len(),
        3,
        "two, and the list of what refers"
    );
}

#[tokio::test]
async fn skopeo_reads_it_and_we_read_skopeos() {
    let client = client(deployer);
    let (made, folder, out) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let index = image(made.path());
    let from = layout(made.path(), &client);
    let bundle = folder.path().join("site.tar");
    written(&from, &[(index, Some(tag("1.4")))], &bundle).await;
    let ours = format!("oci-archive:{}:1.4", bundle.display());
    assert_eq!(Digest::of(skopeo(&["inspect", "--raw", &ours])), index);
    let place = format!("oci:{}:x", out.path().display());
    skopeo(&["copy", "-q", "--all", "--preserve-digests", &ours, &place]);
    let copied = layout(out.path(), &client).resolve(&tag("x")).await.unwrap();
    assert_eq!(copied.unwrap().digest, index);

    let theirs = folder.path().join("theirs.tar");
    let place = format!("oci-archive:{}:7", theirs.display());
    skopeo(&["copy", "-q", "--all", "--preserve-digests", &ours, &place]);
    let site = tempfile::tempdir().unwrap();
    let site = layout(site.path(), &client);
    let read = read_bundle(&theirs, &site, Arc::new(Silent)).await.unwrap();
    assert_eq!((read[0].digest, read.len()), (index, 1));
    assert_eq!(site.resolve(&tag("7")).await.unwrap().unwrap().digest, index);
}

#[tokio::test]
async fn an_interrupted_one_goes_on() {
    let client = client(deployer);
    let (here, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let local = layout(here.path(), &client);
    let roots = filled(&local).await;
    let bundle = folder.path().join("x.tar");
    let partial = folder.path().join("x.tar.partial");
    let bytes = written(&local, &roots, &bundle).await;
    let all = bytes.len();
    let mut damaged = bytes.clone();
    damaged[100_000] ^= 1;
    let again = async |left: &[u8]| {
        std::fs::remove_file(&bundle).ok();
        std::fs::write(&partial, left).unwrap();
        let (options, events) = recorded();
        write_bundle(&local, &roots, &bundle, options.progress)
            .await
            .unwrap();
        assert!(
            std::fs::read(&bundle).unwrap() == bytes,
            "the same bytes after {}",
            left.len()
        );
        assert!(!partial.exists());
        let events = events.lock().unwrap();
        let moved = events
            .iter()
            .filter(|event| matches!(event, Event::Done { .. }))
            .count();
        let there = events
            .iter()
            .filter(|event| matches!(event, Event::AlreadyThere { .. }))
            .count();
        (there, moved)
    };
    let (_, pieces) = again(&[]).await;
    assert_eq!(again(&bytes).await, (pieces, 0));
    assert_eq!(
        again(&bytes[..all - 700]).await,
        (pieces, 0),
        "only its end was missing"
    );
    assert_eq!(again(&noise(5, 2000)).await, (0, pieces), "something else");
    assert_eq!(again(&[&bytes[..], &noise(5, 2000)].concat()).await, (pieces, 0));
    let (there, moved) = again(&damaged).await;
    assert!(there > 0 && moved > 0, "from the damage on: {there}, {moved}");
    for cut in (0..all).step_by(all / 23) {
        let (there, moved) = again(&bytes[..cut]).await;
        assert_eq!(there + moved, pieces);
    }
    // What is missing at the source is told, leaves no file, and is in no later attempt's way.
    let blob = Descriptor::of(media::OCTETS, noise(3, 70_000));
    let stored = here.path().join("blobs/sha256").join(blob.digest.hex());
    std::fs::write(&stored, noise(4, 70_000)).unwrap();
    std::fs::remove_file(&bundle).unwrap();
    let error = write_bundle(&local, &roots, &bundle, Arc::new(Silent)).await;
    assert!(error.unwrap_err().to_string().contains("wrong bytes"));
    assert!(!bundle.exists() && partial.exists());
    std::fs::write(&stored, noise(3, 70_000)).unwrap();
    assert!(written(&local, &roots, &bundle).await == bytes);
    let twice = [roots[0].clone(), (roots[1].0, Some(tag("2")))];
    let error = write_bundle(&local, &twice, &bundle, Arc::new(Silent))
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("two roots of the bundle are tagged 2; give each a tag of its own"),
        "{error}"
    );
}

#[tokio::test]
async fn hostile_bundles() {
    let client = client(deployer);
    let blob = |bytes: &[u8]| file(format!("blobs/sha256/{}", Digest::of(bytes).hex()), bytes);
    let (config, layer) = (b"{}".to_vec(), noise(1, 2000).to_vec());
    let manifest = ManifestBuilder::new("application/x", Descriptor::of(media::EMPTY, &config))
        .layer(Descriptor::of(media::OCTETS, &layer))
        .bytes();
    let index = |tags: &[&str]| {
        let mut entries = Vec::new();
        for tag in tags {
            let mut entry = serde_json::to_value(Descriptor::of(media::MANIFEST, &manifest)).unwrap();
            entry["annotations"] = json!({ media::REF_NAME: tag });
            entries.push(entry);
        }
        file(
            "index.json",
            json!({ "schemaVersion": 2, "manifests": entries }).to_string(),
        )
    };
    let good = vec![
        file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#),
        index(&["1"]),
        blob(&config),
        blob(&layer),
        blob(&manifest),
    ];
    let with = |entry: Entry| tar(&[&good[..], &[entry]].concat());
    let without = |at: usize| {
        let mut entries = good.clone();
        entries.remove(at);
        tar(&entries)
    };
    let replaced = |at: usize, entry: Entry| {
        let mut entries = good.clone();
        entries[at] = entry;
        tar(&entries)
    };
    let other = |at: usize| {
        let mut entry = good[at].clone();
        entry.bytes[0] ^= 1;
        replaced(at, entry)
    };
    let mut table = String::new();
    for (what, bytes) in [
        ("as it should be", tar(&good)),
        ("an absolute path", with(file("/etc/passwd", "x"))),
        ("a path that climbs", with(file("blobs/sha256/../../../x", "x"))),
        ("something else", with(file("manifest.json", "[]"))),
        ("a blob that has no digest", with(file("blobs/sha256/x", "x"))),
        ("another algorithm", with(file("blobs/sha512/x", "x"))),
        (
            "a link for a blob",
            replaced(
                3,
                link(good[3].name.as_str(), EntryType::Symlink, "../../index.json"),
            ),
        ),
        ("two indexes", with(index(&["2"]))),
        ("two blobs of one name", with(good[3].clone())),
        ("other bytes in a layer", other(3)),
        ("other bytes in a manifest", other(4)),
        (
            "a layer that is longer",
            replaced(3, file(good[3].name.as_str(), noise(1, 2001))),
        ),
        ("no layer", without(3)),
        ("no manifest", without(4)),
        ("no index", without(1)),
        ("no marker", without(0)),
        ("a tag that is none", replaced(1, index(&["../x y"]))),
        ("one tag for two", replaced(1, index(&["1", "1"]))),
        ("cut short", tar(&good)[..4000].to_vec()),
        ("without its end", tar(&good)[..tar(&good).len() - 1024].to_vec()),
        ("compressed", crate::tars::gzip(&tar(&good))),
    ] {
        let (folder, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let bundle = folder.path().join("x.tar");
        std::fs::write(&bundle, bytes).unwrap();
        let read = read_bundle(&bundle, &layout(site.path(), &client), Arc::new(Silent)).await;
        let outcome = match read {
            Ok(roots) => format!("{} roots", roots.len()),
            Err(error) => error
                .to_string()
                .replace(folder.path().to_str().unwrap(), "FOLDER"),
        };
        table += &format!(
            "{what}\n    {outcome}\n    {}\n",
            contents(site.path()).rsplit(", ").next().unwrap()
        );
    }
    insta::assert_snapshot!(table);
}

//! `skopeo` reads what we write and we read what it writes, bit for bit.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use slipway_model::Digest;
use slipway_registry::{CopyOptions, Descriptor, copy, inspect, media};

use crate::{
    registry::{Auth, Server},
    support::{client, deployer, layout, noise, push, repository, tag},
};

pub(crate) fn skopeo(arguments: &[&str]) -> String {
    let output = Command::new("skopeo").args(arguments).output();
    let output = output.expect("`skopeo` cannot be started; install it: apt-get install skopeo");
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// An image as a container tool would have made it, in a layout written by hand.
pub(crate) fn image(folder: &Path) -> Digest {
    let blobs = folder.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).unwrap();
    let store = |media_type: &str, bytes: &[u8]| {
        let descriptor = Descriptor::of(media_type, bytes);
        std::fs::write(blobs.join(descriptor.digest.hex()), bytes).unwrap();
        serde_json::to_value(descriptor).unwrap()
    };
    let layer = noise(9, 400_000);
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": { "type": "layers", "diff_ids": [Digest::of(&layer).to_string()] },
    });
    let layer = store("application/vnd.oci.image.layer.v1.tar", &layer);
    let config = store(
        "application/vnd.oci.image.config.v1+json",
        config.to_string().as_bytes(),
    );
    let manifest =
        json!({ "schemaVersion": 2, "mediaType": media::MANIFEST, "config": config, "layers": [layer] });
    let mut manifest = store(media::MANIFEST, manifest.to_string().as_bytes());
    manifest["platform"] = json!({ "architecture": "amd64", "os": "linux" });
    let list = json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": [manifest] });
    let mut list = store(media::INDEX, list.to_string().as_bytes());
    list["annotations"] = json!({ "org.opencontainers.image.ref.name": "latest" });
    let index = json!({ "schemaVersion": 2, "manifests": [list] });
    std::fs::write(folder.join("index.json"), index.to_string()).unwrap();
    std::fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    serde_json::from_value(list["digest"].clone()).unwrap()
}

#[tokio::test]
async fn an_image_of_skopeo_passes_through_unchanged() {
    let (server, client) = (Server::start(Auth::Nobody), client(deployer));
    let (made, ours, theirs) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let digest = image(made.path());
    let place = format!("docker://{}/peer/image:1", server.host);
    let from = format!("oci:{}:latest", made.path().display());
    skopeo(&[
        "copy",
        "-q",
        "--all",
        "--preserve-digests",
        "--dest-tls-verify=false",
        &from,
        &place,
    ]);
    let remote = repository(&server.url(), "peer/image", &client);
    assert_eq!(remote.lookup(&"image:1".parse().unwrap()).await.unwrap(), digest);
    let to = layout(ours.path(), &client);
    let report = copy(&remote, &digest, &to, Some(&tag("1")), &CopyOptions::default())
        .await
        .unwrap();
    assert_eq!(report.blobs_moved, 2);
    assert_eq!(inspect(&to, &digest).await.unwrap().platforms.len(), 1);
    // Out of our layout again by the peer: what it finds is what it once wrote.
    let out = format!("oci:{}:latest", theirs.path().display());
    skopeo(&[
        "copy",
        "-q",
        "--all",
        "--preserve-digests",
        &format!("oci:{}:web:1", ours.path().display()),
        &out,
    ]);
    for entry in std::fs::read_dir(made.path().join("blobs/sha256")).unwrap() {
        let entry = entry.unwrap();
        let original = std::fs::read(entry.path()).unwrap();
        for folder in [&ours, &theirs] {
            let found = std::fs::read(folder.path().join("blobs/sha256").join(entry.file_name())).unwrap();
            assert_eq!(found, original, "{:?}", entry.file_name());
        }
    }
    // A layout that names tags only.
    let foreign = layout(made.path(), &client);
    assert_eq!(
        foreign.resolve(&tag("latest")).await.unwrap().unwrap().digest,
        digest
    );
}

#[tokio::test]
async fn skopeo_reads_our_artifacts() {
    let (server, client, folder) = (
        Server::start(Auth::Basic),
        client(deployer),
        tempfile::tempdir().unwrap(),
    );
    let local = layout(folder.path(), &client);
    let pushed = push(&local, "1", &[noise(1, 100_000)]).await;
    let remote = repository(&server.url(), "web", &client);
    copy(
        &local,
        &pushed.digest,
        &remote,
        Some(&tag("1")),
        &CopyOptions::default(),
    )
    .await
    .unwrap();
    let place = format!("docker://{}/web:1", server.host);
    let login = ["--creds", "deployer:hunter2", "--tls-verify=false"];
    let raw = skopeo(&[&["inspect", "--raw"], &login[..], &[&place]].concat());
    assert_eq!(Digest::of(raw), pushed.digest);
    let raw = skopeo(&[
        "inspect",
        "--raw",
        &format!("oci:{}:web:1", folder.path().display()),
    ]);
    assert_eq!(Digest::of(&raw), pushed.digest);
    let manifest: Value = serde_json::from_str(&raw).unwrap();
    assert_eq!(manifest["layers"][0]["annotations"][media::TITLE], "layer-0");
}

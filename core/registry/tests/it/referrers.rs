//! Signatures, SBOMs and attestations go where their image goes, whatever kind of registry is at either end.

use bytes::Bytes;
use serde_json::json;
use slipway_registry::{CopyOptions, Descriptor, ManifestBuilder, Repository, copy, media, referrers};

use crate::{
    indexing::Indexing,
    registry::{Auth, Server},
    support::{client, deployer, layout, noise, push, repository, tag},
};

struct Signed {
    index: Descriptor,
    child: Descriptor,
    sbom: Descriptor,
}

fn with_referrers() -> CopyOptions {
    CopyOptions {
        referrers: true,
        ..CopyOptions::default()
    }
}

/// Something about something, as newer tools write it.
async fn about(to: &Repository, subject: &Descriptor, kind: &str, content: &str) -> Descriptor {
    let config = to.push_bytes(media::EMPTY, "{}").await.unwrap();
    let layer = to.push_bytes(media::OCTETS, content.to_owned()).await.unwrap();
    let manifest = ManifestBuilder::new(kind, config).layer(layer).subject(subject);
    to.put_manifest(None, manifest.bytes()).await.unwrap()
}

/// Signatures as cosign writes them: one manifest, a layer for each, under a tag.
async fn cosign(to: &Repository, subject: &Descriptor, suffix: &str, signatures: &[&str]) -> Descriptor {
    let config = to.push_bytes(media::IMAGE_CONFIG, "{}").await.unwrap();
    let mut manifest = ManifestBuilder::image(config);
    for signature in signatures {
        let layer = to
            .push_bytes(
                "application/vnd.dev.cosign.simplesigning.v1+json",
                (*signature).to_owned(),
            )
            .await;
        manifest = manifest.layer(layer.unwrap());
    }
    let name = tag(&format!("sha256-{}.{suffix}", subject.digest.hex()));
    to.put_manifest(Some(&name), manifest.bytes()).await.unwrap()
}

/// An index of one image, with a signature of the index, two things about the image, and a signature of one of these.
async fn signed(to: &Repository) -> Signed {
    let child = push(to, "child", &[noise(1, 1000)]).await;
    let index = json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": [child] });
    let index = Bytes::from(index.to_string());
    let index = to.put_manifest(Some(&tag("1")), index).await.unwrap();
    let sbom = about(to, &child, "application/spdx+json", "sbom").await;
    about(to, &child, "application/vnd.in-toto+json", "provenance").await;
    about(to, &sbom, "application/vnd.signature", "signature of the sbom").await;
    cosign(to, &index, "sig", &["one"]).await;
    Signed { index, child, sbom }
}

async fn found(at: &Repository, subject: &Descriptor) -> Vec<String> {
    let mut found = Vec::new();
    for referrer in referrers(at, &subject.digest).await.unwrap() {
        // All of it is there.
        let manifest = at.manifest(&referrer.descriptor.digest).await.unwrap();
        for blob in manifest.parse().unwrap().blobs() {
            at.blob_bytes(blob, 1 << 20).await.unwrap();
        }
        found.push(match &referrer.tag {
            Some(tag) => tag.as_str().rsplit('.').next().unwrap().to_owned(),
            None => referrer.descriptor.artifact_type.unwrap(),
        });
    }
    found.sort();
    found
}

async fn check(from: &Repository, to: &Repository) {
    let signed = signed(from).await;
    let everything = async |at: &Repository| {
        assert_eq!(found(at, &signed.index).await, ["sig"]);
        assert_eq!(
            found(at, &signed.child).await,
            ["application/spdx+json", "application/vnd.in-toto+json"]
        );
        assert_eq!(found(at, &signed.sbom).await, ["application/vnd.signature"]);
    };
    everything(from).await;
    let copied = async |options: &CopyOptions| {
        let report = copy(from, &signed.index.digest, to, Some(&tag("1")), options).await;
        report.unwrap().referrers
    };
    assert_eq!(copied(&CopyOptions::default()).await, 0);
    assert_eq!(
        found(to, &signed.index).await,
        [""; 0],
        "only where it is asked for"
    );
    for _ in 0..2 {
        assert_eq!(copied(&with_referrers()).await, 4);
        everything(to).await;
    }
    let tagged = to.resolve(&tag("1")).await.unwrap().unwrap();
    assert_eq!(tagged.digest, signed.index.digest);
}

#[tokio::test]
async fn through_registries_that_keep_no_list() {
    let (here, there, client) = (
        Server::start(Auth::Nobody),
        Server::start(Auth::Basic),
        client(deployer),
    );
    check(
        &repository(&here.url(), "a", &client),
        &repository(&there.url(), "b", &client),
    )
    .await;
}

#[tokio::test]
async fn through_a_folder_and_a_registry_with_the_api() {
    let (server, client) = (Indexing::start(false).await, client(deployer));
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let remote = repository(&server.url(), "web", &client);
    check(&layout(folder.path(), &client), &remote).await;
    assert!(
        server
            .tags()
            .iter()
            .all(|tag| !tag.starts_with("sha256-") || tag.contains('.')),
        "a registry that remembers needs no list: {:?}",
        server.tags()
    );
    check(&remote, &layout(other.path(), &client)).await;
}

#[tokio::test]
async fn from_a_registry_to_a_folder_and_back() {
    let (server, client) = (Server::start(Auth::Nobody), client(deployer));
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    check(
        &repository(&server.url(), "a", &client),
        &layout(folder.path(), &client),
    )
    .await;
    check(
        &layout(other.path(), &client),
        &repository(&server.url(), "b", &client),
    )
    .await;
}

#[tokio::test]
async fn signatures_that_were_made_at_the_destination_stay() {
    let client = client(deployer);
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (from, to) = (layout(here.path(), &client), layout(there.path(), &client));
    let image = push(&from, "1", &[noise(1, 10)]).await;
    let again = async || copy(&from, &image.digest, &to, Some(&tag("1")), &with_referrers()).await;
    let there = async || {
        let found = referrers(&to, &image.digest).await.unwrap();
        found[0].descriptor.digest
    };
    let first = cosign(&from, &image, "sig", &["one"]).await;
    again().await.unwrap();
    assert_eq!(there().await, first.digest);
    let more = cosign(&to, &image, "sig", &["one", "theirs"]).await;
    again().await.unwrap();
    assert_eq!(
        there().await,
        more.digest,
        "the destination has all of it and more"
    );
    cosign(&from, &image, "sig", &["one", "ours"]).await;
    let error = again().await.unwrap_err().to_string();
    assert!(
        error.contains("has signatures or attestations that the source has not"),
        "{error}"
    );
    assert_eq!(there().await, more.digest);
    let all = cosign(&from, &image, "sig", &["one", "ours", "theirs"]).await;
    again().await.unwrap();
    assert_eq!(there().await, all.digest);
}

#[tokio::test]
async fn a_list_that_lies() {
    let (server, client) = (Server::start(Auth::Nobody), client(deployer));
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        repository(&server.url(), "web", &client),
        layout(folder.path(), &client),
    );
    let image = push(&from, "1", &[noise(1, 10)]).await;
    let other = push(&from, "2", &[noise(2, 10)]).await;
    let true_one = about(&from, &image, "application/x", "x").await;
    // One that is gone, one about nothing, and the true one.
    let gone = Descriptor::of(media::MANIFEST, "gone");
    let list = json!({ "schemaVersion": 2, "mediaType": media::INDEX, "manifests": [gone, other, true_one] });
    let name = tag(&format!("sha256-{}", image.digest.hex()));
    // The registry refuses a list of what is gone: a folder does not.
    let lying = tempfile::tempdir().unwrap();
    let lying = layout(lying.path(), &client);
    copy(&from, &image.digest, &lying, None, &CopyOptions::default())
        .await
        .unwrap();
    copy(&from, &other.digest, &lying, None, &CopyOptions::default())
        .await
        .unwrap();
    copy(&from, &true_one.digest, &lying, None, &CopyOptions::default())
        .await
        .unwrap();
    lying
        .put_manifest(Some(&name), Bytes::from(list.to_string()))
        .await
        .unwrap();
    let report = copy(&lying, &image.digest, &to, None, &with_referrers())
        .await
        .unwrap();
    assert_eq!(report.referrers, 1);
    assert_eq!(found(&to, &image).await, ["application/x"]);
}

#[tokio::test]
async fn what_has_no_end_is_refused() {
    let (server, client) = (Indexing::start(true).await, client(deployer));
    let remote = repository(&server.url(), "web", &client);
    let image = push(&remote, "1", &[noise(1, 10)]).await;
    let error = referrers(&remote, &image.digest).await.unwrap_err().to_string();
    assert!(
        error.ends_with("more than 1000 manifests refer to it, which is refused"),
        "{error}"
    );
    // About what is about what is about ...
    let folder = tempfile::tempdir().unwrap();
    let (local, other) = (layout(folder.path(), &client), tempfile::tempdir().unwrap());
    let image = push(&local, "1", &[noise(1, 10)]).await;
    let mut last = image.clone();
    for depth in 0..5 {
        last = about(&local, &last, "application/x", &depth.to_string()).await;
    }
    let to = layout(other.path(), &client);
    let error = copy(&local, &image.digest, &to, Some(&tag("1")), &with_referrers()).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains("too deeply"), "{error}");
    assert_eq!(
        to.resolve(&tag("1")).await.unwrap(),
        None,
        "no tag before all is there"
    );
}

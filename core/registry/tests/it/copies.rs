//! Between real registries and layouts: everything arrives, nothing twice.

use slipway_registry::{CopyOptions, Event, Repository, copy, inspect, media};

use crate::{
    registry::{Auth, Server},
    support::{client, contents, deployer, layout, noise, push, recorded, repository, tag},
};

/// The whole life of an artifact between these two: copied, not copied again, and only what is missing after that.
async fn check(from: &Repository, to: &Repository) {
    let layers = [noise(1, 2_000_000), noise(2, 10), noise(3, 700_000)];
    let pushed = push(from, "1.0", &layers).await;
    let digest = from.lookup(&"any:1.0".parse().unwrap()).await.unwrap();
    assert_eq!(digest, pushed.digest);
    let (options, events) = recorded();
    let first = copy(from, &digest, to, Some(&tag("1.0")), &options)
        .await
        .unwrap();
    assert_eq!(
        (first.blobs_moved, first.bytes_moved, first.blobs_already_there),
        (4, 2_700_012, 0)
    );
    let moved: u64 = events
        .lock()
        .unwrap()
        .iter()
        .map(|event| {
            if let Event::Moved { bytes, .. } = event {
                *bytes
            } else {
                0
            }
        })
        .sum();
    assert_eq!(moved, first.bytes_moved);
    let second = copy(from, &digest, to, Some(&tag("1.0")), &CopyOptions::default())
        .await
        .unwrap();
    assert_eq!(
        (second.blobs_moved, second.bytes_moved, second.blobs_already_there),
        (0, 0, 4)
    );
    assert_eq!(to.resolve(&tag("1.0")).await.unwrap().unwrap().digest, digest);
    let stored = to.manifest(&digest).await.unwrap();
    assert_eq!(stored.bytes, from.manifest(&digest).await.unwrap().bytes);
    for (found, layer) in stored.parse().unwrap().layers.iter().zip(&layers) {
        assert_eq!(to.blob_bytes(found, 1 << 30).await.unwrap(), layer);
    }
    let more = push(from, "1.1", &[layers[0].clone(), noise(4, 5000)]).await;
    let third = copy(from, &more.digest, to, Some(&tag("1.1")), &CopyOptions::default())
        .await
        .unwrap();
    assert_eq!(
        (third.blobs_moved, third.bytes_moved, third.blobs_already_there),
        (1, 5000, 2)
    );
    assert_eq!(to.tags().await.unwrap(), [tag("1.0"), tag("1.1")]);
    let error = to
        .lookup(&"any:9".parse().unwrap())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("not found: no such tag; the repository has 1.1, 1.0"),
        "{error}"
    );
}

#[tokio::test]
async fn registry_to_registry() {
    let (here, there, client) = (
        Server::start(Auth::Nobody),
        Server::start(Auth::Nobody),
        client(deployer),
    );
    check(
        &repository(&here.url(), "dev/web", &client),
        &repository(&format!("{}/deploy/shop", there.url()), "web", &client),
    )
    .await;
}

#[tokio::test]
async fn registry_to_layout_and_back_with_credentials() {
    let (server, client) = (Server::start(Auth::Basic), client(deployer));
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
    check(
        &layout(folder.path(), &client),
        &layout(tempfile::tempdir().unwrap().path(), &client),
    )
    .await;
}

#[tokio::test]
async fn credentials_that_are_missing_or_wrong() {
    let server = Server::start(Auth::Basic);
    let told = async |client| {
        let repository = repository(&server.url(), "web", &client);
        let read = repository.resolve(&tag("1")).await.unwrap_err().to_string();
        let write = repository
            .push_bytes(media::OCTETS, "x")
            .await
            .unwrap_err()
            .to_string();
        format!("{read}\n{write}").replace(&server.host, "HOST")
    };
    let wrong = |_: &str| Some(slipway_registry::Login::new("deployer", "s3cret"));
    let text = format!(
        "{}\n{}",
        told(client(|_: &str| None)).await,
        told(client(wrong)).await
    );
    assert!(!text.contains("s3cret"));
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn a_blob_is_mounted_from_its_neighbour() {
    let (server, client) = (Server::start(Auth::Nobody), client(deployer));
    let (from, to) = (
        repository(&server.url(), "a", &client),
        repository(&server.url(), "b", &client),
    );
    let pushed = push(&from, "1", &[noise(1, 100_000)]).await;
    let before = server.blobs();
    let report = copy(
        &from,
        &pushed.digest,
        &to,
        Some(&tag("1")),
        &CopyOptions::default(),
    )
    .await
    .unwrap();
    assert_eq!((report.bytes_moved, report.blobs_already_there), (0, 2));
    assert_eq!(server.blobs(), before);
    assert_eq!(
        to.manifest(&pushed.digest).await.unwrap().descriptor.digest,
        pushed.digest
    );
}

#[tokio::test]
async fn a_file_is_pushed_and_inspected() {
    let (server, client, folder) = (
        Server::start(Auth::Nobody),
        client(deployer),
        tempfile::tempdir().unwrap(),
    );
    let repository = repository(&server.url(), "web", &client);
    let file = folder.path().join("app");
    std::fs::write(&file, noise(5, 1_000_000)).unwrap();
    let blob = repository
        .push_file(media::OCTETS, &file, recorded().0.progress)
        .await
        .unwrap();
    assert_eq!(
        repository.blob_bytes(&blob, 1_000_000).await.unwrap(),
        noise(5, 1_000_000)
    );
    assert!(
        repository.blob_bytes(&blob, 999_999).await.is_err(),
        "larger than the caller allows"
    );
    let pushed = push(&repository, "1", &[noise(6, 100)]).await;
    insta::assert_debug_snapshot!(inspect(&repository, &pushed.digest).await.unwrap());
    assert_eq!(contents(folder.path()), "0 blobs, 0 partial, no tag");
}

#[tokio::test]
async fn an_empty_blob_is_a_blob() {
    let (server, client, folder) = (
        Server::start(Auth::Nobody),
        client(deployer),
        tempfile::tempdir().unwrap(),
    );
    for repository in [
        repository(&server.url(), "web", &client),
        layout(folder.path(), &client),
    ] {
        let blob = repository.push_bytes(media::OCTETS, "").await.unwrap();
        assert!(repository.has_blob(&blob).await.unwrap());
        assert_eq!(repository.blob_bytes(&blob, 0).await.unwrap(), "");
    }
}

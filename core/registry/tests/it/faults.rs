//! Servers that misbehave: a clear error, nothing half-written, another try where it helps.

use std::{path::Path, time::Duration};

use slipway_registry::{CopyOptions, Fetch, Login, Patience, Silent, copy, fetch_url};

use crate::{
    hostile::{Fault, Hostile},
    support::{PATIENCE, client, contents, deployer, layout, partial, repository, tag},
};

/// Copies from a server with this fault into an empty layout: what came of it, what is left, how often was asked.
async fn told(fault: Fault, credentials: fn(&str) -> Option<Login>, patience: Patience) -> (String, Hostile) {
    let server = Hostile::start(fault).await;
    let folder = tempfile::tempdir().unwrap();
    let client = slipway_registry::Client::new(credentials, patience).unwrap();
    let from = repository(&server.url(), "web", &client);
    let to = layout(folder.path(), &client);
    let attempt = async {
        let digest = from.lookup(&"web:1".parse().unwrap()).await?;
        // What is wrong with a manifest shows where its digest is known.
        assert!(digest == server.digest() || matches!(fault, Fault::WrongManifest | Fault::HugeManifest));
        copy(
            &from,
            &server.digest(),
            &to,
            Some(&tag("1")),
            // One by one, so that what is left does not hang on the order of answers.
            &CopyOptions {
                parallel: 1,
                ..CopyOptions::default()
            },
        )
        .await
    };
    let outcome = match attempt.await {
        Ok(report) => format!("copied, {} bytes moved", report.bytes_moved),
        Err(error) => error.to_string(),
    };
    let outcome = outcome
        .replace(&server.address.to_string(), "HOST")
        .replace(folder.path().to_str().unwrap(), "FOLDER");
    let requests = server.requests.lock().unwrap().len();
    (
        format!("{outcome}\n    {requests} requests; {}", contents(folder.path())),
        server,
    )
}

fn nobody(_: &str) -> Option<Login> {
    None
}

#[tokio::test]
async fn every_fault_is_told() {
    let mut table = String::new();
    let impatient = Patience {
        idle: Duration::from_millis(400),
        ..PATIENCE
    };
    for (fault, credentials, patience) in [
        (Fault::None, nobody as fn(&str) -> _, PATIENCE),
        (Fault::Unauthorized, nobody, PATIENCE),
        (Fault::Unauthorized, deployer, PATIENCE),
        (Fault::BadToken, deployer, PATIENCE),
        (Fault::Forbidden, nobody, PATIENCE),
        (Fault::RudeMessage, nobody, PATIENCE),
        (Fault::NoSuchTag, nobody, PATIENCE),
        (Fault::NoSuchBlob, nobody, PATIENCE),
        (Fault::BusyOnce, nobody, PATIENCE),
        (Fault::BrokenOnce, nobody, PATIENCE),
        (Fault::BrokenAlways, nobody, PATIENCE),
        (Fault::CutOnce, nobody, PATIENCE),
        (Fault::CutOnceWithoutRange, nobody, PATIENCE),
        (Fault::CutAlways, nobody, PATIENCE),
        (Fault::WrongBytes, nobody, PATIENCE),
        (Fault::WrongLength, nobody, PATIENCE),
        (Fault::NeverEnding, nobody, PATIENCE),
        (Fault::Drip, nobody, PATIENCE),
        (Fault::Hang, nobody, impatient),
        (Fault::RedirectInCircles, nobody, PATIENCE),
        (Fault::HugeManifest, nobody, PATIENCE),
        (Fault::WrongManifest, nobody, PATIENCE),
    ] {
        let (outcome, _) = told(fault, credentials, patience).await;
        table += &format!(
            "{fault:?}{}\n    {outcome}\n",
            if credentials("").is_some() {
                ", with credentials"
            } else {
                ""
            }
        );
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let repository = repository(&format!("oci://{address}"), "web", &client(nobody));
    let error = repository
        .resolve(&tag("1"))
        .await
        .unwrap_err()
        .to_string()
        .replace(&address.to_string(), "HOST");
    insta::assert_snapshot!(error);
}

#[tokio::test]
async fn credentials_do_not_follow_a_redirect() {
    let other = Hostile::start(Fault::None).await;
    let (outcome, server) = told(Fault::Redirect(other.address), deployer, PATIENCE).await;
    assert!(outcome.starts_with("copied, 300002 bytes"), "{outcome}");
    let seen = other.requests.lock().unwrap().clone();
    assert_eq!(
        seen,
        [format!("GET /v2/web/blobs/{}", server.layer().digest)],
        "no +authorization here"
    );
    assert!(
        server
            .requests
            .lock()
            .unwrap()
            .iter()
            .any(|request| request.ends_with("+authorization"))
    );
}

#[tokio::test]
async fn a_redirect_to_nowhere_shows_no_signature() {
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nowhere.local_addr().unwrap();
    drop(nowhere);
    let (outcome, _) = told(Fault::Redirect(address), deployer, PATIENCE).await;
    assert!(
        outcome.contains("cannot connect") && !outcome.contains("s3cret") && !outcome.contains("hunter2"),
        "{outcome}"
    );
}

/// Puts bytes in the way as an interrupted copy would have, copies, and gives the requests for the layer.
async fn resumed(left: impl Fn(&Hostile) -> Vec<u8>) -> Vec<String> {
    let server = Hostile::start(Fault::None).await;
    let folder = tempfile::tempdir().unwrap();
    let client = client(nobody);
    let (from, to) = (
        repository(&server.url(), "web", &client),
        layout(folder.path(), &client),
    );
    std::fs::create_dir_all(folder.path().join("ingest")).unwrap();
    let digest = server.layer().digest;
    std::fs::write(partial(folder.path(), &digest), left(&server)).unwrap();
    copy(
        &from,
        &server.digest(),
        &to,
        Some(&tag("1")),
        &CopyOptions::default(),
    )
    .await
    .unwrap();
    assert_eq!(contents(folder.path()), "3 blobs, 0 partial, tagged");
    to.blob_bytes(&server.layer(), 1 << 20).await.unwrap();
    let requests = server.requests.lock().unwrap();
    requests
        .iter()
        .filter(|request| request.contains(&digest.hex()))
        .map(|request| request.replace(&digest.hex(), ""))
        .collect()
}

#[tokio::test]
async fn an_interrupted_copy_goes_on() {
    let layer = crate::support::noise(7, 300_000);
    let ranged = "GET /v2/web/blobs/sha256: +range";
    let whole = "GET /v2/web/blobs/sha256:";
    assert_eq!(resumed(|_| layer[..1].to_vec()).await, [ranged]);
    assert_eq!(resumed(|_| layer[..299_999].to_vec()).await, [ranged]);
    assert_eq!(resumed(|_| layer.to_vec()).await, [""; 0], "all of it was there");
    assert_eq!(resumed(|_| Vec::new()).await, [whole]);
    assert_eq!(
        resumed(|_| vec![0; 100]).await,
        [ranged, whole],
        "what was left was wrong"
    );
    assert_eq!(
        resumed(|_| vec![0; 400_000]).await,
        [whole],
        "what was left was too long"
    );
}

#[tokio::test]
async fn fetching_a_url() {
    let mut table = String::new();
    for fault in [
        Fault::None,
        Fault::CutOnce,
        Fault::CutAlways,
        Fault::WrongBytes,
        Fault::NeverEnding,
        Fault::NoSuchBlob,
    ] {
        let server = Hostile::start(fault).await;
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("app.tar.gz");
        let url = format!("http://{}/v2/web/blobs/{}", server.address, server.layer().digest);
        std::fs::write(&into, "old").unwrap();
        let fetched = fetch(&url, &server, &into).await;
        assert_eq!(
            std::fs::read(&into).unwrap() == b"old",
            fetched.is_err(),
            "replaced when complete"
        );
        if fetched.is_ok() {
            let again = fetch(&url, &server, &into).await.unwrap();
            assert_eq!(again, 0, "it is there");
        }
        let outcome = fetched.map_or_else(|error| error, |moved| format!("{moved} bytes moved"));
        let outcome = outcome
            .replace(&server.address.to_string(), "HOST")
            .replace(folder.path().to_str().unwrap(), "FOLDER")
            .replace(&server.layer().digest.hex(), "LAYER");
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        table += &format!("{fault:?}\n    {outcome}\n    {left} files\n");
    }
    for url in [
        "http://example.com/x?token=s3cret",
        "https://me:s3cret@example.com/x",
        "file:///etc/passwd",
        "s3cret",
    ] {
        let server = Hostile::start(Fault::None).await;
        let outcome = fetch(url, &server, Path::new("/nonexistent/x"))
            .await
            .unwrap_err();
        assert!(!outcome.contains("s3cret"), "{outcome}");
        table += &format!("{}\n    {outcome}\n", url.replace("s3cret", "..."));
    }
    insta::assert_snapshot!(table);
}

async fn fetch(url: &str, server: &Hostile, into: &Path) -> Result<u64, String> {
    let progress = std::sync::Arc::new(Silent);
    let digest = server.layer().digest;
    let fetch = Fetch {
        url,
        digest,
        plain: false,
        limit: 1_000_000,
        into: into.to_owned(),
        progress,
    };
    fetch_url(&client(nobody), fetch)
        .await
        .map_err(|error| error.to_string())
}

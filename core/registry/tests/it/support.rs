//! What the tests share: clients, registries by URL, bytes, and looking into a layout.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use slipway_model::Digest;
use slipway_registry::{
    Client, CopyOptions, Credentials, Descriptor, Event, Login, ManifestBuilder, Patience, Registry,
    Repository, Tag, media,
};

pub(crate) const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(10),
    idle: Duration::from_secs(30),
    attempts: 3,
    pause: Duration::from_millis(1),
    longest_pause: Duration::from_millis(20),
};

pub(crate) fn client(credentials: impl Credentials + 'static) -> Client {
    Client::new(credentials, PATIENCE).unwrap()
}

pub(crate) fn deployer(_: &str) -> Option<Login> {
    Some(Login::new("deployer", "hunter2"))
}

pub(crate) fn repository(url: &str, name: &str, client: &Client) -> Repository {
    Registry::open(&url.parse().unwrap(), client).repository(&name.parse().unwrap())
}

pub(crate) fn layout(folder: &Path, client: &Client) -> Repository {
    repository(folder.to_str().unwrap(), "web", client)
}

pub(crate) fn tag(text: &str) -> Tag {
    text.parse().unwrap()
}

/// Bytes that do not compress and differ by seed.
pub(crate) fn noise(seed: u64, length: usize) -> Bytes {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// An artifact of these layers, tagged.
pub(crate) async fn push(to: &Repository, version: &str, layers: &[Bytes]) -> Descriptor {
    let config = to.push_bytes(media::EMPTY, "{}").await.unwrap();
    let mut manifest = ManifestBuilder::new("application/vnd.example.v1+json", config);
    for (number, layer) in layers.iter().enumerate() {
        let layer = to.push_bytes(media::OCTETS, layer.clone()).await.unwrap();
        manifest = manifest.layer(layer.titled(format!("layer-{number}")));
    }
    to.put_manifest(Some(&tag(version)), manifest.bytes())
        .await
        .unwrap()
}

/// Options that write down what happens.
pub(crate) fn recorded() -> (CopyOptions, Arc<Mutex<Vec<Event>>>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&events);
    let progress = Arc::new(move |event| seen.lock().unwrap().push(event));
    (
        CopyOptions {
            parallel: 2,
            progress,
            ..CopyOptions::default()
        },
        events,
    )
}

/// What a layout holds, by kind: complete blobs, unfinished ones, and whether anything is tagged.
pub(crate) fn contents(folder: &Path) -> String {
    let names = |sub: &str, end: &str| {
        let entries = std::fs::read_dir(folder.join(sub)).into_iter().flatten();
        entries
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .file_name()
                    .to_str()
                    .unwrap()
                    .ends_with(end)
            })
            .count()
    };
    let tagged = if folder.join("index.json").exists() {
        "tagged"
    } else {
        "no tag"
    };
    format!(
        "{} blobs, {} partial, {tagged}",
        names("blobs/sha256", ""),
        names("ingest", ".partial")
    )
}

pub(crate) fn partial(folder: &Path, digest: &Digest) -> std::path::PathBuf {
    folder.join("ingest").join(format!("{}.partial", digest.hex()))
}

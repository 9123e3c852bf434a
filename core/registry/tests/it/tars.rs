//! Tars made by hand, also such as no tool would make.

use std::io::Write as _;

use serde_json::json;
use slipway_model::Digest;
use tar::{EntryType, Header};

#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) kind: EntryType,
    pub(crate) link: String,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) fn file(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Entry {
    Entry {
        name: name.into(),
        kind: EntryType::Regular,
        link: String::new(),
        bytes: bytes.into(),
    }
}

pub(crate) fn link(name: impl Into<String>, kind: EntryType, link: impl Into<String>) -> Entry {
    Entry {
        name: name.into(),
        kind,
        link: link.into(),
        bytes: Vec::new(),
    }
}

pub(crate) fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in entries {
        let mut header = Header::new_gnu();
        // As they are: the library would refuse what is hostile.
        header.as_old_mut().name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        header.as_old_mut().linkname[..entry.link.len()].copy_from_slice(entry.link.as_bytes());
        header.set_entry_type(entry.kind);
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(&entry.bytes);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A layer: a tar of one file.
pub(crate) fn layer(name: &str, bytes: impl Into<Vec<u8>>) -> Vec<u8> {
    tar(&[file(name, bytes)])
}

/// The config of an image of these (unpacked) layers.
pub(crate) fn config(layers: &[&[u8]]) -> Vec<u8> {
    let layers: Vec<_> = layers.iter().map(Digest::of).collect();
    let config = json!({
        "architecture": "amd64", "os": "linux", "created": "2024-01-01T00:00:00Z",
        "config": { "Cmd": ["/app"] }, "history": [],
        "rootfs": { "type": "layers", "diff_ids": layers },
        "docker_version": "24.0.7", "container": "kept as it is",
    });
    config.to_string().into_bytes()
}

/// What `docker save` of version 24 writes for two images that share a layer: a folder for each layer, links where a
/// layer is there already.
pub(crate) fn saved() -> Vec<Entry> {
    let (base, app, tool) = (
        layer("base", crate::support::noise(1, 300_000)),
        layer("app", crate::support::noise(2, 50_000)),
        layer("tool", crate::support::noise(3, 1000)),
    );
    let web = config(&[&base, &app]);
    let cli = config(&[&base, &tool]);
    let named = |config: &[u8]| format!("{}.json", Digest::of(config).hex());
    let manifest = json!([
        { "Config": named(&web), "RepoTags": ["shop/web:1", "shop/web:latest"], "Layers": ["a/layer.tar", "b/layer.tar"] },
        { "Config": named(&cli), "RepoTags": ["shop/cli:1"], "Layers": ["c/layer.tar", "d/layer.tar"] },
    ]);
    vec![
        link("a/", EntryType::Directory, ""),
        file("a/VERSION", "1.0"),
        file("a/json", "{}"),
        file("a/layer.tar", base),
        file("b/layer.tar", app),
        link("c/layer.tar", EntryType::Symlink, "../a/layer.tar"),
        file("d/layer.tar", tool),
        file(named(&web), web),
        file(named(&cli), cli),
        file("manifest.json", manifest.to_string()),
        file("repositories", "{}"),
    ]
}

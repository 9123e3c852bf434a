//! What a reference is, for a person who asks before using it. Reads manifests only, no layer.

use std::collections::BTreeMap;

use serde::Serialize;
use slipway_model::Digest;

use crate::{
    descriptor::{Descriptor, Platform},
    error::Result,
    manifest::ManifestKind,
    repository::Repository,
};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Inspection {
    pub kind: &'static str,
    pub media_type: String,
    pub artifact_type: Option<String>,
    pub digest: Digest,
    /// Of the manifest and all blobs that it names itself, in bytes.
    pub size: u64,
    /// Of an index: what it has, by platform.
    pub platforms: Vec<Variant>,
    pub config: Option<Descriptor>,
    pub layers: Vec<Descriptor>,
    pub annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variant {
    pub platform: Option<Platform>,
    pub digest: Digest,
}

pub async fn inspect(repository: &Repository, digest: &Digest) -> Result<Inspection> {
    let stored = repository.manifest(digest).await?;
    let manifest = stored.parse()?;
    let blobs: u64 = manifest
        .config
        .iter()
        .chain(&manifest.layers)
        .fold(0, |sum, blob| sum.saturating_add(blob.size));
    let variant = |child: &Descriptor| Variant {
        platform: child.platform.clone(),
        digest: child.digest,
    };
    Ok(Inspection {
        kind: match manifest.kind {
            ManifestKind::Image if manifest.artifact_type.is_some() => "artifact",
            ManifestKind::Image => "image",
            ManifestKind::Index => "index",
        },
        media_type: manifest.media_type,
        artifact_type: manifest.artifact_type,
        digest: *digest,
        size: stored.descriptor.size.saturating_add(blobs),
        platforms: manifest.manifests.iter().map(variant).collect(),
        config: manifest.config,
        layers: manifest.layers,
        annotations: manifest.annotations,
    })
}

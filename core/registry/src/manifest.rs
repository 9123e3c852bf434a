//! Manifests: what an image, an index or an artifact refers to. Read with limits, kept as the bytes that came.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;
use slipway_model::Digest;

use crate::{
    descriptor::{Descriptor, media},
    error::Cause,
};

/// Larger manifests are refused, as registries do.
pub(crate) const MANIFEST_LIMIT: u64 = 4 * 1024 * 1024;

/// The bytes of a manifest, verified, with the descriptor that names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    pub descriptor: Descriptor,
    pub bytes: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManifestKind {
    /// Config and layers: an image, or any artifact.
    Image,
    /// A list of manifests, such as one per platform.
    Index,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    pub kind: ManifestKind,
    pub media_type: String,
    pub artifact_type: Option<String>,
    pub config: Option<Descriptor>,
    pub layers: Vec<Descriptor>,
    /// The children of an index.
    pub manifests: Vec<Descriptor>,
    /// What a signature, an SBOM or an attestation is about.
    pub subject: Option<Descriptor>,
    pub annotations: BTreeMap<String, String>,
}

impl StoredManifest {
    /// The media type that the bytes state, else the one that came with them.
    pub(crate) fn new(bytes: Bytes, stated: Option<&str>) -> Result<Self, Cause> {
        let manifest = Manifest::parse(&bytes, stated)?;
        let mut descriptor = Descriptor::of(&manifest.media_type, &bytes);
        descriptor.artifact_type = manifest.artifact_type;
        Ok(Self { descriptor, bytes })
    }

    pub fn parse(&self) -> Result<Manifest, crate::Error> {
        Manifest::parse(&self.bytes, Some(&self.descriptor.media_type))
            .map_err(|cause| crate::Error::new("read manifest", self.descriptor.digest, cause))
    }
}

impl StoredManifest {
    /// What it refers to, if it does.
    pub(crate) fn subject(&self) -> Result<Option<Digest>, Cause> {
        let manifest = Manifest::parse(&self.bytes, Some(&self.descriptor.media_type))?;
        Ok(manifest.subject.map(|subject| subject.digest))
    }

    /// As a list of referrers names it: with its type and its annotations, so that a reader need not fetch it.
    pub(crate) fn as_referrer(&self) -> Result<Descriptor, Cause> {
        let manifest = Manifest::parse(&self.bytes, Some(&self.descriptor.media_type))?;
        let mut descriptor = self.descriptor.clone();
        descriptor.artifact_type = manifest
            .artifact_type
            .or_else(|| manifest.config.map(|config| config.media_type));
        descriptor.annotations = manifest.annotations;
        Ok(descriptor)
    }
}

impl Manifest {
    pub(crate) fn parse(bytes: &[u8], stated: Option<&str>) -> Result<Self, Cause> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Raw {
            schema_version: u32,
            media_type: Option<String>,
            artifact_type: Option<String>,
            config: Option<Descriptor>,
            layers: Option<Vec<Descriptor>>,
            manifests: Option<Vec<Descriptor>>,
            subject: Option<Descriptor>,
            #[serde(default)]
            annotations: Option<BTreeMap<String, String>>,
        }
        let raw: Raw = serde_json::from_slice(bytes)
            .map_err(|error| Cause::Malformed(format!("not a manifest: {error}")))?;
        if raw.schema_version != 2 {
            let version = raw.schema_version;
            return Err(Cause::Unsupported(format!(
                "manifests of schema version {version} are not supported; push it anew"
            )));
        }
        let (kind, fallback) = match (&raw.layers, &raw.manifests) {
            (Some(_), None) => (ManifestKind::Image, media::MANIFEST),
            (None, Some(_)) => (ManifestKind::Index, media::INDEX),
            _ => {
                return Err(Cause::Malformed(
                    "not a manifest: neither layers nor manifests, or both".to_owned(),
                ));
            }
        };
        let stated = stated.filter(|stated| MEDIA_TYPES.contains(stated));
        let media_type = raw
            .media_type
            .unwrap_or_else(|| stated.unwrap_or(fallback).to_owned());
        Ok(Self {
            kind,
            media_type,
            artifact_type: raw.artifact_type,
            config: raw.config,
            layers: raw.layers.unwrap_or_default(),
            manifests: raw.manifests.unwrap_or_default(),
            subject: raw.subject,
            annotations: raw.annotations.unwrap_or_default(),
        })
    }

    /// Config and layers that a registry must have; those kept elsewhere on purpose are left out.
    pub fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        let elsewhere = |blob: &&Descriptor| {
            !blob.urls.is_empty()
                && (blob.media_type.contains("foreign") || blob.media_type.contains("nondistributable"))
        };
        self.config
            .iter()
            .chain(&self.layers)
            .filter(move |blob| !elsewhere(blob))
    }
}

pub(crate) const MEDIA_TYPES: [&str; 4] = [
    media::MANIFEST,
    media::INDEX,
    media::DOCKER_MANIFEST,
    media::DOCKER_LIST,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let check = |text: &str, expected: Option<(ManifestKind, &str)>| {
            let found = Manifest::parse(text.as_bytes(), None).ok();
            assert_eq!(
                found
                    .as_ref()
                    .map(|found| (found.kind, found.media_type.as_str())),
                expected,
                "{text}"
            );
        };
        check(
            r#"{"schemaVersion":2,"layers":[]}"#,
            Some((ManifestKind::Image, media::MANIFEST)),
        );
        check(
            r#"{"schemaVersion":2,"manifests":[]}"#,
            Some((ManifestKind::Index, media::INDEX)),
        );
        let docker = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","layers":[]}}"#,
            media::DOCKER_MANIFEST
        );
        check(&docker, Some((ManifestKind::Image, media::DOCKER_MANIFEST)));
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"schemaVersion":1,"layers":[]}"#,
            r#"{"schemaVersion":2}"#,
            r#"{"schemaVersion":2,"layers":[],"manifests":[]}"#,
        ] {
            check(bad, None);
        }
    }
}

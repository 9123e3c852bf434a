//! The bytes on disk: OCI index, manifest and descriptor as far as an archive uses them, and their canonical form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_model::Digest;

use crate::sign::Signature;

pub(crate) const LAYOUT: &[u8] = b"{\"imageLayoutVersion\":\"1.0.0\"}\n";
pub(crate) const ENTRY_TYPE: &str = "application/vnd.slipway.archive.entry.v1+json";
pub(crate) const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const TITLE: &str = "org.opencontainers.image.title";
const HEAD: &str = "vnd.slipway.archive.head";
const EXCERPT: &str = "vnd.slipway.archive.excerpt";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Index {
    pub(crate) schema_version: u32,
    pub(crate) media_type: String,
    /// In the order of the chain.
    pub(crate) manifests: Vec<Descriptor>,
    pub(crate) annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Manifest {
    pub(crate) schema_version: u32,
    pub(crate) media_type: String,
    pub(crate) artifact_type: String,
    pub(crate) config: Descriptor,
    pub(crate) layers: Vec<Descriptor>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Descriptor {
    pub(crate) media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) artifact_type: Option<String>,
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) annotations: BTreeMap<String, String>,
}

/// An entry as the index knows it.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) digest: Digest,
    pub(crate) size: u64,
    pub(crate) signature: Option<Signature>,
}

impl Index {
    /// The only index that these entries have: nothing in it is free, so that any change of it is seen.
    pub(crate) fn of(entries: impl IntoIterator<Item = Listed>, excerpt: bool) -> Self {
        let manifests: Vec<_> = entries
            .into_iter()
            .map(|listed| Descriptor {
                artifact_type: Some(ENTRY_TYPE.to_owned()),
                annotations: listed.signature.map(|one| one.annotations()).unwrap_or_default(),
                ..Descriptor::new(MANIFEST_TYPE, listed.digest, listed.size)
            })
            .collect();
        let head = manifests
            .last()
            .map(|head| (HEAD.to_owned(), head.digest.to_string()));
        let excerpt = excerpt.then(|| (EXCERPT.to_owned(), "true".to_owned()));
        Self {
            schema_version: 2,
            media_type: INDEX_TYPE.to_owned(),
            manifests,
            annotations: head.into_iter().chain(excerpt).collect(),
        }
    }

    pub(crate) fn is_excerpt(&self) -> bool {
        self.annotations.contains_key(EXCERPT)
    }

    /// Whether these bytes are those that its entries have.
    pub(crate) fn is_canonical(&self, bytes: &[u8]) -> bool {
        to_bytes(&Self::of(self.entries(), self.is_excerpt())) == bytes
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = Listed> {
        self.manifests.iter().map(Listed::of)
    }

    pub(crate) fn head(&self) -> Option<Digest> {
        self.manifests.last().map(|head| head.digest)
    }
}

impl Listed {
    pub(crate) fn of(entry: &Descriptor) -> Self {
        Self {
            digest: entry.digest,
            size: entry.size,
            signature: Signature::of(&entry.annotations),
        }
    }
}

impl Manifest {
    pub(crate) fn of(config: Descriptor, layers: Vec<Descriptor>) -> Self {
        Self {
            schema_version: 2,
            media_type: MANIFEST_TYPE.to_owned(),
            artifact_type: ENTRY_TYPE.to_owned(),
            config,
            layers,
        }
    }
}

impl Descriptor {
    pub(crate) fn new(media_type: &str, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.to_owned(),
            artifact_type: None,
            digest,
            size,
            annotations: BTreeMap::new(),
        }
    }

    pub(crate) fn titled(media_type: &str, digest: Digest, size: u64, title: &str) -> Self {
        let annotations = BTreeMap::from([(TITLE.to_owned(), title.to_owned())]);
        Self {
            annotations,
            ..Self::new(media_type, digest, size)
        }
    }

    pub(crate) fn title(&self) -> Option<&str> {
        self.annotations.get(TITLE).map(String::as_str)
    }
}

/// Compact JSON and a newline.
pub(crate) fn to_bytes(document: &impl Serialize) -> Vec<u8> {
    let mut bytes =
        serde_json::to_vec(document).expect("maps with text keys and plain values are always JSON");
    bytes.push(b'\n');
    bytes
}

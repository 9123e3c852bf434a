//! What OCI says of a piece of content: its media type, digest and size.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_model::Digest;

/// Media types that this crate reads or writes.
pub mod media {
    pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
    pub const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    /// A layer as it is unpacked.
    pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
    pub const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    pub const EMPTY: &str = "application/vnd.oci.empty.v1+json";
    pub const OCTETS: &str = "application/octet-stream";
    pub const WASM: &str = "application/wasm";
    /// The annotation that names a layer's file.
    pub const TITLE: &str = "org.opencontainers.image.title";
    /// The annotation that names an entry of an `index.json`.
    pub const REF_NAME: &str = "org.opencontainers.image.ref.name";
    pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
    pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
}

/// Fields are written in this order, maps sorted: the same descriptor is the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    pub media_type: String,
    pub digest: Digest,
    pub size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artifact_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Platform>,
    /// Where else the content may be had; a layer with these may be missing from a registry on purpose.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Platform {
    pub architecture: String,
    pub os: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
}

impl Descriptor {
    pub fn new(media_type: impl Into<String>, digest: Digest, size: u64) -> Self {
        Self {
            media_type: media_type.into(),
            digest,
            size,
            artifact_type: None,
            platform: None,
            urls: Vec::new(),
            annotations: BTreeMap::new(),
        }
    }

    pub fn of(media_type: impl Into<String>, bytes: impl AsRef<[u8]>) -> Self {
        Self::new(media_type, Digest::of(&bytes), bytes.as_ref().len() as u64)
    }

    /// With the annotation that names its file.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.annotations.insert(media::TITLE.to_owned(), title.into());
        self
    }

    pub fn title(&self) -> Option<&str> {
        self.annotations.get(media::TITLE).map(String::as_str)
    }
}

//! Building the manifest of an artifact: the same content gives the same bytes, whatever the clock and the order of keys.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;

use crate::descriptor::{Descriptor, media};

/// An OCI image manifest that carries an artifact: a config, layers in the order given, sorted annotations.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestBuilder {
    schema_version: u32,
    media_type: &'static str,
    artifact_type: String,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl ManifestBuilder {
    pub fn new(artifact_type: impl Into<String>, config: Descriptor) -> Self {
        Self {
            schema_version: 2,
            media_type: media::MANIFEST,
            artifact_type: artifact_type.into(),
            config,
            layers: Vec::new(),
            annotations: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn layer(mut self, layer: Descriptor) -> Self {
        self.layers.push(layer);
        self
    }

    #[must_use]
    pub fn annotation(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.annotations.insert(name.into(), value.into());
        self
    }

    /// The bytes to store with [`Repository::put_manifest`](crate::Repository::put_manifest).
    pub fn bytes(&self) -> Bytes {
        serde_json::to_vec(self)
            .expect("strings, numbers and maps with string keys are JSON")
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_fixed() {
        let manifest = ManifestBuilder::new("application/vnd.example", Descriptor::of(media::EMPTY, "{}"))
            .layer(Descriptor::of(media::OCTETS, "hello").titled("hello.txt"))
            .annotation("b", "2")
            .annotation("a", "1");
        insta::assert_snapshot!(String::from_utf8(manifest.bytes().to_vec()).unwrap());
    }
}

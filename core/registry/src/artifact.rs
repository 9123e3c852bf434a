//! Building the manifest of an artifact or an image: the same content gives the same bytes, whatever the clock and the order of keys.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Serialize;

use crate::descriptor::{Descriptor, media};

/// An OCI image manifest: a config, layers in the order given, what it is about, sorted annotations.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestBuilder {
    schema_version: u32,
    media_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Descriptor>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

impl ManifestBuilder {
    /// Of an artifact, whose type is its own.
    pub fn new(artifact_type: impl Into<String>, config: Descriptor) -> Self {
        Self {
            artifact_type: Some(artifact_type.into()),
            ..Self::image(config)
        }
    }

    /// Of an image, whose type is that of its config.
    pub fn image(config: Descriptor) -> Self {
        Self {
            schema_version: 2,
            media_type: media::MANIFEST,
            artifact_type: None,
            config,
            layers: Vec::new(),
            subject: None,
            annotations: BTreeMap::new(),
        }
    }

    #[must_use]
    pub fn layer(mut self, layer: Descriptor) -> Self {
        self.layers.push(layer);
        self
    }

    /// Makes it refer to another manifest, as signatures do: [`referrers`](crate::referrers) finds it from there.
    #[must_use]
    pub fn subject(mut self, subject: &Descriptor) -> Self {
        let Descriptor {
            media_type,
            digest,
            size,
            ..
        } = subject;
        self.subject = Some(Descriptor::new(media_type, *digest, *size));
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

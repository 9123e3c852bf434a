//! What a manifest says of an image. Pure.

use serde::{Deserialize, Serialize};
use slipway_sdk::Failure;

const INDEXES: [&str; 2] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
const CONFIGS: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];
/// What builders add to an index beside images, such as attestations.
const NO_PLATFORM: &str = "unknown";

/// Kept in the package.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Image {
    /// `os/architecture`, of an index; what one image is for stands in its configuration.
    platforms: Vec<String>,
    layers: usize,
    /// Compressed.
    bytes: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manifest {
    media_type: Option<String>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    size: u64,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Image {
    pub(crate) fn read(manifest: &[u8]) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::invalid(format!("it is no image: {why}")).hint(
                "`from` names an image in a registry of the manifest, such as `dev:web:1.4.2`; a file that is not one has another format",
            )
        };
        let read: Manifest =
            serde_json::from_slice(manifest).map_err(|_| wrong("its bytes are not the manifest of one"))?;
        let index = read
            .media_type
            .as_ref()
            .is_some_and(|kind| INDEXES.contains(&kind.as_str()));
        if index || !read.manifests.is_empty() {
            let platforms: Vec<_> = read.manifests.iter().filter_map(Descriptor::platform).collect();
            if platforms.is_empty() {
                return Err(wrong("its index names no platform"));
            }
            return Ok(Self {
                platforms,
                layers: 0,
                bytes: 0,
            });
        }
        let config = read.config.as_ref().map(|config| config.media_type.as_str());
        match config {
            Some(kind) if CONFIGS.contains(&kind) => Ok(Self {
                platforms: Vec::new(),
                layers: read.layers.len(),
                bytes: read.layers.iter().map(|layer| layer.size).sum(),
            }),
            Some(kind) => Err(wrong(&format!("its configuration is `{kind}`"))),
            None => Err(wrong("its manifest has no configuration")),
        }
    }

    pub(crate) fn summary(&self) -> String {
        if !self.platforms.is_empty() {
            return format!("image for {}", self.platforms.join(", "));
        }
        let layers = match self.layers {
            1 => "1 layer".to_owned(),
            many => format!("{many} layers"),
        };
        format!("image, {layers}, {} KiB compressed", self.bytes.div_ceil(1024))
    }
}

impl Descriptor {
    fn platform(&self) -> Option<String> {
        let platform = self
            .platform
            .as_ref()
            .filter(|platform| platform.os != NO_PLATFORM)?;
        let variant = platform
            .variant
            .as_ref()
            .map_or(String::new(), |variant| format!("/{variant}"));
        Some(format!("{}/{}{variant}", platform.os, platform.architecture))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(manifest: Value, expected: Result<&str, &str>) {
        let found = Image::read(manifest.to_string().as_bytes());
        let found = found
            .map(|image| image.summary())
            .map_err(|failure| failure.message);
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn images_and_indexes() {
        let layer = json!({ "mediaType": "x", "size": 1500, "digest": "sha256:1" });
        let image = json!({ "config": { "mediaType": CONFIGS[0], "size": 1 }, "layers": [layer, layer] });
        check(image, Ok("image, 2 layers, 3 KiB compressed"));
        let one = |os: &str, arch: &str| json!({ "mediaType": "x", "size": 1, "platform": { "os": os, "architecture": arch } });
        let index = json!({ "mediaType": INDEXES[0], "manifests": [one("linux", "amd64"), one("linux", "arm64"), one("unknown", "unknown")] });
        check(index, Ok("image for linux/amd64, linux/arm64"));
    }

    #[test]
    fn other_things_are_none() {
        check(
            json!({ "mediaType": INDEXES[0], "manifests": [] }),
            Err("it is no image: its index names no platform"),
        );
        check(
            json!({ "config": { "mediaType": "application/vnd.oci.empty.v1+json", "size": 2 }, "layers": [] }),
            Err("it is no image: its configuration is `application/vnd.oci.empty.v1+json`"),
        );
        check(
            json!("text"),
            Err("it is no image: its bytes are not the manifest of one"),
        );
        check(
            json!({}),
            Err("it is no image: its manifest has no configuration"),
        );
    }
}

//! Images: what is one, and references to them as manifests of containers have them: without a host they are Docker Hub's, without a tag they
//! mean `latest`.

use std::str::FromStr;

use slipway_registry::{Descriptor, Manifest, ManifestKind, Reference, RegistryUrl, media};

const HUB: &str = "registry-1.docker.io";
/// What people write for it.
pub(crate) const HUB_NAMES: [&str; 3] = ["docker.io", "index.docker.io", HUB];

/// The configurations that make a manifest that of an image.
const CONFIGS: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];

/// Whether it is a manifest, which a registry keeps as such and not as a blob.
pub(crate) fn is_manifest(descriptor: &Descriptor) -> bool {
    let kinds = [
        media::MANIFEST,
        media::INDEX,
        media::DOCKER_MANIFEST,
        media::DOCKER_LIST,
    ];
    kinds.contains(&descriptor.media_type.as_str())
}

/// Whether it is an image or an index of images, and not an artifact that is one file.
pub(crate) fn is_image(manifest: &Manifest) -> bool {
    let config = manifest.config.as_ref();
    manifest.kind == ManifestKind::Index
        || config.is_some_and(|config| CONFIGS.contains(&config.media_type.as_str()))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageReference {
    pub(crate) host: String,
    pub(crate) reference: Reference,
}

impl ImageReference {
    /// Plain HTTP is spoken to this machine alone.
    pub(crate) fn registry(&self) -> Result<RegistryUrl, String> {
        format!("oci://{}", self.host)
            .parse()
            .map_err(|error: slipway_registry::ReferenceError| error.to_string())
    }
}

impl FromStr for ImageReference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = |why: &dyn std::fmt::Display| {
            let shown: String = text.chars().take(200).collect();
            format!("`{}` is no reference to an image: {why}", shown.escape_debug())
        };
        let (host, path) = match text.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
            _ => (HUB_NAMES[0], text),
        };
        let hub = HUB_NAMES.contains(&host);
        let (host, path) = if hub && !path.contains('/') {
            (HUB, format!("library/{path}"))
        } else if hub {
            (HUB, path.to_owned())
        } else {
            (host, path.to_owned())
        };
        let name = path.rsplit_once('/').map_or(path.as_str(), |(_, name)| name);
        let path = if name.contains([':', '@']) {
            path
        } else {
            path + ":latest"
        };
        let reference = path.parse().map_err(|error| bad(&error))?;
        let image = Self {
            host: host.to_owned(),
            reference,
        };
        image.registry().map_err(|error| bad(&error))?;
        Ok(image)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_container_engines_read_them() {
        let digest = slipway_model::Digest::of("");
        for (text, host, rest) in [
            ("nginx", HUB, "library/nginx:latest"),
            ("nginx:1.25", HUB, "library/nginx:1.25"),
            ("docker.io/nginx", HUB, "library/nginx:latest"),
            ("bitnami/redis:7", HUB, "bitnami/redis:7"),
            ("localhost/a", "localhost", "a:latest"),
            ("localhost:5000/a/b:1", "localhost:5000", "a/b:1"),
            ("registry.k8s.io/pause:3.9", "registry.k8s.io", "pause:3.9"),
            (
                &format!("ghcr.io/a/b@{digest}"),
                "ghcr.io",
                &format!("a/b@{digest}"),
            ),
            (
                &format!("ghcr.io/a/b:1@{digest}"),
                "ghcr.io",
                &format!("a/b:1@{digest}"),
            ),
        ] {
            let image: ImageReference = text.parse().unwrap();
            let expected: Reference = rest.parse().unwrap();
            assert_eq!((image.host.as_str(), image.reference), (host, expected), "{text}");
        }
        for bad in ["", "UPPER", "a b", "nginx:", "x@sha256:1", "user:pass@host.io/a"] {
            assert!(bad.parse::<ImageReference>().is_err(), "{bad}");
        }
    }
}

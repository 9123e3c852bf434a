//! The package: what release makes of a service, as an OCI artifact. Every artifact and every configuration file is a
//! layer with a title; the config blob is the document below. The same inputs give the same bytes.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_manifest::Parameter;
use slipway_model::{Digest, ServiceName};
use slipway_plugin::DependencyKind;
use slipway_registry::{Descriptor, ManifestBuilder, Repository};

use crate::{Failed, RunError, image::is_manifest};

pub const ARTIFACT_TYPE: &str = "application/vnd.slipway.package.v1+json";
pub const DOCUMENT_TYPE: &str = "application/vnd.slipway.package.document.v1+json";
/// The titles of layers begin with one of these.
pub const CONFIG: &str = "config/";
pub const ARTIFACTS: &str = "artifacts/";
pub const ASSEMBLED: &str = "assembled/";
pub const NEEDS: &str = "needs/";

const DOCUMENT_LIMIT: u64 = 4 << 20;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Package {
    pub v: u32,
    pub service: ServiceName,
    pub version: String,
    pub artifacts: IndexMap<String, PackagedArtifact>,
    pub parameters: IndexMap<String, Parameter>,
    pub config: Vec<PackagedFile>,
    /// What the formats added, by artifact.
    pub assembled: Vec<PackagedFile>,
    /// The packages of the services that go first.
    pub dependencies: IndexMap<String, Digest>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PackagedArtifact {
    pub format: String,
    pub blob: Descriptor,
    /// As written, templates not yet expanded.
    pub settings: Value,
    /// What the format found out about it.
    pub facts: Value,
    pub summary: String,
    /// What it needs beside it: images by their manifests, files by their bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<PackagedDependency>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PackagedDependency {
    pub kind: DependencyKind,
    /// As the artifact has it.
    pub reference: String,
    pub blob: Descriptor,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PackagedFile {
    /// Without the title's first part.
    pub path: String,
    pub blob: Descriptor,
    pub template: bool,
    pub executable: bool,
}

impl PackagedArtifact {
    pub fn of_kind(&self, kind: DependencyKind) -> impl Iterator<Item = &PackagedDependency> {
        self.needs.iter().filter(move |need| need.kind == kind)
    }
}

impl Package {
    /// The manifests of the images that its artifacts are or name, which stand beside it.
    pub fn images(&self) -> BTreeSet<Digest> {
        let artifacts = self.artifacts.values();
        let named = artifacts
            .clone()
            .flat_map(|artifact| artifact.of_kind(DependencyKind::Image))
            .map(|image| image.blob.digest);
        let own = artifacts.filter(|artifact| is_manifest(&artifact.blob));
        own.map(|artifact| artifact.blob.digest).chain(named).collect()
    }

    /// The manifest of the package, whose blobs are in the repository already.
    pub fn manifest(&self, document: Descriptor) -> ManifestBuilder {
        let mut builder = ManifestBuilder::new(ARTIFACT_TYPE, document);
        for (name, artifact) in &self.artifacts {
            if !is_manifest(&artifact.blob) {
                builder = builder.layer(artifact.blob.clone().titled(format!("{ARTIFACTS}{name}")));
            }
            for (position, file) in artifact.of_kind(DependencyKind::File).enumerate() {
                builder = builder.layer(file.blob.clone().titled(format!("{NEEDS}{name}/{position}")));
            }
        }
        for (folder, files) in [(CONFIG, &self.config), (ASSEMBLED, &self.assembled)] {
            for file in files {
                builder = builder.layer(file.blob.clone().titled(format!("{folder}{}", file.path)));
            }
        }
        builder
            .annotation("org.opencontainers.image.title", self.service.as_str())
            .annotation("org.opencontainers.image.version", &self.version)
    }

    pub fn document(&self) -> Result<Vec<u8>, Failed> {
        serde_json::to_vec_pretty(self).map_err(Failed::from_error)
    }

    /// Reads and verifies the package with this digest.
    pub async fn read(repository: &Repository, digest: Digest) -> Result<Self, RunError> {
        let stored = repository.manifest(&digest).await.map_err(Failed::from_error)?;
        let manifest = stored.parse().map_err(Failed::from_error)?;
        let wrong = |why: String| Failed::new(format!("{digest} in {repository} is not a package: {why}"));
        let document = manifest
            .config
            .as_ref()
            .filter(|config| config.media_type == DOCUMENT_TYPE);
        let document = document.ok_or_else(|| wrong("it has another type".to_owned()))?;
        let bytes = repository
            .blob_bytes(document, DOCUMENT_LIMIT)
            .await
            .map_err(Failed::from_error)?;
        let package: Self = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
        if package.v != 1 {
            return Err(wrong(format!("it is of version {}, made by a newer slipway", package.v)).into());
        }
        Ok(package)
    }
}

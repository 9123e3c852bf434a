//! What adapt leaves in a deployment folder besides the configuration: what runs, from which bytes, and how it goes out.

use std::{fs, io, path::Path};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use slipway_manifest::{Binding, Strategy};
use slipway_model::{Digest, EnvironmentName, Fleet, InstanceName, ServiceName};
use slipway_plugin::InstanceSpec;

use crate::Failed;

/// The files of a deployment folder that are ours.
pub const REVISION: &str = "revision.json";
pub const ROLLOUT: &str = "rollout.json";
pub const ORIGINS: &str = "origins.json";
/// Holds the revision's digest as text.
pub const DIGEST: &str = "revision";

/// `revision.json`: part of what the revision's digest is of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Revision {
    pub v: u32,
    pub service: ServiceName,
    pub environment: EnvironmentName,
    pub version: String,
    pub package: Digest,
    pub artifacts: IndexMap<String, RevisionArtifact>,
    pub workloads: Vec<RevisionWorkload>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RevisionArtifact {
    pub format: String,
    pub digest: Digest,
    pub size: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RevisionWorkload {
    pub artifact: String,
    pub kind: String,
    pub file: String,
    pub instances: u32,
    pub ports: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exclusive: Option<String>,
}

/// `rollout.json`: how the revision goes out. Not part of the revision: another pace is not another revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Rollout {
    pub strategy: Strategy,
    pub target: Binding,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub router: Option<Binding>,
    pub after: Vec<EnvironmentName>,
    pub keep: u32,
    pub approve: bool,
}

impl Revision {
    /// The instances, numbered over all workloads, with what a target must know of each.
    pub fn instances(&self, digest: Digest) -> Result<Vec<InstanceSpec>, Failed> {
        let mut specs = Vec::new();
        for workload in &self.workloads {
            let blob = self.blob(digest, &workload.artifact)?;
            for _ in 0..workload.instances {
                let number = specs.len() + 1;
                let name = format!(
                    "{}-{}-{}-{number}",
                    self.service,
                    self.environment,
                    digest.short()
                );
                specs.push(InstanceSpec {
                    name: name.parse().map_err(Failed::from_error)?,
                    revision: digest,
                    artifact: workload.artifact.clone(),
                    blob,
                    workload: workload.file.clone(),
                    back: false,
                });
            }
        }
        Ok(specs)
    }

    pub(crate) fn blob(&self, digest: Digest, artifact: &str) -> Result<Digest, Failed> {
        let found = self.artifacts.get(artifact).map(|artifact| artifact.digest);
        found.ok_or_else(|| {
            Failed::new(format!(
                "revision {}: there is no artifact `{artifact}`",
                digest.short()
            ))
        })
    }

    /// What runs of an artifact; without a name, of the only one of which anything does.
    pub(crate) fn runs(&self, artifact: Option<&str>) -> Result<&RevisionWorkload, Failed> {
        let known = || {
            let mut names: Vec<&str> = self
                .workloads
                .iter()
                .map(|known| known.artifact.as_str())
                .collect();
            names.dedup();
            names.join(", ")
        };
        match (artifact, self.workloads.as_slice()) {
            (None, [only]) => Ok(only),
            (None, _) => Err(Failed::new(format!(
                "it does not say with which artifact, and there are {}",
                known()
            ))),
            (Some(name), all) => (all.iter().find(|known| known.artifact == name)).ok_or_else(|| {
                Failed::new(format!(
                    "nothing runs of artifact `{name}`; what runs: {}",
                    known()
                ))
            }),
        }
    }

    pub fn fleet(&self, digest: Digest) -> Result<Fleet, Failed> {
        let instances: Vec<InstanceName> = self
            .instances(digest)?
            .into_iter()
            .map(|spec| spec.name)
            .collect();
        Ok(Fleet {
            revision: digest,
            package: self.package,
            version: self.version.clone(),
            instances,
        })
    }

    /// The instances that have a port of this name.
    pub fn with_port(&self, digest: Digest, port: &str) -> Result<Vec<InstanceName>, Failed> {
        let has = |artifact: &str| {
            self.workloads.iter().any(|workload| {
                workload.artifact == artifact && workload.ports.iter().any(|name| name == port)
            })
        };
        let specs = self.instances(digest)?;
        Ok(specs
            .into_iter()
            .filter(|spec| has(&spec.artifact))
            .map(|spec| spec.name)
            .collect())
    }

    pub fn exclusive(&self) -> Option<&str> {
        self.workloads
            .iter()
            .find_map(|workload| workload.exclusive.as_deref())
    }

    pub fn read(folder: &Path) -> Result<Self, Failed> {
        read_json(&folder.join(REVISION), "slipway adapt")
    }
}

impl Rollout {
    pub fn read(folder: &Path) -> Result<Self, Failed> {
        read_json(&folder.join(ROLLOUT), "slipway adapt")
    }
}

/// A document of ours; `made_by` is the command that makes it.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path, made_by: &str) -> Result<T, Failed> {
    let bytes = fs::read(path).map_err(|error| {
        let failed = Failed::new(format!("cannot read {}: {error}", path.display()));
        if error.kind() == io::ErrorKind::NotFound {
            failed.hint(format!("run `{made_by}` first"))
        } else {
            failed
        }
    })?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failed::new(format!("{} is not what slipway wrote: {error}", path.display()))
            .hint(format!("run `{made_by}` again"))
    })
}

//! Where things are kept in the folder of a service. Only paths, and the local copies of blobs.

use std::path::{Path, PathBuf};

use slipway_model::{Digest, EnvironmentName, ServiceName};

use crate::{Failed, rollout::LocalBlob};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// `root` is the folder of `deploy.toml`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the package of a service that this one depends on is laid out.
    pub fn dependency(&self, service: &ServiceName) -> PathBuf {
        self.dependencies().join(service.as_str())
    }

    /// The laid-out packages, a folder each.
    pub fn dependencies(&self) -> PathBuf {
        self.state().join("dependencies")
    }

    pub fn lock_file(&self) -> PathBuf {
        self.root.join("deploy.lock")
    }

    pub fn assembly(&self) -> PathBuf {
        self.root.join("assembly")
    }

    pub fn adaptations(&self) -> PathBuf {
        self.root.join("adaptations")
    }

    pub fn deployment(&self, environment: &EnvironmentName) -> PathBuf {
        self.root.join("deployment").join(environment.as_str())
    }

    /// Everything that is Slipway's own.
    pub fn state(&self) -> PathBuf {
        self.root.join(".slipway")
    }

    /// What was held against the operator's policy for a package, with the signatures that counted.
    pub(crate) fn admitted(&self, package: Digest) -> PathBuf {
        self.state().join("trust").join(format!("{}.json", package.hex()))
    }

    pub fn ledger(&self) -> PathBuf {
        self.state().join("ledger.db")
    }

    pub fn archive(&self) -> PathBuf {
        self.state().join("archive")
    }

    /// What was the head of the archive's copies when they were last looked at, by their places.
    pub fn archive_seen(&self) -> PathBuf {
        self.state().join("archive-seen.json")
    }

    /// An OCI layout with the working copies of everything that was released or deployed from here. It is the
    /// deployment registry itself where the manifest names no other.
    pub fn store(&self) -> PathBuf {
        self.state().join("registry")
    }

    /// The deployment folder of a revision, kept as long as one can go back to it.
    pub fn revision(&self, revision: Digest) -> PathBuf {
        self.state().join("revisions").join(revision.hex())
    }

    /// What a run has collected.
    pub fn run(&self, run: &slipway_model::RunId) -> PathBuf {
        self.state().join("runs").join(run.as_str())
    }

    pub(crate) fn blob(&self, digest: Digest) -> Result<LocalBlob, Failed> {
        let path = self.store().join("blobs/sha256").join(digest.hex());
        let meta = std::fs::metadata(&path).map_err(|error| {
            Failed::new(format!("the working copy of {digest} cannot be read: {error}"))
                .hint("`slipway release` fetches it again")
        })?;
        Ok(LocalBlob {
            path,
            size: meta.len(),
        })
    }
}

//! The registries of a manifest, opened: those it names, the deployment registry, and the working copies beside it.

use std::sync::Arc;

use slipway_manifest as manifest;
use slipway_registry::{Client, Progress, Registry, RegistryUrl, Repository, RepositoryName};

use crate::{Failed, Workspace, project::Project};

pub(crate) struct Registries<'a> {
    project: &'a Project,
    client: &'a Client,
    progress: Arc<dyn Progress>,
}

impl<'a> Registries<'a> {
    pub(crate) fn new(project: &'a Project, client: &'a Client, progress: Arc<dyn Progress>) -> Self {
        Self { project, client, progress }
    }

    pub(crate) fn progress(&self) -> &Arc<dyn Progress> {
        &self.progress
    }

    pub(crate) fn client(&self) -> &Client {
        self.client
    }

    /// A repository in a registry that the manifest names.
    pub(crate) fn named(&self, registry: &str, repository: &str) -> Result<Repository, Failed> {
        let known = self.project.manifest.registries.get(registry);
        let known = known.ok_or_else(|| Failed::new(format!("the manifest has no registry `{registry}`")))?;
        let url = match known {
            manifest::Registry::Oci(url) => url.parse::<RegistryUrl>().map_err(Failed::from_error)?,
            manifest::Registry::Layout(folder) => RegistryUrl::Layout(self.project.root.join(folder)),
        };
        self.open(&url, repository)
    }

    /// Where this service is deployed from.
    pub(crate) fn deploy(&self) -> Result<Repository, Failed> {
        self.named("deploy", self.project.manifest.service.name.as_str())
    }

    /// The working copies, which plugins and targets are given.
    pub(crate) fn store(&self) -> Result<Repository, Failed> {
        let url = RegistryUrl::Layout(Workspace::new(&self.project.root).store());
        self.open(&url, self.project.manifest.service.name.as_str())
    }

    fn open(&self, url: &RegistryUrl, repository: &str) -> Result<Repository, Failed> {
        let name: RepositoryName = repository.parse().map_err(Failed::from_error)?;
        Ok(Registry::open(url, self.client).repository(&name))
    }
}

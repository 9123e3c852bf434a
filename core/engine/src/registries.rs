//! The registries of a manifest, opened: those it names, the deployment registry, and the working copies beside it.

use std::sync::Arc;

use slipway_manifest as manifest;
use slipway_model::{Digest, ServiceName};
use slipway_plugin::{Failure, FailureKind, RegistryAccess};
use slipway_registry::{
    Client, CopyOptions, Progress, Registry, RegistryUrl, Repository, RepositoryName, Silent, Tag, copy,
};

use crate::{
    Failed, Workspace,
    image::ImageReference,
    project::Project,
    trust::{Admitted, Trust, admit_at, place_of},
};

pub(crate) struct Registries<'a> {
    project: &'a Project,
    client: &'a Client,
    trust: Option<&'a Trust>,
    progress: Arc<dyn Progress>,
}

impl<'a> Registries<'a> {
    pub(crate) fn new(
        project: &'a Project,
        (client, trust): (&'a Client, Option<&'a Trust>),
        progress: Arc<dyn Progress>,
    ) -> Self {
        Self {
            project,
            client,
            trust,
            progress,
        }
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

    pub(crate) fn trust(&self) -> Option<&Trust> {
        self.trust
    }

    /// Whether a manifest may be used, before anything of it is. Nothing is said where there is no policy, and none of what
    /// is the service's own.
    pub(crate) async fn admit(
        &self,
        source: &Repository,
        digest: Digest,
        what: &str,
    ) -> Result<Option<Admitted>, Failed> {
        let place = place_of(source, Some(&self.project.root));
        let Some((trust, place)) = self.trust.zip(place) else {
            return Ok(None);
        };
        let admitted = admit_at(trust, (source, digest), (what, &place)).await;
        admitted.map(Some)
    }

    /// Where this service is deployed from.
    pub(crate) fn deploy(&self) -> Result<Repository, Failed> {
        self.named("deploy", self.project.manifest.service.name.as_str())
    }

    /// Makes sure that a package is among the working copies: whoever has released it did so elsewhere.
    pub(crate) async fn at_hand(&self, package: Digest) -> Result<(), Failed> {
        // Its manifest is written last.
        if Workspace::new(&self.project.root).blob(package).is_ok() {
            return Ok(());
        }
        let (deploy, store) = (self.deploy()?, self.store()?);
        let options = CopyOptions {
            progress: self.progress.clone(),
            ..CopyOptions::default()
        };
        let copied = copy(&deploy, &package, &store, None, &options).await;
        copied.map(drop).map_err(|error| {
            let text = format!("package {} is not in this folder: {error}", package.short());
            Failed::new(text).hint(
                "`slipway release` makes it anew; `[registries] deploy` names where all who share the ledger find packages",
            )
        })
    }

    /// The repository of an image that somebody's manifest names. A registry that this manifest reaches without TLS is
    /// reached so for its images as well.
    pub(crate) fn image(&self, image: &ImageReference) -> Result<Repository, Failed> {
        let mut url = image.registry().map_err(Failed::new)?;
        let known = self.project.manifest.registries.values();
        let plainly = known.filter_map(|registry| match registry {
            manifest::Registry::Oci(url) => url.strip_prefix("oci+http://"),
            manifest::Registry::Layout(_) => None,
        });
        for known in plainly {
            if let RegistryUrl::Distribution { host, plain, .. } = &mut url
                && known.split('/').next() == Some(host.as_str())
            {
                *plain = true;
            }
        }
        Ok(Registry::open(&url, self.client).repository(&image.reference.repository))
    }

    /// What images of the deployment registry are pulled by, before `@`; none from a folder.
    pub(crate) fn pulled_from(&self, environment: &manifest::Environment) -> Option<String> {
        let service = &self.project.manifest.service.name;
        let base = match (
            &environment.pull_from,
            self.project.manifest.registries.get("deploy"),
        ) {
            (Some(mirror), _) => mirror.clone(),
            (None, Some(manifest::Registry::Oci(url))) => url.split_once("://")?.1.to_owned(),
            (None, _) => return None,
        };
        Some(format!("{}/{service}", base.trim_end_matches('/')))
    }

    /// The working copies, which plugins and targets are given.
    pub(crate) fn store(&self) -> Result<Repository, Failed> {
        self.working_copies(
            &Workspace::new(&self.project.root),
            &self.project.manifest.service.name,
        )
    }

    /// Those of another folder.
    pub(crate) fn working_copies(
        &self,
        workspace: &Workspace,
        service: &ServiceName,
    ) -> Result<Repository, Failed> {
        self.open(&RegistryUrl::Layout(workspace.store()), service.as_str())
    }

    /// The same for a plugin, by name, to look only.
    pub(crate) fn access(&self) -> Arc<dyn RegistryAccess> {
        Arc::new(Access {
            project: self.project.clone(),
            client: self.client.clone(),
        })
    }

    fn open(&self, url: &RegistryUrl, repository: &str) -> Result<Repository, Failed> {
        let name: RepositoryName = repository.parse().map_err(Failed::from_error)?;
        Ok(Registry::open(url, self.client).repository(&name))
    }
}

/// The digest of the manifest that a reference means now.
pub(crate) async fn look_up(source: &Repository, reference: &manifest::Reference) -> Result<Digest, Failed> {
    let text = match reference {
        manifest::Reference::Digest(digest) => return Ok(*digest),
        manifest::Reference::Tag(tag) => tag,
    };
    let tag: Tag = text.parse().map_err(Failed::from_error)?;
    let reference = slipway_registry::Reference {
        repository: source.name().clone(),
        tag: Some(tag),
        digest: None,
    };
    source.lookup(&reference).await.map_err(Failed::from_error)
}

struct Access {
    project: Project,
    client: Client,
}

impl Access {
    fn repository(&self, registry: &str, repository: &str) -> Result<Repository, Failure> {
        // Only looked at.
        let registries = Registries::new(&self.project, (&self.client, None), Arc::new(Silent));
        registries
            .named(registry, repository)
            .map_err(|failed| Failure::new(FailureKind::Refused, failed.message))
    }
}

#[async_trait::async_trait]
impl RegistryAccess for Access {
    async fn resolve(
        &self,
        registry: &str,
        repository: &str,
        reference: &str,
    ) -> Result<(String, Digest, u64), Failure> {
        let repository = self.repository(registry, repository)?;
        let invalid = |error: &dyn std::fmt::Display| Failure::new(FailureKind::Invalid, error.to_string());
        if let Ok(digest) = reference.parse::<Digest>() {
            let stored = repository
                .manifest(&digest)
                .await
                .map_err(|error| unavailable(&error))?;
            return Ok((stored.descriptor.media_type, digest, stored.descriptor.size));
        }
        let tag: Tag = reference.parse().map_err(|error| invalid(&error))?;
        let found = repository
            .resolve(&tag)
            .await
            .map_err(|error| unavailable(&error))?;
        let found = found.ok_or_else(|| invalid(&format!("{repository} has no tag `{tag}`")))?;
        Ok((found.media_type, found.digest, found.size))
    }

    async fn manifest(&self, registry: &str, repository: &str, digest: Digest) -> Result<Vec<u8>, Failure> {
        let stored = self.repository(registry, repository)?.manifest(&digest).await;
        Ok(stored.map_err(|error| unavailable(&error))?.bytes.to_vec())
    }
}

fn unavailable(error: &slipway_registry::Error) -> Failure {
    Failure::new(FailureKind::Failed, error.to_string())
}

//! What an artifact needs and does not hold: images that its manifests name, and files. Each goes beside the package, by
//! digest, and only if its reference still means what it meant.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use slipway_journal::Class;
use slipway_model::Digest;
use slipway_plugin::{Dependency, DependencyKind};
use slipway_registry::{Descriptor, Repository, copy, copy_blob, fetch_now, media};

use super::{
    beside::BESIDE,
    bring::{AT_ONCE, Brought, Step},
};
use crate::{
    Failed, RunError,
    image::{ImageReference, is_manifest},
    lock::{Locked, unmoved},
    package::PackagedDependency,
};

/// What a format reads to find other files in.
const LARGEST_INDEX: u64 = 16 << 20;

/// The layer that is the chart, among others that are about it.
const CHART: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";

impl Step<'_> {
    /// All of them are in the deployment registry and in the working copies when this returns; each reference once.
    pub(super) async fn bring_dependencies(
        &self,
        artifact: &str,
        dependencies: &[&Dependency],
        brought: &BTreeMap<String, Brought>,
    ) -> Result<Vec<PackagedDependency>, RunError> {
        let mut once = BTreeMap::new();
        for dependency in dependencies {
            once.entry(dependency.reference.as_str()).or_insert(*dependency);
        }
        stream::iter(once.into_values())
            .map(|dependency| async move {
                // An image that has the name of an artifact is that artifact.
                let own = brought.get(&dependency.reference).map(|own| &own.blob);
                if let Some(blob) = own.filter(|blob| is_manifest(blob)) {
                    return Ok(PackagedDependency {
                        kind: dependency.kind,
                        reference: dependency.reference.clone(),
                        blob: blob.clone(),
                    });
                }
                let key = format!("release/dependency/{artifact}/{}", dependency.reference);
                let request = json!({ "bring": dependency.reference, "kind": dependency.kind });
                self.run
                    .activity(&key, Class::Idempotent, request, || {
                        self.bring_dependency(dependency)
                    })
                    .await
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn bring_dependency(&self, dependency: &Dependency) -> Result<PackagedDependency, RunError> {
        let Dependency {
            kind,
            reference,
            place,
        } = dependency;
        let brought = match kind {
            DependencyKind::Image => self.bring_image(reference).await,
            DependencyKind::File if reference.starts_with(BESIDE) => self.bring_own_file(reference).await,
            DependencyKind::File if is_web(reference) => self.bring_web_file(reference).await,
            DependencyKind::File => self.bring_registry_file(reference).await,
            DependencyKind::Index => self.bring_index(reference).await,
        };
        let blob = brought.map_err(|error| match error {
            RunError::Failed(failed) => Failed {
                message: format!("{place}: `{reference}`: {}", failed.message),
                ..failed
            }
            .into(),
            other => other,
        })?;
        Ok(PackagedDependency {
            kind: *kind,
            reference: reference.clone(),
            blob,
        })
    }

    /// The image with all its platforms, where the package will be.
    async fn bring_image(&self, reference: &str) -> Result<Descriptor, RunError> {
        let (source, meant) = self.look_up_image(reference).await?;
        let (deploy, store) = (self.registries.deploy()?, self.registries.store()?);
        let options = self.copying();
        let copied = copy(&source, &meant, &deploy, None, &options).await;
        let copied = copied.map_err(Failed::from_error)?;
        copy(&deploy, &meant, &store, None, &options)
            .await
            .map_err(Failed::from_error)?;
        Ok(copied.descriptor)
    }

    async fn bring_registry_file(&self, reference: &str) -> Result<Descriptor, RunError> {
        let plain = reference
            .strip_prefix("oci://")
            .ok_or_else(|| Failed::new("it is neither `oci://host/repository:tag` nor a URL"))?;
        let (source, meant) = self.look_up_image(plain).await?;
        let stored = source.manifest(&meant).await.map_err(Failed::from_error)?;
        let layers = stored.parse().map_err(Failed::from_error)?.layers;
        let blob = match layers.as_slice() {
            [one] => one,
            many => many
                .iter()
                .find(|layer| layer.media_type == CHART)
                .ok_or_else(|| Failed::new(format!("it has {} files, and should be one", many.len())))?,
        };
        let deploy = self.registries.deploy()?;
        copy_blob(&source, blob, &deploy, self.registries.progress())
            .await
            .map_err(Failed::from_error)?;
        self.working_copy(&deploy, blob).await?;
        Ok(Descriptor::new(media::OCTETS, blob.digest, blob.size))
    }

    async fn bring_web_file(&self, reference: &str) -> Result<Descriptor, RunError> {
        let (url, digest) = reference.split_once('#').ok_or_else(|| {
            Failed::new("a file from the web is named with the digest of its bytes, and this is not")
                .hint("put it into the artifact, or into a registry")
        })?;
        let digest: Digest = digest.parse().map_err(Failed::from_error)?;
        self.unmoved_need(url, digest)?;
        let deploy = self.registries.deploy()?;
        let blob = self.bring_url((url, true), digest, &deploy).await?.blob;
        self.working_copy(&deploy, &blob).await?;
        Ok(blob)
    }

    /// A working copy alone: it is another one tomorrow, and what was found in it is named by digest.
    async fn bring_index(&self, url: &str) -> Result<Descriptor, RunError> {
        let bytes = fetch_now(self.registries.client(), url, LARGEST_INDEX).await;
        let bytes = bytes.map_err(Failed::from_error)?;
        let store = self.registries.store()?;
        let pushed = store.push_bytes(media::OCTETS, bytes.to_vec()).await;
        Ok(pushed.map_err(Failed::from_error)?)
    }

    /// Where it is, and what it means: a tag is looked up, and means what it meant.
    async fn look_up_image(&self, reference: &str) -> Result<(Repository, Digest), RunError> {
        let image: ImageReference = reference.parse().map_err(Failed::new)?;
        let source = self.registries.image(&image)?;
        let meant = source
            .lookup(&image.reference)
            .await
            .map_err(Failed::from_error)?;
        self.unmoved_need(reference, meant)?;
        Ok((source, meant))
    }

    fn unmoved_need(&self, reference: &str, meant: Digest) -> Result<(), Failed> {
        if self.update {
            return Ok(());
        }
        let locked = self.lock.images.get(reference).map(|digest| Locked {
            from: reference.to_owned(),
            digest: *digest,
        });
        unmoved(locked.as_ref(), reference, meant)
    }
}

/// What the lock calls a need: a file from the web by its URL, so that other bytes of the same name are noticed.
pub(super) fn locked_as(reference: &str) -> &str {
    match reference.split_once('#') {
        Some((url, _)) if is_web(reference) => url,
        _ => reference,
    }
}

fn is_web(reference: &str) -> bool {
    reference.starts_with("https://") || reference.starts_with("http://")
}

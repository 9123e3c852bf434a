//! What an artifact needs and does not hold: images that its manifests name, and files. Each goes beside the package, by
//! digest, and only if its reference still means what it meant.

use std::collections::BTreeMap;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_journal::Class;
use slipway_model::Digest;
use slipway_plugin::{Dependency, DependencyKind};
use slipway_registry::{Descriptor, Repository, copy, copy_blob, fetch_now, media, without_tls};

use super::{
    beside::BESIDE,
    bring::{AT_ONCE, Brought, Step},
};
use crate::{
    Failed, RunError,
    image::{ImageReference, is_manifest},
    lock::{Locked, LockedNeed, unmoved},
    package::PackagedDependency,
    trust::{Admitted, admit_web},
};

/// What is fetched without knowing its digest: an index, or an archive of which a format reads no more.
const LARGEST_UNKNOWN: u64 = 16 << 20;

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
        let needs: Vec<Need> = stream::iter(once.into_values())
            .map(|dependency| async move {
                // An image that has the name of an artifact is that artifact.
                let own = brought.get(&dependency.reference).map(|own| &own.blob);
                if let Some(blob) = own.filter(|blob| is_manifest(blob)) {
                    let packaged = PackagedDependency {
                        kind: dependency.kind,
                        reference: dependency.reference.clone(),
                        blob: blob.clone(),
                    };
                    return Ok::<_, RunError>(Need {
                        packaged,
                        admitted: None,
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
            .await?;
        for need in &needs {
            self.admitted(need.admitted.as_ref()).await?;
        }
        Ok(needs.into_iter().map(|need| need.packaged).collect())
    }

    async fn bring_dependency(&self, dependency: &Dependency) -> Result<Need, RunError> {
        let Dependency {
            kind,
            reference,
            place,
        } = dependency;
        let brought = match kind {
            DependencyKind::Image => self.bring_image(reference).await,
            DependencyKind::File if reference.starts_with(BESIDE) => {
                self.bring_own_file(reference).await.map(own)
            }
            DependencyKind::File if is_web(reference) => self.bring_web_file(reference).await.map(own),
            DependencyKind::File => self.bring_registry_file(reference).await,
            DependencyKind::Index => self.bring_index(reference).await.map(own),
        };
        let (blob, admitted) = brought.map_err(|error| match error {
            RunError::Failed(failed) => Failed {
                message: format!("{place}: `{reference}`: {}", failed.message),
                ..failed
            }
            .into(),
            other => other,
        })?;
        let packaged = PackagedDependency {
            kind: *kind,
            reference: reference.clone(),
            blob,
        };
        Ok(Need { packaged, admitted })
    }

    /// The image with all its platforms, where the package will be.
    async fn bring_image(&self, reference: &str) -> Result<Taken, RunError> {
        let Found {
            source,
            meant,
            admitted,
        } = self.look_up_image(reference, "image").await?;
        self.unmoved_need(reference, meant)?;
        let (deploy, store) = (self.registries.deploy()?, self.registries.store()?);
        let options = self.copying();
        let copied = copy(&source, &meant, &deploy, None, &options).await;
        let copied = copied.map_err(Failed::from_error)?;
        copy(&deploy, &meant, &store, None, &options)
            .await
            .map_err(Failed::from_error)?;
        Ok((copied.descriptor, admitted))
    }

    async fn bring_registry_file(&self, reference: &str) -> Result<Taken, RunError> {
        let (named, known) = with_digest(reference)?;
        let plain = named
            .strip_prefix("oci://")
            .ok_or_else(|| Failed::new("it is neither `oci://host/repository:tag` nor a URL"))?;
        let Found {
            source,
            meant,
            admitted,
        } = self.look_up_image(plain, "file").await?;
        let stored = source.manifest(&meant).await.map_err(Failed::from_error)?;
        let layers = stored.parse().map_err(Failed::from_error)?.layers;
        let blob = match layers.as_slice() {
            [one] => one,
            many => many
                .iter()
                .find(|layer| layer.media_type == CHART)
                .ok_or_else(|| Failed::new(format!("it has {} files, and should be one", many.len())))?,
        };
        // Indexes have the one or the other, and both say which bytes are meant.
        if let Some(known) = known.filter(|known| ![blob.digest, meant].contains(known)) {
            let text = format!(
                "it should be {known}, and the registry has {} in {meant}",
                blob.digest
            );
            let hint = "ask whoever keeps the index which of the two is meant";
            return Err(Failed::new(text).hint(hint).into());
        }
        self.unmoved_need(named, blob.digest)?;
        let deploy = self.registries.deploy()?;
        copy_blob(&source, blob, &deploy, self.registries.progress())
            .await
            .map_err(Failed::from_error)?;
        self.working_copy(&deploy, blob).await?;
        let brought = Descriptor::new(media::OCTETS, blob.digest, blob.size);
        Ok((brought, admitted))
    }

    async fn bring_web_file(&self, reference: &str) -> Result<Descriptor, RunError> {
        self.admit_web(reference)?;
        let deploy = self.registries.deploy()?;
        let blob = match with_digest(reference)? {
            (url, Some(digest)) => {
                self.unmoved_need(url, digest)?;
                self.bring_url((url, true), digest, &deploy).await?.blob
            }
            (url, None) => {
                let bytes = self.fetch(url).await?;
                self.unmoved_need(url, Digest::of(&bytes))?;
                let pushed = deploy.push_bytes(media::OCTETS, bytes).await;
                pushed.map_err(Failed::from_error)?
            }
        };
        self.working_copy(&deploy, &blob).await?;
        Ok(blob)
    }

    /// A working copy alone: it is another one tomorrow, and what was found in it is named by digest.
    async fn bring_index(&self, url: &str) -> Result<Descriptor, RunError> {
        self.admit_web(url)?;
        let bytes = self.fetch(url).await?;
        let store = self.registries.store()?;
        let pushed = store.push_bytes(media::OCTETS, bytes).await;
        Ok(pushed.map_err(Failed::from_error)?)
    }

    /// What nobody knows the digest of comes by TLS, or from where the operator takes it as it comes.
    async fn fetch(&self, url: &str) -> Result<Vec<u8>, Failed> {
        let plain = without_tls(url);
        if let Some(host) = &plain {
            self.engine.operator.plain_http(host)?;
        }
        let bytes = fetch_now(self.registries.client(), url, plain.is_some(), LARGEST_UNKNOWN).await;
        Ok(bytes.map_err(Failed::from_error)?.to_vec())
    }

    fn admit_web(&self, url: &str) -> Result<(), Failed> {
        match self.registries.trust() {
            Some(trust) => admit_web(trust, url),
            None => Ok(()),
        }
    }

    /// Where it is, and what it means now: that is what is verified, and used.
    async fn look_up_image(&self, reference: &str, kind: &str) -> Result<Found, RunError> {
        let image: ImageReference = reference.parse().map_err(Failed::new)?;
        let source = self.registries.image(&image)?;
        let meant = source
            .lookup(&image.reference)
            .await
            .map_err(Failed::from_error)?;
        let what = format!("{kind} {reference}");
        let admitted = self.registries.admit(&source, meant, &what).await?;
        if image.reference.digest.is_none() {
            self.lock.not_backwards(reference, meant, admitted.as_ref())?;
        }
        Ok(Found {
            source,
            meant,
            admitted,
        })
    }

    fn unmoved_need(&self, reference: &str, meant: Digest) -> Result<(), Failed> {
        if self.update {
            return Ok(());
        }
        let locked = self.lock.images.get(reference).map(|need| Locked {
            from: reference.to_owned(),
            digest: need.digest(),
        });
        unmoved(locked.as_ref(), reference, meant)
    }
}

/// What was brought, and on whose word.
#[derive(Serialize, Deserialize)]
struct Need {
    packaged: PackagedDependency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    admitted: Option<Admitted>,
}

type Taken = (Descriptor, Option<Admitted>);

/// Of no registry.
fn own(blob: Descriptor) -> Taken {
    (blob, None)
}

struct Found {
    source: Repository,
    meant: Digest,
    admitted: Option<Admitted>,
}

/// What the lock calls a need, and what it says of it: a file by where it is, so that other bytes there are noticed.
pub(super) fn lock_of((reference, digest): (&str, Digest)) -> (String, LockedNeed) {
    let (named, known) = reference.split_once('#').unwrap_or((reference, ""));
    let need = if is_web(reference) && known.is_empty() {
        LockedNeed::Fetched { fetched: digest }
    } else {
        LockedNeed::Known(digest)
    };
    (named.to_owned(), need)
}

/// Where a file is, and the digest that it was named with.
fn with_digest(reference: &str) -> Result<(&str, Option<Digest>), Failed> {
    match reference.split_once('#') {
        Some((named, digest)) => Ok((named, Some(digest.parse().map_err(Failed::from_error)?))),
        None => Ok((reference, None)),
    }
}

fn is_web(reference: &str) -> bool {
    reference.starts_with("https://") || reference.starts_with("http://")
}

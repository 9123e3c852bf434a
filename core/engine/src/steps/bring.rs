//! Bringing artifacts and packages into the deployment registry, and working copies of them back: by digest, and only if
//! every reference still means what it meant.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_journal::Class;
use slipway_manifest::{Artifact, Dependency, Reference, Source};
use slipway_model::Digest;
use slipway_registry::{
    CopyOptions, Descriptor, Fetch, Platform, Repository, copy, copy_blob, copy_platforms, fetch_url, media,
};

use crate::{
    Engine, Event, Failed, Run, RunError, Workspace,
    dependencies::copy_with_dependencies,
    files,
    image::{is_image, is_manifest},
    lock::{Lock, Locked, unmoved},
    pack::pack,
    project::Project,
    registries::{Registries, look_up},
    trust::{Admitted, Record},
};

/// Artifacts under way at the same time.
pub(super) const AT_ONCE: usize = 4;

/// The largest file that is fetched from a URL.
const LARGEST: u64 = 16 << 30;

/// What one release works with.
pub(super) struct Step<'a> {
    pub(super) engine: &'a Engine,
    pub(super) run: &'a Run,
    pub(super) project: &'a Project,
    pub(super) registries: &'a Registries<'a>,
    pub(super) lock: &'a Lock,
    pub(super) update: bool,
    /// All that was held against the operator's policy so far.
    pub(super) admitted: Mutex<Vec<Admitted>>,
}

/// An artifact's bytes, and how they came to be in the deployment registry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Brought {
    pub(super) blob: Descriptor,
    /// What the reference meant: the digest of a manifest, or of the bytes themselves.
    pub(super) meant: Digest,
    pub(super) moved: u64,
    /// What people should know of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    /// On whose word it was taken, where the operator has a policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) admitted: Option<Admitted>,
}

impl Step<'_> {
    /// The artifact's bytes are in the deployment registry and in the working copies when this returns.
    pub(super) async fn bring(&self, name: &str, artifact: &Artifact) -> Result<Brought, RunError> {
        let mut request = json!({ "bring": name, "from": artifact.from.to_string() });
        if !artifact.platforms.is_empty() {
            request["platforms"] = json!(artifact.platforms);
        }
        let bring = || async {
            let deploy = self.registries.deploy()?;
            let brought = match &artifact.from {
                Source::Registry {
                    registry,
                    repository,
                    reference,
                } => {
                    self.bring_from_registry(name, artifact, (registry, repository, reference), &deploy)
                        .await?
                }
                Source::Path { path } => {
                    self.bring_path(name, &self.project.root.join(path), &deploy)
                        .await?
                }
                Source::Https { url, sha256 } => self.bring_url((url, false), *sha256, &deploy).await?,
            };
            self.working_copy(&deploy, &brought.blob).await?;
            Ok(brought)
        };
        self.run
            .activity(&bringing(name), Class::Idempotent, request, bring)
            .await
    }

    async fn bring_from_registry(
        &self,
        name: &str,
        artifact: &Artifact,
        (registry, repository, reference): (&str, &str, &Reference),
        deploy: &Repository,
    ) -> Result<Brought, RunError> {
        let source = self.registries.named(registry, repository)?;
        let meant = look_up(&source, reference).await?;
        let from = artifact.from.to_string();
        self.unmoved(self.lock.artifacts.get(name), &from, meant)?;
        // What is verified is what is used: from here on nobody is asked for the tag again.
        let what = format!("artifact {name}");
        let admitted = self.registries.admit(&source, meant, &what).await?;
        if matches!(reference, Reference::Tag(_)) {
            self.lock.not_backwards(&from, meant, admitted.as_ref())?;
        }
        let stored = source.manifest(&meant).await.map_err(Failed::from_error)?;
        let parsed = stored.parse().map_err(Failed::from_error)?;
        if is_image(&parsed) && !artifact.platforms.is_empty() {
            let brought = self.bring_platforms(artifact, (&source, meant), deploy).await?;
            return Ok(Brought { admitted, ..brought });
        }
        if is_image(&parsed) {
            let copied = copy(&source, &meant, deploy, None, &self.copying())
                .await
                .map_err(Failed::from_error)?;
            return Ok(Brought {
                blob: plain(&copied.descriptor),
                meant,
                moved: copied.bytes_moved,
                note: None,
                admitted,
            });
        }
        if !artifact.platforms.is_empty() {
            let text = format!("{} is no image: it has no platforms", artifact.from);
            return Err(Failed::new(text).hint("take `platforms` out").into());
        }
        let [blob] = parsed.layers.as_slice() else {
            let text = format!(
                "{} has {} files, an artifact is one",
                artifact.from,
                parsed.layers.len()
            );
            return Err(Failed::new(text)
                .hint("push the file alone, as `oras push` or `slipway artifact copy` do")
                .into());
        };
        let moved = copy_blob(&source, blob, deploy, self.registries.progress())
            .await
            .map_err(Failed::from_error)?;
        Ok(Brought {
            blob: plain(blob),
            meant,
            moved,
            note: None,
            admitted,
        })
    }

    /// Some images of an index, under an index of their own.
    async fn bring_platforms(
        &self,
        artifact: &Artifact,
        (source, meant): (&Repository, Digest),
        deploy: &Repository,
    ) -> Result<Brought, RunError> {
        let wanted = artifact.platforms.iter().map(|text| text.parse());
        let wanted: Vec<Platform> = wanted.collect::<Result<_, _>>().map_err(Failed::from_error)?;
        let narrowed = copy_platforms(source, &meant, deploy, &wanted, &self.copying())
            .await
            .map_err(|error| {
                Failed::new(format!(
                    "{}: {}",
                    artifact.from,
                    Failed::from_error(error).message
                ))
            })?;
        let blob = plain(&narrowed.report.descriptor);
        let left: Vec<_> = narrowed.left_out.iter().map(Platform::to_string).collect();
        let note = (blob.digest != meant).then(|| {
            format!(
                "of {} only {} is brought, as {}; left out: {}, and what is signed of the whole",
                artifact.from,
                artifact.platforms.join(", "),
                blob.digest,
                left.join(", ")
            )
        });
        Ok(Brought {
            blob,
            meant,
            moved: narrowed.report.bytes_moved,
            note,
            admitted: None,
        })
    }

    /// A folder becomes an archive, the same for the same files.
    async fn bring_path(&self, name: &str, path: &Path, deploy: &Repository) -> Result<Brought, RunError> {
        if !path.is_dir() {
            return self.bring_file(path, deploy).await;
        }
        let folder = self.downloads()?;
        let archive = folder.join(format!("{name}.tar"));
        pack(path, &archive)?;
        let brought = self.bring_file(&archive, deploy).await?;
        std::fs::remove_file(&archive).map_err(|error| files::cannot("remove", &archive, &error))?;
        Ok(brought)
    }

    /// Where things are on their way into the deployment registry.
    fn downloads(&self) -> Result<PathBuf, Failed> {
        let folder = self.engine.workspace.state().join("downloads");
        std::fs::create_dir_all(&folder).map_err(|error| files::cannot("create", &folder, &error))?;
        Ok(folder)
    }

    pub(super) async fn bring_file(&self, path: &Path, deploy: &Repository) -> Result<Brought, RunError> {
        let progress = self.registries.progress().clone();
        let there = path.is_file();
        let blob = deploy
            .push_file(media::OCTETS, path, progress)
            .await
            .map_err(|error| {
                let failed = Failed::from_error(error);
                if there {
                    failed
                } else {
                    failed.hint("build it first; `from` is relative to the folder of deploy.toml")
                }
            })?;
        Ok(Brought {
            meant: blob.digest,
            moved: blob.size,
            blob,
            note: None,
            admitted: None,
        })
    }

    pub(super) async fn bring_url(
        &self,
        (url, plain): (&str, bool),
        digest: Digest,
        deploy: &Repository,
    ) -> Result<Brought, RunError> {
        let into = self.downloads()?.join(digest.hex());
        let progress = self.registries.progress().clone();
        let fetch = Fetch {
            url,
            digest,
            plain,
            limit: LARGEST,
            into: into.clone(),
            progress,
        };
        let moved = fetch_url(self.registries.client(), fetch)
            .await
            .map_err(Failed::from_error)?;
        let brought = self.bring_file(&into, deploy).await?;
        std::fs::remove_file(&into).map_err(|error| files::cannot("remove", &into, &error))?;
        Ok(Brought { moved, ..brought })
    }

    pub(super) async fn working_copy(&self, deploy: &Repository, blob: &Descriptor) -> Result<(), RunError> {
        let store = self.registries.store()?;
        if is_manifest(blob) {
            copy(deploy, &blob.digest, &store, None, &self.copying())
                .await
                .map_err(Failed::from_error)?;
        } else {
            copy_blob(deploy, blob, &store, self.registries.progress())
                .await
                .map_err(Failed::from_error)?;
        }
        Ok(())
    }

    /// Those that an earlier process has brought, into another folder.
    pub(super) async fn at_hand(&self, blobs: impl Iterator<Item = &Descriptor>) -> Result<(), RunError> {
        for blob in blobs {
            if self.engine.workspace.blob(blob.digest).is_err() {
                self.working_copy(&self.registries.deploy()?, blob).await?;
            }
        }
        Ok(())
    }

    /// Told, and kept for the record of the package.
    pub(super) async fn admitted(&self, admitted: Option<&Admitted>) -> Result<(), RunError> {
        let Some(admitted) = admitted else { return Ok(()) };
        let verdict = admitted.into();
        self.run.tell(Event::Trusted { verdict }).await?;
        let mut known = self.admitted.lock().unwrap_or_else(PoisonError::into_inner);
        known.push(admitted.clone());
        Ok(())
    }

    /// What the package is made of stands beside it with its signatures, where there is a policy.
    pub(super) async fn record(&self, package: Digest) -> Result<(), RunError> {
        if self.engine.trust.is_none() {
            return Ok(());
        }
        let mut admitted = self
            .admitted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        admitted.sort_by(|one, other| (&one.what, &one.place).cmp(&(&other.what, &other.place)));
        admitted.dedup();
        let request = json!({ "admitted": admitted, "package": package });
        let record = Record::new(package, admitted);
        let write = || async { Ok(record.write(&self.engine.workspace)?) };
        self.run
            .activity("release/trust", Class::Idempotent, request, write)
            .await
    }

    pub(super) fn copying(&self) -> CopyOptions {
        CopyOptions {
            parallel: AT_ONCE,
            progress: self.registries.progress().clone(),
            // Signatures and the like belong to what they are about.
            referrers: true,
        }
    }

    /// A reference means what it meant, unless somebody wants to look again.
    fn unmoved(&self, locked: Option<&Locked>, from: &str, meant: Digest) -> Result<(), Failed> {
        if self.update {
            return Ok(());
        }
        unmoved(locked, from, meant)
    }

    /// The package of a dependency stands beside the one that names it, in the deployment registry and in the working
    /// copies: whoever takes this service as a package finds it there.
    pub(super) async fn depend(
        &self,
        name: &str,
        dependency: &Dependency,
        package: Digest,
    ) -> Result<(), RunError> {
        let bring = || async {
            let service = &self.project.manifest.service.name;
            let (store, deploy) = (self.registries.store()?, self.registries.deploy()?);
            let options = self.copying();
            if let Dependency::Path { path } = dependency {
                let workspace = Workspace::new(folder(&self.project.root.join(path)));
                let from = self.registries.working_copies(&workspace, service)?;
                copy_with_dependencies(&from, package, &store, &options).await?;
            }
            copy_with_dependencies(&store, package, &deploy, &options).await
        };
        let request = json!({ "depend": name, "package": package });
        self.run
            .activity(
                &format!("release/depend/{name}"),
                Class::Idempotent,
                request,
                bring,
            )
            .await
    }
}

/// The activity of one artifact.
pub(super) fn bringing(name: &str) -> String {
    format!("release/bring/{name}")
}

/// Of a manifest that is named by its file or by its folder.
fn folder(path: &Path) -> &Path {
    if path.is_file() {
        path.parent().unwrap_or(path)
    } else {
        path
    }
}

/// Without what whoever pushed it wrote beside it: a package is the same wherever its artifacts came from.
fn plain(blob: &Descriptor) -> Descriptor {
    Descriptor::new(blob.media_type.clone(), blob.digest, blob.size)
}

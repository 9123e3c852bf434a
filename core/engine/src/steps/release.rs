//! Release: artifacts and configuration go into the deployment registry by digest, working copies come back, and one
//! package is made of all of it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_journal::Class;
use slipway_manifest::Dependency;
use slipway_model::Digest;
use slipway_registry::{CopyOptions, Progress, Tag, copy, media, sign};

use super::{
    beside::BESIDE,
    bring::{AT_ONCE, Brought, Step, bringing},
    depend::lock_of,
};
use crate::{
    Engine, Event, Failed, Run, RunError,
    files::{self, is_text, read_folder},
    lock::{Lock, Locked},
    package::{DOCUMENT_TYPE, Package, PackagedFile},
    project::Project,
    registries::Registries,
};

/// What is recorded of the plugins that the manifest brings.
pub(crate) const PLUGINS: &str = "release/plugins";

pub struct ReleaseOptions {
    /// Wins over the manifest's.
    pub version: Option<String>,
    /// Look references up again, even if they moved.
    pub update: bool,
    pub progress: Arc<dyn Progress>,
    /// The packages of the services that go first, by the names in the manifest.
    pub dependencies: BTreeMap<String, Digest>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Released {
    pub package: Digest,
    pub version: String,
}

pub async fn release(
    engine: &Engine,
    run: &Run,
    project: &Project,
    options: &ReleaseOptions,
) -> Result<Released, RunError> {
    let manifest = &project.manifest;
    let (service, version) = (&manifest.service.name, version(project, options)?);
    let started = Event::StepStarted {
        step: "release".to_owned(),
        service: service.clone(),
        environment: None,
    };
    run.tell(started).await?;
    let reached = (&engine.registries, engine.trust.as_deref());
    let registries = Registries::new(project, reached, options.progress.clone());
    let lock = Lock::read(&engine.workspace)?;
    let step = Step {
        engine,
        run,
        project,
        registries: &registries,
        lock: &lock,
        update: options.update,
        admitted: Mutex::default(),
    };

    if engine.trust.is_some() && !run.has("release/policy") {
        // What was brought before there was a policy was held against none.
        if manifest.artifacts.keys().any(|name| run.has(&bringing(name))) {
            let text = "this release was begun when no signatures were demanded";
            return Err(Failed::new(text).hint("`slipway release` begins anew").into());
        }
        let request = json!({ "policy": true });
        run.activity("release/policy", Class::Read, request, || async { Ok(()) })
            .await?;
    }
    if !engine.brought.is_empty() {
        // They were there before the run: whoever goes on with it must have the same.
        let request = json!({ "plugins": engine.brought });
        run.activity(PLUGINS, Class::Read, request, || async { Ok(()) })
            .await?;
    }
    let brought: BTreeMap<String, Brought> = stream::iter(&manifest.artifacts)
        .map(|(name, artifact)| async {
            Ok::<_, RunError>((name.clone(), step.bring(name, artifact).await?))
        })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    step.at_hand(brought.values().map(|brought| &brought.blob))
        .await?;
    let mut package = Package {
        v: 1,
        service: service.clone(),
        version: version.clone(),
        artifacts: Default::default(),
        parameters: manifest.parameters.clone(),
        config: step.configuration().await?,
        assembled: Vec::new(),
        dependencies: Default::default(),
    };
    let mut fresh = Lock {
        version: Some(version.clone()),
        plugins: engine.brought.clone(),
        ..Lock::default()
    };
    for (name, artifact) in &manifest.artifacts {
        step.admitted(brought[name].admitted.as_ref()).await?;
        let (packaged, assembled) = step.inspect(name, artifact, &brought).await?;
        let brought = &brought[name];
        if let Some(note) = &brought.note {
            let text = format!("{name}: {note}");
            run.tell(Event::Note { text }).await?;
        }
        let told = Event::Artifact {
            name: name.clone(),
            digest: brought.blob.digest,
            size: brought.blob.size,
            summary: packaged.summary.clone(),
            copied: brought.moved > 0,
        };
        run.tell(told).await?;
        let locked = Locked {
            from: artifact.from.to_string(),
            digest: brought.meant,
        };
        fresh.artifacts.insert(name.clone(), locked);
        let own =
            |reference: &str| manifest.artifacts.contains_key(reference) || reference.starts_with(BESIDE);
        let needs = packaged.needs.iter().filter(|need| !own(&need.reference));
        let needs = needs.map(|need| (need.reference.as_str(), need.blob.digest));
        fresh.images.extend(needs.map(lock_of));
        package.assembled.extend(assembled);
        package.artifacts.insert(name.clone(), packaged);
    }
    for (name, dependency) in &manifest.dependencies {
        let digest = options
            .dependencies
            .get(name)
            .copied()
            .ok_or_else(|| Failed::new(format!("dependency `{name}` is not released yet")))?;
        step.depend(name, dependency, digest).await?;
        if let Dependency::Package {
            registry,
            repository,
            reference,
        } = dependency
        {
            let from = format!("{registry}:{repository}{reference}");
            fresh.dependencies.insert(name.clone(), Locked { from, digest });
        }
        package.dependencies.insert(name.clone(), digest);
    }
    let digest = step.assemble(&package).await?;
    step.record(digest).await?;
    fresh.package = Some(digest);
    fresh.remember(&lock);
    let request = json!({ "lock": fresh });
    run.activity("release/lock", Class::Idempotent, request, || async {
        Ok(fresh.write(&engine.workspace)?)
    })
    .await?;
    run.tell(Event::Packaged {
        package: digest,
        version: version.clone(),
    })
    .await?;
    let summary = format!("{service} {version} is package {digest}");
    run.tell(Event::StepFinished {
        step: "release".to_owned(),
        summary,
    })
    .await?;
    Ok(Released {
        package: digest,
        version,
    })
}

fn version(project: &Project, options: &ReleaseOptions) -> Result<String, Failed> {
    let version = options
        .version
        .clone()
        .or_else(|| project.manifest.service.version.clone())
        .ok_or_else(|| {
            Failed::new(format!("{} says no version", project.file.display()))
                .hint("write `version` into [service], or give --version")
        })?;
    if version.parse::<Tag>().is_err() {
        let text = format!("`{version}` cannot be a version: up to 128 letters, digits, `.`, `_`, `-`");
        return Err(Failed::new(text));
    }
    Ok(version)
}

impl Step<'_> {
    async fn configuration(&self) -> Result<Vec<PackagedFile>, RunError> {
        let config = &self.project.manifest.config;
        let bring = || async {
            let folder = self.project.root.join(&config.folder);
            let mut packaged = Vec::new();
            for file in read_folder(&folder)? {
                let template = config.is_template(&file.path, is_text(&file.bytes));
                packaged.push(
                    self.push(file.path, file.bytes, (template, file.executable))
                        .await?,
                );
            }
            Ok(packaged)
        };
        self.run
            .activity("release/config", Class::Idempotent, json!(config), bring)
            .await
    }

    pub(super) async fn push(
        &self,
        path: String,
        bytes: Vec<u8>,
        (template, executable): (bool, bool),
    ) -> Result<PackagedFile, RunError> {
        let deploy = self.registries.deploy()?;
        let blob = deploy
            .push_bytes(media::OCTETS, bytes)
            .await
            .map_err(Failed::from_error)?;
        self.working_copy(&deploy, &blob).await?;
        Ok(PackagedFile {
            path,
            blob,
            template,
            executable,
        })
    }

    /// The package is in the deployment registry under the version, and laid out in `assembly/` for people.
    async fn assemble(&self, package: &Package) -> Result<Digest, RunError> {
        let document = package.document()?;
        let signer = self.engine.package_signer.as_deref();
        let mut request = json!({ "package": Digest::of(&document) });
        if let Some(signer) = signer {
            request["signed"] = json!(signer.public().fingerprint());
        }
        let push = || async {
            let deploy = self.registries.deploy()?;
            let descriptor = deploy
                .push_bytes(DOCUMENT_TYPE, document.clone())
                .await
                .map_err(Failed::from_error)?;
            let tag: Tag = package.version.parse().map_err(Failed::from_error)?;
            let manifest = package.manifest(descriptor).bytes();
            let stored = deploy
                .put_manifest(Some(&tag), manifest)
                .await
                .map_err(Failed::from_error)?;
            if let Some(signer) = signer {
                let signed = sign(&deploy, &stored.digest, signer).await;
                signed.map_err(Failed::from_error)?;
            }
            let options = CopyOptions {
                parallel: AT_ONCE,
                progress: self.registries.progress().clone(),
                referrers: signer.is_some(),
            };
            let store = self.registries.store()?;
            copy(&deploy, &stored.digest, &store, Some(&tag), &options)
                .await
                .map_err(Failed::from_error)?;
            Ok(stored.digest)
        };
        let digest = self
            .run
            .activity("release/package", Class::Idempotent, request, push)
            .await?;
        if let Some(signer) = signer {
            let key = signer.public().fingerprint().short();
            let text = format!("the package is signed with key {key}");
            self.run.tell(Event::Note { text }).await?;
        }
        let request = json!({ "assembly": digest });
        let lay_out = || async {
            let files = package.config.iter().chain(&package.assembled);
            self.at_hand(files.map(|file| &file.blob)).await?;
            let mut files = vec![("package.json".to_owned(), document.clone(), false)];
            for (folder, listed) in [("config", &package.config), ("assembled", &package.assembled)] {
                for file in listed {
                    let blob = self.engine.workspace.blob(file.blob.digest)?;
                    let bytes = std::fs::read(&blob.path)
                        .map_err(|error| files::cannot("read", &blob.path, &error))?;
                    files.push((format!("{folder}/{}", file.path), bytes, file.executable));
                }
            }
            let assembly = self.engine.workspace.assembly();
            let listed = files
                .iter()
                .map(|(path, bytes, executable)| (path.as_str(), bytes.as_slice(), *executable));
            files::replace_folder(&assembly, listed)?;
            for (name, artifact) in &package.artifacts {
                let blob = self.engine.workspace.blob(artifact.blob.digest)?;
                files::copy(&blob.path, &assembly.join("artifacts").join(name))?;
            }
            Ok(())
        };
        self.run
            .activity("release/assembly", Class::Idempotent, request, lay_out)
            .await?;
        Ok(digest)
    }
}

//! One environment as the executor sees it: its target, its router, the revisions it knows, and what calls are granted.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value;
use slipway_journal::{Lease, Scope, Store};
use slipway_manifest::Binding;
use slipway_model::{Digest, EnvironmentName, InstanceName, ServiceName};
use slipway_plugin::{Call, Fence, InstanceSpec, Mask, Place, Router, Secret, Target};

use super::{
    granted::{Finder, Granted},
    state::PluginState,
};
use crate::{
    Engine, Failed, Run, RunError, judge::Reach, revision::Revision, strategies::Abilities,
    workspace::Workspace,
};

pub(crate) struct Site {
    pub(crate) target: Arc<dyn Target>,
    /// What the manifest calls the target's plugin.
    plugin: String,
    pub(crate) place: Place,
    pub(super) abilities: Abilities,
    pub(crate) router: Option<SiteRouter>,
    pub(crate) workspace: Workspace,
    revisions: BTreeMap<Digest, Known>,
    /// To the target.
    granted: Granted,
    secrets: BTreeMap<String, Secret>,
    store: Arc<dyn Store>,
    /// Of the run that may write; whoever only looks has none.
    lease: Option<Lease>,
}

pub(crate) struct SiteRouter {
    pub(crate) router: Arc<dyn Router>,
    /// What the manifest calls the router's plugin.
    plugin: String,
    pub(crate) place: Place,
    granted: Granted,
}

struct Known {
    revision: Revision,
    specs: BTreeMap<InstanceName, InstanceSpec>,
}

impl Site {
    pub(crate) async fn open(
        engine: &Engine,
        workspace: &Workspace,
        (service, environment): (&ServiceName, &EnvironmentName),
        target: &Binding,
        router: Option<&Binding>,
    ) -> Result<Self, RunError> {
        let place = |binding: &Binding| Place {
            service: service.clone(),
            environment: environment.clone(),
            settings: Value::Object(binding.settings.values.clone()),
        };
        let plugin = engine.plugins.target(&target.plugin).await?;
        let can = plugin.abilities(place(target)).await?;
        let mut finder = Finder::new(engine);
        let granted = finder
            .find(&plugin.describe().needs, &place(target).settings)
            .await?;
        let mut site = Self {
            target: plugin,
            plugin: target.plugin.clone(),
            place: place(target),
            abilities: Abilities {
                guard: can.guard,
                execute: can.execute,
                side_by_side: can.side_by_side,
                in_place: can.in_place,
                hold: can.hold,
                ..Abilities::default()
            },
            router: None,
            workspace: workspace.clone(),
            revisions: BTreeMap::new(),
            granted,
            secrets: BTreeMap::new(),
            store: engine.store.clone(),
            lease: None,
        };
        if let Some(binding) = router {
            let router = engine.plugins.router(&binding.plugin).await?;
            let can = router.abilities(place(binding)).await?;
            let granted = finder
                .find(&router.describe().needs, &place(binding).settings)
                .await?;
            site.abilities = Abilities {
                router: true,
                weights: can.weights,
                preview: can.preview,
                baseline: can.baseline,
                ..site.abilities
            };
            site.router = Some(SiteRouter {
                router,
                plugin: binding.plugin.clone(),
                place: place(binding),
                granted,
            });
        }
        Ok(site)
    }

    /// Makes a revision known: its folder is where its instances find their files.
    pub(crate) async fn learn(&mut self, engine: &Engine, digest: Digest) -> Result<&Revision, RunError> {
        let folder = self.workspace.revision(digest);
        let revision = Revision::read(&folder)?;
        let specs = revision
            .instances(digest)?
            .into_iter()
            .map(|spec| (spec.name.clone(), spec))
            .collect();
        for secret in secrets_in(&folder)? {
            if !self.secrets.contains_key(&secret) {
                let value = self.secret(engine, &secret).await?;
                self.secrets.insert(secret, value);
            }
        }
        self.revisions.insert(digest, Known { revision, specs });
        Ok(&self.revisions[&digest].revision)
    }

    /// What instances of a revision may say and nobody shall read, as far as the operator still has it.
    pub(crate) async fn hide(&mut self, engine: &Engine, digest: Digest) -> Result<(), RunError> {
        for secret in secrets_in(&self.workspace.revision(digest))? {
            if let Ok(value) = self.secret(engine, &secret).await {
                self.secrets.insert(secret, value);
            }
        }
        Ok(())
    }

    async fn secret(&self, engine: &Engine, name: &str) -> Result<Secret, Failed> {
        let environment = self.place.environment.as_str();
        engine.operator.secret(environment, name).await
    }

    pub(crate) fn spec(&self, revision: Digest, name: &InstanceName) -> Result<&InstanceSpec, Failed> {
        let known = self.revisions.get(&revision);
        known.and_then(|known| known.specs.get(name)).ok_or_else(|| {
            Failed::new(format!(
                "nothing is known of instance {name} of revision {}",
                revision.short()
            ))
        })
    }

    pub(crate) fn revision(&self, digest: Digest) -> Result<&Revision, Failed> {
        let known = self.revisions.get(&digest).map(|known| &known.revision);
        known.ok_or_else(|| Failed::new(format!("nothing is known of revision {}", digest.short())))
    }

    pub(crate) fn abilities(&self) -> Abilities {
        self.abilities
    }

    /// From here on plugins may write their state, in the name of a run.
    pub(crate) fn written_by(mut self, run: &Run) -> Self {
        self.lease = Some(run.journal().lease().clone());
        self
    }

    /// What a call to this environment's target may use.
    pub(crate) fn grants(&self, call: Call) -> Call {
        let mut call = self.granted(call, &format!("target/{}", self.plugin), &self.granted);
        call.secrets = self.secrets.clone();
        call
    }

    /// What a call to this environment's router may use.
    pub(crate) fn router_grants(&self, call: Call) -> Call {
        match &self.router {
            Some(router) => self.granted(call, &format!("router/{}", router.plugin), &router.granted),
            None => call,
        }
    }

    /// How checks and analyses ask instances: as the target would.
    pub(crate) fn reach<'a>(&self, engine: &'a Engine) -> Reach<'a> {
        let root = engine.workspace.root();
        Reach {
            http: engine.http.as_ref(),
            endpoints: self.granted.endpoints.clone(),
            folder: std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf()),
            mask: self.mask(engine),
        }
    }

    /// What of the texts of instances and programs is for nobody.
    pub(crate) fn mask(&self, engine: &Engine) -> Mask {
        Mask::of_secrets(&self.secrets, engine.operator.exposed())
    }

    /// What the other plugin of the environment may use is not this one's; nor is the state of one that the manifest
    /// calls otherwise, whatever a plugin calls itself.
    fn granted(&self, mut call: Call, plugin: &str, granted: &Granted) -> Call {
        call.endpoints = granted.endpoints.clone();
        for endpoint in call.endpoints.values_mut().filter(|endpoint| endpoint.fenced) {
            endpoint.fence = self.lease.as_ref().map(fence);
        }
        call.folders = granted.folders.clone();
        call.hosts = granted.hosts.clone();
        let Place {
            service, environment, ..
        } = self.place.clone();
        call.state = Some(Arc::new(PluginState {
            store: self.store.clone(),
            scope: Scope { service, environment },
            plugin: plugin.to_owned(),
            lease: self.lease.clone(),
        }));
        call
    }

    /// The same, for a call about one instance or task: its revision's folder and its artifact.
    pub(crate) fn grants_for(
        &self,
        call: Call,
        (revision, digest): (Digest, Digest),
        blob: &LocalBlob,
    ) -> Call {
        let call = self
            .grants(call)
            .folder("deployment", self.workspace.revision(revision), false);
        call.blob(digest, blob.path.clone(), blob.size)
    }
}

/// By which a place that can tell knows whoever has lost the environment.
fn fence(lease: &Lease) -> Fence {
    let Scope { service, environment } = &lease.scope;
    Fence {
        scope: format!("{service}/{environment}"),
        token: lease.token,
    }
}

/// The names of the secrets that the files of a deployment folder refer to, as `${secret.NAME}`.
fn secrets_in(folder: &Path) -> Result<Vec<String>, Failed> {
    let mut names = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|error| unreadable(&folder, error))?;
        for entry in entries {
            let path = entry.map_err(|error| unreadable(&folder, error))?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
            let text = String::from_utf8_lossy(&bytes);
            for (position, _) in text.match_indices("${secret.") {
                let rest = &text[position + "${secret.".len()..];
                if let Some(end) = rest.find('}') {
                    names.push(rest[..end].to_owned());
                }
            }
        }
    }
    names.sort();
    names.dedup();
    Ok(names)
}

fn unreadable(path: &Path, error: std::io::Error) -> Failed {
    Failed::new(format!("cannot read {}: {error}", path.display()))
}

pub(crate) struct LocalBlob {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
}

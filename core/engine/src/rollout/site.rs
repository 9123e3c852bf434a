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
use slipway_plugin::{Call, Endpoint, Fence, Folder, InstanceSpec, Mask, Place, Router, Secret, Target};

use super::state::PluginState;
use crate::{
    Engine, Failed, Run, RunError, judge::Reach, revision::Revision, strategies::Abilities,
    workspace::Workspace,
};

/// What is wanted, and the name of the endpoint that is given for it.
const CLUSTER: &str = "cluster";

pub(crate) struct Site {
    pub(crate) target: Arc<dyn Target>,
    /// What the manifest calls the target's plugin.
    plugin: String,
    pub(crate) place: Place,
    pub(super) abilities: Abilities,
    pub(crate) router: Option<SiteRouter>,
    pub(crate) workspace: Workspace,
    revisions: BTreeMap<Digest, Known>,
    endpoints: BTreeMap<String, Endpoint>,
    /// By kubeconfig context; empty is the current one.
    clusters: BTreeMap<String, Endpoint>,
    folders: BTreeMap<String, Folder>,
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
            endpoints: BTreeMap::new(),
            clusters: BTreeMap::new(),
            folders: BTreeMap::new(),
            secrets: BTreeMap::new(),
            store: engine.store.clone(),
            lease: None,
        };
        if let Some(binding) = router {
            let router = engine.plugins.router(&binding.plugin).await?;
            let can = router.abilities(place(binding)).await?;
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
            });
        }
        for need in site.target.describe().needs.clone() {
            site.grant(engine, &need, target).await?;
        }
        if let (Some(at), Some(binding)) = (&site.router, router) {
            for need in at.router.describe().needs.clone() {
                site.grant(engine, &need, binding).await?;
            }
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
        let described = self.target.describe();
        let mut call = self.granted(call, &format!("target/{}", self.plugin), &described.needs);
        call.endpoints.extend(self.cluster(&described.needs, &self.place));
        call.secrets = self.secrets.clone();
        call
    }

    /// What a call to this environment's router may use.
    pub(crate) fn router_grants(&self, call: Call) -> Call {
        let router = self.router.as_ref();
        let (plugin, needs) = router.map_or(("", &[][..]), |router| {
            (router.plugin.as_str(), router.router.describe().needs.as_slice())
        });
        let mut call = self.granted(call, &format!("router/{plugin}"), needs);
        call.endpoints
            .extend(router.and_then(|router| self.cluster(needs, &router.place)));
        call
    }

    /// How checks and analyses ask instances: as the target would.
    pub(crate) fn reach<'a>(&self, engine: &'a Engine) -> Reach<'a> {
        let needs = &self.target.describe().needs;
        let mut endpoints = asked_for(&self.endpoints, "endpoint", needs);
        endpoints.extend(self.cluster(needs, &self.place));
        let root = engine.workspace.root();
        Reach {
            http: engine.http.as_ref(),
            endpoints,
            folder: std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf()),
            mask: self.mask(engine),
        }
    }

    /// What of the texts of instances and programs is for nobody.
    pub(crate) fn mask(&self, engine: &Engine) -> Mask {
        Mask::of_secrets(&self.secrets, engine.operator.exposed())
    }

    /// The endpoint `cluster` of a plugin that asks for it.
    fn cluster(&self, needs: &[String], place: &Place) -> Option<(String, Endpoint)> {
        needs.iter().find(|need| *need == CLUSTER)?;
        let endpoint = self.clusters.get(context(&place.settings).unwrap_or_default())?;
        Some((CLUSTER.to_owned(), endpoint.clone()))
    }

    /// What the other plugin of the environment may use is not this one's; nor is the state of one that the manifest
    /// calls otherwise, whatever a plugin calls itself.
    fn granted(&self, mut call: Call, plugin: &str, needs: &[String]) -> Call {
        call.endpoints = asked_for(&self.endpoints, "endpoint", needs);
        for endpoint in call.endpoints.values_mut().filter(|endpoint| endpoint.fenced) {
            endpoint.fence = self.lease.as_ref().map(fence);
        }
        call.folders = asked_for(&self.folders, "folder", needs);
        // The site was opened, so the operator has agreed to all of them.
        call.hosts = named("host", needs).map(str::to_owned).collect();
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

    /// `endpoint <name>`, `folder <name>`, `host <name>` or `cluster`.
    async fn grant(&mut self, engine: &Engine, need: &str, binding: &Binding) -> Result<(), Failed> {
        match need.split_once(' ') {
            None if need == CLUSTER => {
                let settings = Value::Object(binding.settings.values.clone());
                let context = context(&settings);
                let key = context.unwrap_or_default();
                if !self.clusters.contains_key(key) {
                    let endpoint = engine.operator.cluster(context).await?;
                    self.clusters.insert(key.to_owned(), endpoint);
                }
            }
            Some(("endpoint", name)) => {
                if !self.endpoints.contains_key(name) {
                    self.endpoints
                        .insert(name.to_owned(), engine.operator.endpoint(name).await?);
                }
            }
            // Granted call by call.
            Some(("folder", "deployment")) => {}
            Some(("host", name)) => engine.operator.host(name)?,
            Some(("folder", name)) => {
                let path = engine.operator.folder(name).await?;
                self.folders
                    .insert(name.to_owned(), Folder { path, writable: true });
            }
            _ => {
                return Err(Failed::new(format!(
                    "a plugin asks for `{need}`, which cannot be granted"
                )));
            }
        }
        Ok(())
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

/// The kubeconfig context that a binding names.
pub(super) fn context(settings: &Value) -> Option<&str> {
    settings.get("context").and_then(Value::as_str)
}

/// Those of the named things that a plugin asks for itself.
fn asked_for<T: Clone>(things: &BTreeMap<String, T>, kind: &str, needs: &[String]) -> BTreeMap<String, T> {
    named(kind, needs)
        .filter_map(|name| Some((name.to_owned(), things.get(name)?.clone())))
        .collect()
}

/// The names of one kind of thing among what a plugin asks for.
fn named<'a>(kind: &'a str, needs: &'a [String]) -> impl Iterator<Item = &'a str> {
    needs.iter().filter_map(move |need| match need.split_once(' ') {
        Some((of, name)) if of == kind => Some(name),
        _ => None,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_other_plugin_may_use_is_not_given() {
        let things = BTreeMap::from([("agent", 1), ("api", 2)].map(|(name, thing)| (name.to_owned(), thing)));
        let check = |needs: &[&str], expected: &[(&str, i32)]| {
            let needs: Vec<_> = needs.iter().map(|need| (*need).to_owned()).collect();
            let given = asked_for(&things, "endpoint", &needs);
            let given: Vec<_> = given
                .iter()
                .map(|(name, thing)| (name.as_str(), *thing))
                .collect();
            assert_eq!(given, expected, "{needs:?}");
        };
        check(&[], &[]);
        check(&["endpoint api"], &[("api", 2)]);
        check(&["folder agent", "endpoint none", "agent"], &[]);
        check(&["endpoint api", "endpoint agent"], &[("agent", 1), ("api", 2)]);
    }
}

//! Plugins, by service: each manifest's are found and read once in a command.
//!
//! A manifest gives a plugin what its kind may import, and of the operator's things only what it grants by name.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, OnceLock},
};

use slipway_engine::{
    Failed, Workspace,
    components::{Cache, Component, Components, References},
    lock::{Lock, LockedPlugin},
    project::Project,
};
use slipway_host::{Embedded, Host, LimitsOf};
use slipway_manifest::{Grants, Manifest, Plugin};
use slipway_model::Diagnostic;
use slipway_plugin::{Kind, PluginError, Plugins as _};
use slipway_registry::{Client, Patience};
use tokio::sync::Mutex;

use super::{beside::beside, refusal::Refusal};
use crate::{
    error::{CommandError, Problems},
    operator::{OperatorFile, home},
};

const EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/plugins.rs"));

/// The files that a call is about, which are no grant of the operator's.
pub(crate) const OF_THE_CALL: &str = "folder deployment";
/// What a plugin asks for that speaks to a Kubernetes cluster.
const CLUSTER: &str = "cluster";
/// What a check asks for that reaches the endpoint of its setting of this name.
const CHOSEN: &str = "endpoint";

pub(crate) struct Shelf {
    operator: Arc<OperatorFile>,
    limits_of: Option<LimitsOf>,
    built_in: Arc<Stock>,
    /// By manifest, of those that bring plugins.
    brought: Mutex<HashMap<PathBuf, Arc<Stock>>>,
    references: OnceLock<References>,
}

/// What one service can use.
pub(crate) struct Stock {
    pub(crate) host: Arc<Host>,
    /// Those that its manifest brings, by name.
    pub(crate) brought: BTreeMap<String, Brought>,
}

/// Another component for a plugin, as people type it: `NAME=FILE.wasm`.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    name: String,
    file: PathBuf,
}

pub(crate) struct Brought {
    pub(crate) kind: Kind,
    pub(crate) locked: LockedPlugin,
    pub(crate) granted: Vec<String>,
}

impl Shelf {
    pub(crate) fn new(operator: Arc<OperatorFile>, limits_of: Option<LimitsOf>) -> Self {
        let host = Arc::new(shipped(limits_of.clone()));
        Self {
            operator,
            limits_of,
            built_in: Arc::new(Stock {
                host,
                brought: BTreeMap::new(),
            }),
            brought: Mutex::default(),
            references: OnceLock::new(),
        }
    }

    /// How this command takes references, said before the first manifest is read. Otherwise what is locked holds, and
    /// nobody is asked without need.
    pub(crate) fn take_references(&self, references: References) {
        // Said twice, the first counts.
        let _ = self.references.set(references);
    }

    pub(crate) fn built_in(&self) -> Arc<Stock> {
        self.built_in.clone()
    }

    /// Those of one service, or what is wrong with them.
    pub(crate) async fn of(&self, project: &Project) -> Result<Arc<Stock>, Vec<Diagnostic>> {
        if project.manifest.plugins.is_empty() {
            return Ok(self.built_in());
        }
        let mut brought = self.brought.lock().await;
        if let Some(stock) = brought.get(&project.identity) {
            return Ok(stock.clone());
        }
        let (host, own) = self.bring(project).await?;
        let stock = Arc::new(Stock {
            host: Arc::new(host),
            brought: own,
        });
        brought.insert(project.identity.clone(), stock.clone());
        Ok(stock)
    }

    /// The same with other components in the place of some of them, for a run that only comes to pass again: what is locked
    /// does not speak of them.
    pub(crate) async fn replaced(
        &self,
        project: Option<&Project>,
        by: &[Replacement],
    ) -> Result<Stock, CommandError> {
        let bringing = project.filter(|project| !project.manifest.plugins.is_empty());
        let (mut host, brought) = match bringing {
            None => (self.shipped(), BTreeMap::new()),
            Some(project) => self.bring(project).await.map_err(|refused| {
                let source = (project.file.clone(), project.text.clone());
                Problems::new(refused, vec![source])
            })?,
        };
        for Replacement { name, file } in by {
            let before: Vec<_> = host
                .list()
                .into_iter()
                .filter(|known| known.name == *name)
                .collect();
            let info = host.add_path(name, file, None)?;
            if !before.iter().any(|known| known.kind == info.kind) {
                let text = format!(
                    "there is no {} `{name}` whose place {} could take",
                    info.kind.name(),
                    file.display()
                );
                return Err(CommandError::usage(text).hint("`slipway plugin list` lists all plugins"));
            }
        }
        let host = Arc::new(host);
        Ok(Stock { host, brought })
    }

    fn shipped(&self) -> Host {
        shipped(self.limits_of.clone())
    }

    async fn bring(&self, project: &Project) -> Result<(Host, BTreeMap<String, Brought>), Vec<Diagnostic>> {
        let client = Client::new(self.operator.as_ref().clone(), Patience::default());
        let client = client.map_err(|error| stopped(Failed::from_error(error)))?;
        let lock = Lock::read(&Workspace::new(&project.root)).map_err(stopped)?;
        let trust = self.operator.trust().map_err(|problems| problems.diagnostics)?;
        let caches = caches();
        let components = Components {
            project,
            client: &client,
            cache: &Cache::new(caches.join("components")),
            lock: &lock,
            trust: trust.as_deref(),
            references: self.references.get().copied().unwrap_or_default(),
        };
        let mut host = self.shipped();
        let (mut brought, mut refused) = (BTreeMap::new(), Vec::new());
        for (name, plugin) in &project.manifest.plugins {
            match bring(&mut host, &components, name, plugin).await {
                Ok(one) => drop(brought.insert(name.clone(), one)),
                Err(refusal) => refused.push(refusal.diagnostic(project, name)),
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        Ok((host, brought))
    }
}

impl Stock {
    /// One plugin alone, called as its file is. It is granted what its kind is granted, and nothing of the operator's.
    pub(crate) fn of_file(file: &Path) -> Result<Self, PluginError> {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let mut host = Host::default().with_cache(caches().join("plugins"));
        host.add_path(&name, file, None)?;
        let (host, brought) = (Arc::new(host), BTreeMap::new());
        Ok(Self { host, brought })
    }
}

impl FromStr for Replacement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').ok_or("it is written NAME=FILE.wasm")?;
        let (name, file) = (name.to_owned(), file.into());
        Ok(Self { name, file })
    }
}

/// What every service can use. What is beside the program takes no place of what is inside.
fn shipped(limits_of: Option<LimitsOf>) -> Host {
    let host = match limits_of {
        None => Host::default(),
        Some(limits_of) => Host::default().with_limits_of(limits_of),
    };
    host.with_cache(caches().join("plugins"))
        .with_beside(beside())
        .with_embedded(EMBEDDED)
}

fn caches() -> PathBuf {
    home("XDG_CACHE_HOME", ".cache").join("slipway")
}

async fn bring(
    host: &mut Host,
    components: &Components<'_>,
    name: &str,
    plugin: &Plugin,
) -> Result<Brought, Refusal> {
    let Component { wasm, locked } = components.find(name, plugin).await?;
    let kind = host.add(name, wasm, None)?.kind;
    let needs = match kind {
        Kind::Format => Vec::new(),
        Kind::Target => host.target(name).await?.describe().needs.clone(),
        Kind::Router => host.router(name).await?.describe().needs.clone(),
        Kind::Check => {
            let needs = host.check(name).await?.describe().needs.clone();
            with_chosen(needs, &components.project.manifest, name)
        }
    };
    let granted = granted(&plugin.grants);
    check(needs, &granted)?;
    Ok(Brought {
        kind,
        locked,
        granted,
    })
}

/// What a check asks for, with the endpoints that its settings name.
fn with_chosen(needs: Vec<String>, manifest: &Manifest, plugin: &str) -> Vec<String> {
    let (chosen, mut needs): (Vec<_>, Vec<_>) = needs.into_iter().partition(|need| need == CHOSEN);
    if !chosen.is_empty() {
        let environments = manifest.environments.values();
        let asked = environments.flat_map(|environment| environment.strategy.asked());
        let names = asked
            .filter(|asked| asked.plugin == plugin)
            .filter_map(|asked| asked.settings.values.get(CHOSEN)?.as_str());
        needs.extend(names.map(|name| format!("endpoint {name}")));
    }
    needs
}

/// Whether a plugin gets what it asks for.
fn check(needs: Vec<String>, granted: &[String]) -> Result<(), Refusal> {
    for need in needs {
        if need == OF_THE_CALL {
            continue;
        }
        let kinds = ["endpoint ", "folder ", "host "];
        if need != CLUSTER && !kinds.iter().any(|kind| need.starts_with(kind)) {
            return Err(Refusal::CannotBeGranted(need));
        }
        if !granted.contains(&need) {
            return Err(Refusal::NotGranted(need));
        }
    }
    Ok(())
}

/// What the manifest grants, in the words that plugins ask with.
fn granted(grants: &Grants) -> Vec<String> {
    let kinds = [
        ("endpoint", &grants.http),
        ("host", &grants.exec),
        ("folder", &grants.files),
    ];
    let named = |(kind, names)| {
        let names: &Vec<String> = names;
        names.iter().map(move |name| format!("{kind} {name}"))
    };
    let cluster = grants.cluster.then(|| CLUSTER.to_owned());
    kinds.into_iter().flat_map(named).chain(cluster).collect()
}

fn stopped(failed: Failed) -> Vec<Diagnostic> {
    let diagnostic = Diagnostic::error("plugins", failed.message);
    vec![match failed.hint {
        Some(hint) => diagnostic.help(hint),
        None => diagnostic,
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_granted_is_said_as_it_is_asked_for() {
        let grants = Grants {
            http: vec!["api".to_owned(), "metrics".to_owned()],
            exec: vec!["local".to_owned()],
            files: vec!["cache".to_owned()],
            cluster: false,
        };
        assert_eq!(
            granted(&grants),
            ["endpoint api", "endpoint metrics", "host local", "folder cache"]
        );
        assert_eq!(granted(&Grants::default()), [""; 0]);
    }

    #[test]
    fn a_check_asks_for_what_its_settings_name() {
        let text = r#"
[service]
name = "shop"
[artifacts.web]
format = "tarball"
from = "web.tar.gz"
[strategy.careful]
type = "canary"
checks = ["quiet", "other"]
[environments.local]
target = { plugin = "machine" }
strategy = "careful"
[check.quiet]
plugin = { name = "acme", endpoint = "metrics" }
[check.other]
plugin = { name = "alerts", endpoint = "more" }
"#;
        let manifest = slipway_manifest::parse(std::path::Path::new("deploy.toml"), text).manifest;
        let manifest = manifest.unwrap();
        let check = |needs: &[&str], expected: &[&str]| {
            let needs = needs.iter().map(|need| (*need).to_owned()).collect();
            assert_eq!(with_chosen(needs, &manifest, "acme"), expected);
        };
        check(&["endpoint", "cluster"], &["cluster", "endpoint metrics"]);
        check(&["endpoint api"], &["endpoint api"]);
    }

    #[test]
    fn what_is_asked_for_is_granted_or_refused() {
        let granted = ["endpoint api", "host local", "folder cache"].map(str::to_owned);
        let check = |need: &str, expected: Option<&str>| {
            let refused = super::check(vec![need.to_owned()], &granted).err();
            assert_eq!(refused.map(|refused| refused.to_string()).as_deref(), expected);
        };
        check("endpoint api", None);
        check("folder cache", None);
        check("folder deployment", None);
        let agent = "the plugin asks for endpoint agent, and is not granted it";
        check("endpoint agent", Some(agent));
        let folder = "the plugin asks for folder api, and is not granted it";
        check("folder api", Some(folder));
        check("host local", None);
        let device = "the plugin asks for device gpu, which nothing can grant: this slipway grants endpoints, folders and hosts";
        check("device gpu", Some(device));
    }
}

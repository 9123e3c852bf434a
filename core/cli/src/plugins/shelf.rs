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
    trust::Trust,
};
use slipway_host::{Embedded, Host, LimitsOf, Native};
use slipway_manifest::Plugin;
use slipway_model::Diagnostic;
use slipway_plugin::{Kind, Need, PluginError, PluginInfo, Plugins as _};
use slipway_registry::{Client, Patience};
use tokio::sync::Mutex;

use super::{beside::beside, grants::Grant, refusal::Refusal};
use crate::{
    error::{CommandError, Problems},
    operator::{OperatorFile, home},
};

const EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/plugins.rs"));

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

/// Another file for a plugin, as people type it: `NAME=FILE.wasm`.
#[derive(Debug, Clone)]
pub(crate) struct Replacement {
    name: String,
    file: PathBuf,
}

/// One that was looked for alone.
pub(crate) struct Found {
    pub(crate) stock: Stock,
    pub(crate) info: PluginInfo,
    /// What it says it wants granted.
    pub(crate) needs: Vec<Need>,
    pub(crate) locked: LockedPlugin,
}

pub(crate) struct Brought {
    pub(crate) kind: Kind,
    pub(crate) locked: LockedPlugin,
    pub(crate) granted: Vec<Grant>,
}

impl Shelf {
    pub(crate) fn new(operator: Arc<OperatorFile>, limits_of: Option<LimitsOf>) -> Self {
        let host = Arc::new(shipped(limits_of.clone(), operator.native()));
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
        let (host, own) = self.bring(project, &[]).await?;
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
            Some(project) => self.bring(project, by).await.map_err(|refused| {
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
            let is_left = bringing.is_some_and(|project| project.manifest.plugins.contains_key(name));
            if !is_left && !before.iter().any(|known| known.kind == info.kind) {
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
        shipped(self.limits_of.clone(), self.operator.native())
    }

    /// All but those that are `left`.
    async fn bring(
        &self,
        project: &Project,
        left: &[Replacement],
    ) -> Result<(Host, BTreeMap<String, Brought>), Vec<Diagnostic>> {
        let places = self.places(project).map_err(stopped)?;
        let components = places.components(project, self.references.get().copied().unwrap_or_default());
        let mut host = self.shipped();
        let (mut brought, mut refused) = (BTreeMap::new(), Vec::new());
        let is_left = |name: &str| left.iter().any(|replacement| replacement.name == name);
        let plugins = project.manifest.plugins.iter().filter(|(name, _)| !is_left(name));
        for (name, plugin) in plugins {
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

    /// One plugin for a manifest, whatever it is granted there; it need not be in it yet.
    pub(crate) async fn find(
        &self,
        project: &Project,
        (name, plugin): (&str, &Plugin),
        references: References,
    ) -> Result<Found, CommandError> {
        let places = self.places(project)?;
        let mut host = self.shipped();
        let found = found(&mut host, &places.components(project, references), name, plugin).await;
        let (info, needs, locked) = found.map_err(|refusal| refusal.said(name))?;
        let host = Arc::new(host);
        let brought = BTreeMap::new();
        Ok(Found {
            stock: Stock { host, brought },
            info,
            needs,
            locked,
        })
    }

    fn places(&self, project: &Project) -> Result<Places, Failed> {
        let client = Client::new(self.operator.as_ref().clone(), Patience::default());
        Ok(Places {
            client: client.map_err(Failed::from_error)?,
            lock: Lock::read(&Workspace::new(&project.root))?,
            trust: self.operator.trust().map_err(|problems| {
                let words: Vec<_> = problems.diagnostics.into_iter().map(|one| one.message).collect();
                Failed::new(words.join("; "))
            })?,
            cache: Cache::new(caches().join("components")),
        })
    }
}

/// Where components are looked for.
struct Places {
    client: Client,
    lock: Lock,
    trust: Option<Arc<Trust>>,
    cache: Cache,
}

impl Places {
    fn components<'a>(&'a self, project: &'a Project, references: References) -> Components<'a> {
        Components {
            project,
            client: &self.client,
            cache: &self.cache,
            lock: &self.lock,
            trust: self.trust.as_deref(),
            references,
        }
    }
}

impl Stock {
    /// One plugin alone, called as its file is. It is granted what its kind is granted, and nothing of the operator's.
    pub(crate) fn of_file(file: &Path, native: Native) -> Result<Self, PluginError> {
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let cache = caches().join("plugins");
        let mut host = Host::default().with_cache(cache).with_native(native);
        host.add_path(&name, file, None)?;
        let (host, brought) = (Arc::new(host), BTreeMap::new());
        Ok(Self { host, brought })
    }
}

impl Replacement {
    pub(crate) fn new(name: &str, file: &Path) -> Self {
        let (name, file) = (name.to_owned(), file.to_owned());
        Self { name, file }
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
fn shipped(limits_of: Option<LimitsOf>, native: Native) -> Host {
    let host = match limits_of {
        None => Host::default(),
        Some(limits_of) => Host::default().with_limits_of(limits_of),
    };
    host.with_cache(caches().join("plugins"))
        .with_native(native)
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
    let (info, needs, locked) = found(host, components, name, plugin).await?;
    let wanted = Grant::wanted(&needs, &components.project.manifest, (info.kind, name));
    let granted = Grant::given(&plugin.grants);
    check(wanted, &granted)?;
    Ok(Brought {
        kind: info.kind,
        locked,
        granted,
    })
}

async fn found(
    host: &mut Host,
    components: &Components<'_>,
    name: &str,
    plugin: &Plugin,
) -> Result<(PluginInfo, Vec<Need>, LockedPlugin), Refusal> {
    let Component { wasm, locked } = components.find(name, plugin).await?;
    let info = host.add(name, wasm, None)?;
    let needs = needs(host, info.kind, name).await?;
    Ok((info, needs, locked))
}

/// What a plugin says it wants granted.
async fn needs(host: &Host, kind: Kind, name: &str) -> Result<Vec<Need>, PluginError> {
    Ok(match kind {
        Kind::Format => Vec::new(),
        Kind::Target => host.target(name).await?.describe().needs.clone(),
        Kind::Router => host.router(name).await?.describe().needs.clone(),
        Kind::Check => host.check(name).await?.describe().needs.clone(),
    })
}

/// Whether a plugin gets all that it asks for.
fn check(mut wanted: Vec<Grant>, granted: &[Grant]) -> Result<(), Refusal> {
    wanted.retain(|grant| !granted.contains(grant));
    match wanted.is_empty() {
        true => Ok(()),
        false => Err(Refusal::NotGranted(wanted)),
    }
}

fn stopped(failed: Failed) -> Vec<Diagnostic> {
    let diagnostic = Diagnostic::error("plugins", failed.message);
    vec![match failed.hint {
        Some(hint) => diagnostic.help(hint),
        None => diagnostic,
    }]
}

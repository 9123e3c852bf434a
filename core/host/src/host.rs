//! All plugins that there are, by kind and name: embedded ones and components from files. Each is read, compiled,
//! linked and asked to describe itself when it is first needed, and once.

use std::{
    borrow::Cow,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use serde_json::Value;
use slipway_model::Digest;
use slipway_plugin::{
    Check, Endpoint, Failure, Format, Http, HttpAnswer, HttpRequest, Kind, Mask, PluginError, PluginInfo,
    Plugins, Profile, Router, Target,
};
use tokio::sync::OnceCell;
use wasmtime::component::Component;

use crate::{
    cache::Cache,
    capabilities::printable,
    compiling,
    component::{self, Description, Refusal},
    engine::engine,
    grants::Grants,
    limits::{Limits, LimitsOf},
    loaded::Loaded,
    native::{self, Library, Native},
    outgoing::{Clients, Outgoing},
    precompiled,
    roles::{CheckPlugin, FormatPlugin, RouterPlugin, TargetPlugin},
    shipped,
    source::Source,
};

/// A plugin that ships inside the program.
#[derive(Debug, Clone, Copy)]
pub struct Embedded {
    pub kind: Kind,
    pub name: &'static str,
    pub component: &'static [u8],
    /// What [`precompile`] made of it; if another engine made it, the component is compiled.
    pub precompiled: &'static [u8],
}

/// A plugin that ships beside the program, too big to be in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    pub kind: Kind,
    pub name: String,
    /// Its file, with the compiled `.cwasm` beside it or without; or why there is none, with the next step.
    pub file: Result<PathBuf, String>,
}

pub struct Host {
    entries: Vec<Entry>,
    limits: Arc<Limits>,
    limits_of: LimitsOf,
    clients: Arc<Clients>,
    cache: Option<Arc<Cache>>,
    native: Arc<Native>,
}

struct Entry {
    kind: Kind,
    name: String,
    source: Source,
    precompiled: Precompiled,
    grants: Grants,
    described: OnceLock<Result<Description, Refusal>>,
    plugin: OnceCell<Role>,
}

/// Where the compiled component is already, if the engine that made it was this one.
#[derive(Clone)]
enum Precompiled {
    Nowhere,
    Embedded(&'static [u8]),
    Beside(PathBuf),
}

enum Role {
    Format(Arc<FormatPlugin>),
    Target(Arc<TargetPlugin>),
    Router(Arc<RouterPlugin>),
    Check(Arc<CheckPlugin>),
}

/// Compiles a component (or a core module that carries its contract) for this very program.
pub fn precompile(wasm: &[u8]) -> Result<Vec<u8>, PluginError> {
    let failed = |cause| PluginError::Load {
        plugin: "component".to_owned(),
        cause,
    };
    let component = component::from_wasm(wasm.to_vec()).map_err(|refusal| failed(refusal.to_string()))?;
    let engine = engine().map_err(failed)?;
    precompiled::seal(engine, &component).map_err(|error| failed(format!("{error:#}")))
}

impl Default for Host {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

impl Host {
    pub fn new(limits: Limits) -> Self {
        let limits = Arc::new(limits);
        let of_all = limits.clone();
        Self {
            entries: Vec::new(),
            limits,
            limits_of: Arc::new(move |_| of_all.clone()),
            clients: Arc::default(),
            cache: None,
            native: Arc::default(),
        }
    }

    /// For calls whose limits are not those of all others.
    #[must_use]
    pub fn with_limits_of(mut self, limits_of: LimitsOf) -> Self {
        self.limits_of = limits_of;
        self
    }

    /// Where compiled components from files are kept, by this user alone. Without it they are compiled each time.
    #[must_use]
    pub fn with_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.cache = Some(Arc::new(Cache::new(folder.into())));
        self
    }

    /// Which native libraries are loaded; without it there are none.
    #[must_use]
    pub fn with_native(mut self, native: Native) -> Self {
        self.native = Arc::new(native);
        self
    }

    #[must_use]
    pub fn with_embedded(mut self, plugins: &[Embedded]) -> Self {
        for plugin in plugins {
            self.put(Entry {
                kind: plugin.kind,
                name: plugin.name.to_owned(),
                source: Source::embedded(plugin.component),
                precompiled: Precompiled::Embedded(plugin.precompiled),
                grants: Grants::for_kind(plugin.kind),
                described: OnceLock::new(),
                plugin: OnceCell::new(),
            });
        }
        self
    }

    /// They are read when they are needed, and are granted what their kind is granted.
    #[must_use]
    pub fn with_beside(mut self, plugins: Vec<Beside>) -> Self {
        for Beside { kind, name, file } in plugins {
            self.put(Entry {
                kind,
                name,
                precompiled: file.as_ref().map_or(Precompiled::Nowhere, |path| {
                    Precompiled::Beside(path.with_extension("cwasm"))
                }),
                source: file.map_or_else(Source::absent, |path| Source::file(&path)),
                grants: Grants::for_kind(kind),
                described: OnceLock::new(),
                plugin: OnceCell::new(),
            });
        }
        self
    }

    /// A component, a core module that carries its contract, or a native library; takes the place of one with the same kind and name.
    /// Without `grants` it is granted what its kind is granted.
    pub fn add_path(
        &mut self,
        name: &str,
        path: &Path,
        grants: Option<Grants>,
    ) -> Result<PluginInfo, PluginError> {
        let bytes = fs::read(path).map_err(|error| PluginError::Load {
            plugin: name.to_owned(),
            cause: format!("{}: {error}", path.display()),
        })?;
        self.add(name, bytes, grants)
    }

    pub fn add(
        &mut self,
        name: &str,
        wasm: Vec<u8>,
        grants: Option<Grants>,
    ) -> Result<PluginInfo, PluginError> {
        let refused = |refusal: Refusal| PluginError::Load {
            plugin: name.to_owned(),
            cause: printable(&refusal.to_string()),
        };
        let (bytes, described) = self.read(wasm, grants.as_ref()).map_err(refused)?;
        let grants = grants.unwrap_or_else(|| Grants::for_kind(described.kind));
        described.check_grants(&grants).map_err(refused)?;
        let info = described.info(name, &bytes);
        self.put(Entry {
            kind: described.kind,
            name: name.to_owned(),
            source: Source::held(bytes),
            precompiled: Precompiled::Nowhere,
            grants,
            described: OnceLock::from(Ok(described)),
            plugin: OnceCell::new(),
        });
        Ok(info)
    }

    /// What is not trusted is not even looked at.
    fn read(&self, bytes: Vec<u8>, grants: Option<&Grants>) -> Result<(Vec<u8>, Description), Refusal> {
        if native::is_library(&bytes) {
            let digest = Digest::of(&bytes);
            if !cfg!(target_os = "linux") {
                return Err(Refusal::NotLinux);
            }
            if !self.native.trusted.contains(&digest) {
                return Err(Refusal::Untrusted(digest));
            }
            let described = native::describe(&bytes, grants)?;
            return Ok((bytes, described));
        }
        let bytes = component::from_wasm(bytes)?;
        let described = component::describe(&bytes)?;
        Ok((bytes, described))
    }

    fn put(&mut self, entry: Entry) {
        self.entries
            .retain(|other| (other.kind, &other.name) != (entry.kind, &entry.name));
        self.entries.push(entry);
        self.entries
            .sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
    }

    async fn role(&self, kind: Kind, name: &str) -> Result<&Role, PluginError> {
        let of_kind = || self.entries.iter().filter(|entry| entry.kind == kind);
        let entry = of_kind()
            .find(|entry| entry.name == name)
            .ok_or_else(|| PluginError::Unknown {
                kind: kind.name(),
                name: name.to_owned(),
                known: of_kind().map(|entry| entry.name.clone()).collect(),
            })?;
        entry.plugin.get_or_try_init(|| self.load(entry)).await
    }

    async fn load(&self, entry: &Entry) -> Result<Role, PluginError> {
        let failed = |cause: String| PluginError::Load {
            plugin: entry.name.clone(),
            cause: printable(&cause),
        };
        let description = entry.check().map_err(|refusal| failed(refusal.to_string()))?;
        let bytes = entry
            .source
            .bytes()
            .map_err(|refusal| failed(refusal.to_string()))?;
        let (limits, clients) = (self.limits_of.clone(), self.clients.clone());
        if description.profile == Profile::Native {
            let library = Library::new(self.native.clone(), bytes, description);
            return entry
                .role(Loaded::native(&entry.name, library, limits, clients))
                .await;
        }
        let (precompiled, cache) = (entry.precompiled.clone(), self.cache.clone());
        // The program goes on meanwhile.
        let time = self.limits.compiling(bytes.len());
        let work = move || compiled(&bytes, &precompiled, cache.as_deref());
        let component = compiling::within(time, work).await.map_err(failed)?;
        let loaded = Loaded::new(&entry.name, &component, description, limits, clients).map_err(failed)?;
        entry.role(loaded).await
    }
}

impl Entry {
    async fn role(&self, loaded: Loaded) -> Result<Role, PluginError> {
        Ok(match self.kind {
            Kind::Format => Role::Format(Arc::new(FormatPlugin::load(loaded).await?)),
            Kind::Target => Role::Target(Arc::new(TargetPlugin::load(loaded).await?)),
            Kind::Router => Role::Router(Arc::new(RouterPlugin::load(loaded).await?)),
            Kind::Check => Role::Check(Arc::new(CheckPlugin::load(loaded).await?)),
        })
    }

    fn describe(&self) -> &Result<Description, Refusal> {
        self.described
            .get_or_init(|| component::describe(&self.source.bytes()?))
    }

    fn check(&self) -> Result<&Description, Refusal> {
        let description = self.describe().as_ref().map_err(Clone::clone)?;
        if description.kind != self.kind {
            return Err(Refusal::OtherKind {
                found: description.kind.name(),
                wanted: self.kind.name(),
            });
        }
        description.check_grants(&self.grants)?;
        Ok(description)
    }
}

fn compiled(bytes: &[u8], precompiled: &Precompiled, cache: Option<&Cache>) -> Result<Component, String> {
    let engine = engine()?;
    let sealed = match precompiled {
        Precompiled::Nowhere => None,
        Precompiled::Embedded(sealed) => Some(Cow::Borrowed(*sealed)),
        Precompiled::Beside(path) => shipped::read(path).map(Cow::Owned),
    };
    if let Some(component) = sealed.and_then(|sealed| precompiled::open(engine, bytes, &sealed)) {
        return Ok(component);
    }
    match cache {
        Some(cache) => cache.component(engine, bytes),
        None => Component::from_binary(engine, bytes),
    }
    .map_err(|error| format!("{error:#}"))
}

#[async_trait::async_trait]
impl Http for Host {
    async fn send(
        &self,
        what: &str,
        endpoint: &Endpoint,
        request: HttpRequest,
    ) -> Result<HttpAnswer, Failure> {
        let asked = (request.method.as_str(), request.path.as_str());
        let mut outgoing = Outgoing::new(what.to_owned(), endpoint, asked, request.timeout)?;
        for (header, value) in &request.headers {
            outgoing = outgoing.header(header, value.as_bytes().to_vec())?;
        }
        let secrets = Mask::of_endpoint(endpoint);
        let answer = outgoing
            .send(&self.clients, &secrets, self.limits.http_answer)
            .await?;
        Ok(HttpAnswer {
            status: answer.status,
            body: answer.body,
        })
    }
}

#[async_trait::async_trait]
impl Plugins for Host {
    async fn format(&self, name: &str) -> Result<Arc<dyn Format>, PluginError> {
        match self.role(Kind::Format, name).await? {
            Role::Format(plugin) => Ok(plugin.clone()),
            _ => unreachable!("an entry is loaded as its kind"),
        }
    }

    async fn target(&self, name: &str) -> Result<Arc<dyn Target>, PluginError> {
        match self.role(Kind::Target, name).await? {
            Role::Target(plugin) => Ok(plugin.clone()),
            _ => unreachable!("an entry is loaded as its kind"),
        }
    }

    async fn router(&self, name: &str) -> Result<Arc<dyn Router>, PluginError> {
        match self.role(Kind::Router, name).await? {
            Role::Router(plugin) => Ok(plugin.clone()),
            _ => unreachable!("an entry is loaded as its kind"),
        }
    }

    async fn check(&self, name: &str) -> Result<Arc<dyn Check>, PluginError> {
        match self.role(Kind::Check, name).await? {
            Role::Check(plugin) => Ok(plugin.clone()),
            _ => unreachable!("an entry is loaded as its kind"),
        }
    }

    fn list(&self) -> Vec<PluginInfo> {
        let info = |entry: &Entry| {
            let description = entry.describe().as_ref().ok()?;
            Some(description.info(&entry.name, &entry.source.bytes().ok()?))
        };
        self.entries.iter().filter_map(info).collect()
    }

    async fn settings_schema(&self, kind: Kind, name: &str) -> Result<Value, PluginError> {
        Ok(match self.role(kind, name).await? {
            Role::Format(plugin) => plugin.describe().settings_schema.clone(),
            Role::Target(plugin) => plugin.describe().settings_schema.clone(),
            Role::Router(plugin) => plugin.describe().settings_schema.clone(),
            Role::Check(plugin) => plugin.describe().settings_schema.clone(),
        })
    }
}

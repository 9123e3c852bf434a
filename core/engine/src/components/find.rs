//! One component: where it is looked for, which bytes are right, and what is refused.
//!
//! A digest that the manifest writes decides; without one, what `deploy.lock` says. What has a known digest and is in the
//! cache needs no network.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    sync::Arc,
};

use slipway_manifest::{Plugin, Reference, Source};
use slipway_model::Digest;
use slipway_registry::{
    Client, Descriptor, Fetch, Manifest, ManifestKind, Repository, Silent, fetch_url, media,
};

use super::{Cache, cache::Meant};
use crate::{
    Failed,
    lock::{Lock, LockedPlugin},
    project::Project,
    registries::{Registries, look_up},
    trust::{Trust, place_of},
};

/// What the components of one manifest are looked for with.
pub struct Components<'a> {
    pub project: &'a Project,
    /// Carries the operator's credentials.
    pub client: &'a Client,
    pub cache: &'a Cache,
    pub lock: &'a Lock,
    /// Whose signatures count, where the operator says it.
    pub trust: Option<&'a Trust>,
    pub references: References,
}

/// How references are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct References {
    /// Registries are asked what tags mean now; otherwise only for what is not known.
    pub asked: bool,
    /// What `deploy.lock` says holds.
    pub locked: bool,
}

/// The bytes as they were found, and what a lock says of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    pub wasm: Vec<u8>,
    pub locked: LockedPlugin,
}

#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("the plugin `{path}` cannot be read: {error}")]
    Unreadable { path: String, error: io::Error },
    #[error("the plugin `{from}` cannot be fetched: {}", failed.message)]
    Unavailable { from: String, failed: Failed },
    #[error("`{from}` is no plugin: {why}")]
    Shape { from: String, why: String },
    #[error("`{from}` has {size} bytes, and a plugin has at most {LARGEST}")]
    Big { from: String, size: u64 },
    #[error("`{0}` is not WebAssembly, and a plugin is a component")]
    NotWasm(String),
    #[error("`{from}` has another digest than the one that is written here: {found}")]
    Digest { from: String, found: Digest },
    #[error("`{from}` has changed: deploy.lock has {locked}, the file is {found}")]
    Changed {
        from: String,
        locked: Digest,
        found: Digest,
    },
    #[error("{}", failed.message)]
    Untrusted { failed: Failed },
    #[error("`{from}` has moved: deploy.lock has {locked}, the registry has {found}")]
    Moved {
        from: String,
        locked: Digest,
        found: Digest,
    },
}

/// Bytes of a component; the host takes no more either.
const LARGEST: u64 = 64 << 20;

/// What every WebAssembly file begins with, and native libraries, of which the host says what they are: those of Linux, of
/// Windows and of macOS.
const MAGICS: [&[u8]; 4] = [b"\0asm", b"\x7fELF", b"MZ", &[0xcf, 0xfa, 0xed, 0xfe]];

/// Media types of a layer that may be a component: what the WebAssembly community writes, what it wrote before, and what
/// tools write that know nothing of it.
const LAYERS: [&str; 3] = [
    media::WASM,
    "application/vnd.wasm.content.layer.v1+wasm",
    media::OCTETS,
];

impl References {
    /// Whatever they lead to now.
    pub const ANEW: Self = Self {
        asked: true,
        locked: false,
    };
}

impl Default for References {
    fn default() -> Self {
        Self {
            asked: false,
            locked: true,
        }
    }
}

impl Components<'_> {
    /// The bytes of one plugin, verified.
    pub async fn find(&self, name: &str, plugin: &Plugin) -> Result<Component, Refusal> {
        let from = plugin.from.to_string();
        let locked = self.lock.plugins.get(name);
        let locked = locked.filter(|locked| self.references.locked && locked.from == from);
        let wanted = Wanted {
            from: &from,
            written: plugin.digest,
            locked,
        };
        let (wasm, manifest) = match &plugin.from {
            Source::Path { path } => (self.file(&wanted, path)?, None),
            Source::Https { url, sha256 } => (self.download(&wanted, url, *sha256).await?, None),
            Source::Registry {
                registry,
                repository,
                reference,
            } => {
                let unavailable = |failed| wanted.unavailable(failed);
                let reached = (self.client, self.trust);
                let registries = Registries::new(self.project, reached, Arc::new(Silent));
                let repository = registries.named(registry, repository).map_err(unavailable)?;
                let (wasm, manifest) = self.pull(&wanted, &repository, reference).await?;
                let found = Meant {
                    component: Digest::of(&wasm),
                    manifest,
                };
                self.admit(name, &registries, (&repository, reference), (&wanted, found))
                    .await?;
                (wasm, manifest)
            }
        };
        if !MAGICS.iter().any(|magic| wasm.starts_with(magic)) {
            return Err(Refusal::NotWasm(from));
        }
        let digest = Digest::of(&wasm);
        Ok(Component {
            wasm,
            locked: LockedPlugin {
                from,
                digest,
                manifest,
            },
        })
    }

    fn file(&self, wanted: &Wanted<'_>, path: &str) -> Result<Vec<u8>, Refusal> {
        let file = self.project.root.join(path);
        let (bytes, size) = read(&file).map_err(|error| Refusal::Unreadable {
            path: path.to_owned(),
            error,
        })?;
        wanted.check_size(size)?;
        let found = Digest::of(&bytes);
        wanted.check_written(found)?;
        match wanted.contradicted(found) {
            Some(locked) => Err(Refusal::Changed {
                from: wanted.from.to_owned(),
                locked,
                found,
            }),
            None => Ok(bytes),
        }
    }

    async fn download(&self, wanted: &Wanted<'_>, url: &str, digest: Digest) -> Result<Vec<u8>, Refusal> {
        wanted.check_written(digest)?;
        if let Some(bytes) = self.cache.get(digest, LARGEST) {
            return Ok(bytes);
        }
        let unavailable = |failed| wanted.unavailable(failed);
        let into = self.cache.place(digest).map_err(Failed::from_error);
        let into = into.map_err(unavailable)?;
        let fetch = Fetch {
            url,
            digest,
            plain: false,
            limit: LARGEST,
            into: into.clone(),
            progress: Arc::new(Silent),
        };
        let fetched = fetch_url(self.client, fetch).await.map_err(Failed::from_error);
        fetched.map_err(unavailable)?;
        let again = || Failed::new(format!("{} was changed by somebody else", into.display()));
        self.cache
            .get(digest, LARGEST)
            .ok_or_else(|| unavailable(again()))
    }

    /// With the digest of the manifest that led to it, if one had to be read.
    async fn pull(
        &self,
        wanted: &Wanted<'_>,
        repository: &Repository,
        reference: &Reference,
    ) -> Result<(Vec<u8>, Option<Digest>), Refusal> {
        // Per service: a folder that is a registry is another one for each, and what one has not locked is its own affair.
        let place = format!("{} {repository}{reference}", self.project.identity.display());
        let asked = self.references.asked && matches!(reference, Reference::Tag(_));
        if let Some(meant) = self.known(wanted, &place, asked)
            && let Some(bytes) = self.cache.get(meant.component, LARGEST)
        {
            return Ok((bytes, meant.manifest));
        }
        let unavailable = |failed| wanted.unavailable(failed);
        let held = wanted.held().filter(|_| !asked || wanted.written.is_some());
        let manifest = match held.and_then(|locked| locked.manifest) {
            Some(manifest) => manifest,
            None => look_up(repository, reference).await.map_err(unavailable)?,
        };
        let stored = repository.manifest(&manifest).await;
        let parsed = stored.and_then(|stored| stored.parse());
        let parsed = parsed.map_err(|error| unavailable(Failed::from_error(error)))?;
        let layer = component_in(parsed).map_err(|why| Refusal::Shape {
            from: wanted.from.to_owned(),
            why,
        })?;
        wanted.check_written(layer.digest)?;
        if let Some(locked) = wanted.contradicted(layer.digest) {
            return Err(Refusal::Moved {
                from: wanted.from.to_owned(),
                locked,
                found: layer.digest,
            });
        }
        wanted.check_size(layer.size)?;
        let bytes = match self.cache.get(layer.digest, LARGEST) {
            Some(bytes) => bytes,
            None => {
                let bytes = repository.blob_bytes(&layer, LARGEST).await;
                let bytes = bytes.map_err(|error| unavailable(Failed::from_error(error)))?;
                self.cache.put(&bytes);
                bytes.into()
            }
        };
        let meant = Meant {
            component: layer.digest,
            manifest: Some(manifest),
        };
        self.cache.remember(&place, meant);
        Ok((bytes, meant.manifest))
    }

    /// Whether the operator's policy lets these bytes be used, by the manifest that holds them. Where that was found before,
    /// nobody has to be asked.
    async fn admit(
        &self,
        name: &str,
        registries: &Registries<'_>,
        (repository, reference): (&Repository, &Reference),
        (wanted, found): (&Wanted<'_>, Meant),
    ) -> Result<(), Refusal> {
        let place = place_of(repository, Some(&self.project.root));
        let Some((trust, place)) = self.trust.zip(place) else {
            return Ok(());
        };
        let untrusted = |failed| Refusal::Untrusted { failed };
        let manifest = match found.manifest {
            Some(manifest) => manifest,
            None => look_up(repository, reference)
                .await
                .map_err(|failed| wanted.unavailable(failed))?,
        };
        let word = format!("{place}@{manifest} {}", found.component);
        let known = self.cache.admitted(&word);
        let known = known.filter(|known| known.place == place && known.digest == manifest);
        let admitted = match known.filter(|known| trust.hold(known).is_ok()) {
            Some(known) => Some(known),
            None => {
                let what = format!("plugin {name}");
                let admitted = registries.admit(repository, manifest, &what).await;
                self.belongs(repository, manifest, (wanted, found.component))
                    .await?;
                admitted.map_err(untrusted)?
            }
        };
        if matches!(reference, Reference::Tag(_)) {
            let forwards = self
                .lock
                .not_backwards(wanted.from, found.component, admitted.as_ref());
            forwards.map_err(untrusted)?;
        }
        if let Some(admitted) = admitted {
            self.cache.admit(&word, &admitted);
        }
        Ok(())
    }

    /// What is signed is the manifest.
    async fn belongs(
        &self,
        repository: &Repository,
        manifest: Digest,
        (wanted, component): (&Wanted<'_>, Digest),
    ) -> Result<(), Refusal> {
        let parsed = repository
            .manifest(&manifest)
            .await
            .and_then(|stored| stored.parse());
        let parsed = parsed.map_err(|error| wanted.unavailable(Failed::from_error(error)))?;
        let layer = component_in(parsed).map_err(|why| Refusal::Shape {
            from: wanted.from.to_owned(),
            why,
        })?;
        if layer.digest == component {
            return Ok(());
        }
        Err(Refusal::Digest {
            from: wanted.from.to_owned(),
            found: layer.digest,
        })
    }

    /// Which bytes are right, where nobody has to be asked.
    fn known(&self, wanted: &Wanted<'_>, place: &str, asked: bool) -> Option<Meant> {
        let locked = wanted.held().map(|locked| Meant {
            component: locked.digest,
            manifest: locked.manifest,
        });
        match (wanted.written, locked) {
            (Some(_), Some(locked)) => Some(locked),
            (Some(component), None) => Some(Meant {
                component,
                manifest: None,
            }),
            _ if asked => None,
            (None, Some(locked)) => Some(locked),
            (None, None) => self.cache.meant(place),
        }
    }
}

/// What is known of one component before its bytes are.
struct Wanted<'a> {
    from: &'a str,
    written: Option<Digest>,
    locked: Option<&'a LockedPlugin>,
}

impl Wanted<'_> {
    /// What the lock says, unless the manifest says otherwise.
    fn held(&self) -> Option<&LockedPlugin> {
        self.locked
            .filter(|locked| self.written.is_none_or(|written| written == locked.digest))
    }

    fn check_written(&self, found: Digest) -> Result<(), Refusal> {
        match self.written {
            Some(written) if written != found => Err(Refusal::Digest {
                from: self.from.to_owned(),
                found,
            }),
            _ => Ok(()),
        }
    }

    /// What the lock says instead.
    fn contradicted(&self, found: Digest) -> Option<Digest> {
        let locked = self.held()?.digest;
        (locked != found).then_some(locked)
    }

    fn check_size(&self, size: u64) -> Result<(), Refusal> {
        if size > LARGEST {
            return Err(Refusal::Big {
                from: self.from.to_owned(),
                size,
            });
        }
        Ok(())
    }

    fn unavailable(&self, failed: Failed) -> Refusal {
        Refusal::Unavailable {
            from: self.from.to_owned(),
            failed,
        }
    }
}

/// With the size of the whole file, of which no more is read than is needed to say that it is too large.
fn read(path: &Path) -> io::Result<(Vec<u8>, u64)> {
    let meta = path.metadata()?;
    // Anything else may never end, or block for ever.
    if !meta.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let mut bytes = Vec::new();
    if meta.len() <= LARGEST {
        File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    }
    let size = meta.len().max(bytes.len() as u64);
    Ok((bytes, size))
}

/// The one file of an artifact, if that is a component as far as its descriptor says.
fn component_in(manifest: Manifest) -> Result<Descriptor, String> {
    if manifest.kind == ManifestKind::Index {
        return Err("it is an index of several artifacts; name one of them by its digest".to_owned());
    }
    let [layer] = <[Descriptor; 1]>::try_from(manifest.layers)
        .map_err(|layers| format!("it has {} files, and a plugin is one", layers.len()))?;
    let named = || layer.title().is_some_and(|title| title.ends_with(".wasm"));
    if LAYERS.contains(&layer.media_type.as_str()) || named() {
        return Ok(layer);
    }
    Err(format!(
        "its file is of type {}, and not {}",
        layer.media_type,
        media::WASM
    ))
}

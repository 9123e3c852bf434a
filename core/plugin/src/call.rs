//! What one call to a plugin is granted. Whatever is not in here does not exist for the plugin.

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc};

use slipway_model::Digest;

use crate::{Failure, Lookup, Recorder};

#[derive(Clone)]
pub struct Call {
    pub recorder: Arc<dyn Recorder>,
    pub folders: BTreeMap<String, Folder>,
    pub blobs: BTreeMap<Digest, Blob>,
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Hosts that programs may be run on. The only kind so far is this machine.
    pub hosts: Vec<String>,
    pub secrets: BTreeMap<String, Secret>,
    pub registries: Option<Arc<dyn RegistryAccess>>,
    pub state: Option<Arc<dyn StateStore>>,
    pub lookup: Option<Arc<dyn Lookup>>,
}

#[derive(Debug, Clone)]
pub struct Folder {
    pub path: PathBuf,
    pub writable: bool,
}

/// Where the host finds the bytes.
#[derive(Debug, Clone)]
pub struct Blob {
    pub path: PathBuf,
    pub size: u64,
}

#[derive(Debug, Clone)]
pub struct Endpoint {
    pub address: Address,
    /// Added by the host to every request; the plugin never sees them.
    pub headers: Vec<(String, Secret)>,
    /// Whom to trust and who we are, where that is not the web's usual.
    pub tls: Option<Arc<Tls>>,
    /// What proves who we are and does not last: asked for before each request.
    pub token: Option<Arc<dyn TokenSource>>,
    /// What of its answers is for nobody, whoever asks.
    pub withheld: Option<Arc<dyn Withhold>>,
    /// It can tell whether whoever asks has lost the environment to another meanwhile.
    pub fenced: bool,
    /// By which it tells; put in for each run.
    pub fence: Option<Fence>,
}

/// Grows with whoever may write: what has a greater one refuses a smaller one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// `SERVICE/ENVIRONMENT`.
    pub scope: String,
    pub token: u64,
}

/// PEM texts. Two are one if they say the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Tls {
    /// The authorities to trust, instead of the web's.
    pub authorities: Option<String>,
    /// Our certificate, with its key.
    pub identity: Option<Secret>,
    /// Trust whoever answers. Only where the operator wrote it so.
    pub insecure: bool,
}

#[async_trait::async_trait]
pub trait TokenSource: fmt::Debug + Send + Sync {
    /// The bearer token as it is now.
    async fn token(&self) -> Result<Secret, Failure>;
}

/// Knows what an endpoint says that no plugin, no check and no record may have.
pub trait Withhold: fmt::Debug + Send + Sync {
    /// The body of an answer without it; none if nothing of it is to be withheld. What cannot be searched is a failure.
    fn withhold(&self, answer: &Searched<'_>) -> Result<Option<Vec<u8>>, Failure>;
}

/// An answer that is searched.
#[derive(Debug, Clone, Copy)]
pub struct Searched<'a> {
    /// What was asked for.
    pub path: &'a str,
    pub content_type: &'a str,
    pub body: &'a [u8],
}

#[derive(Debug, Clone)]
pub enum Address {
    Unix(PathBuf),
    /// Scheme, host and port, with an optional path that is put before every request's.
    Url(String),
}

/// A value that is printed nowhere.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

#[async_trait::async_trait]
pub trait RegistryAccess: Send + Sync {
    /// Media type, digest and size of what a reference names now.
    async fn resolve(
        &self,
        registry: &str,
        repository: &str,
        reference: &str,
    ) -> Result<(String, Digest, u64), Failure>;

    async fn manifest(&self, registry: &str, repository: &str, digest: Digest) -> Result<Vec<u8>, Failure>;
}

#[async_trait::async_trait]
pub trait StateStore: Send + Sync {
    async fn get(&self) -> Result<Option<String>, Failure>;
    async fn put(&self, value: String) -> Result<(), Failure>;
}

impl Call {
    /// A call that is granted nothing but to be recorded.
    pub fn new(recorder: Arc<dyn Recorder>) -> Self {
        Self {
            recorder,
            folders: BTreeMap::new(),
            blobs: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            hosts: Vec::new(),
            secrets: BTreeMap::new(),
            registries: None,
            state: None,
            lookup: None,
        }
    }

    #[must_use]
    pub fn folder(mut self, name: &str, path: impl Into<PathBuf>, writable: bool) -> Self {
        self.folders.insert(
            name.to_owned(),
            Folder {
                path: path.into(),
                writable,
            },
        );
        self
    }

    #[must_use]
    pub fn blob(mut self, digest: Digest, path: impl Into<PathBuf>, size: u64) -> Self {
        self.blobs.insert(
            digest,
            Blob {
                path: path.into(),
                size,
            },
        );
        self
    }

    #[must_use]
    pub fn endpoint(mut self, name: &str, endpoint: Endpoint) -> Self {
        self.endpoints.insert(name.to_owned(), endpoint);
        self
    }
}

/// For people: without the user of a URL, who may have a password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = match self {
            Self::Unix(path) => return path.display().fmt(f),
            Self::Url(url) => url,
        };
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
        let separator = if scheme.is_empty() { "" } else { "://" };
        write!(f, "{scheme}{separator}{}", &rest[host..])
    }
}

impl Endpoint {
    pub fn at(address: Address) -> Self {
        Self {
            address,
            headers: Vec::new(),
            tls: None,
            token: None,
            withheld: None,
            fenced: false,
            fence: None,
        }
    }

    /// One that refuses whoever comes with an older token than somebody before.
    #[must_use]
    pub fn fenced(mut self) -> Self {
        self.fenced = true;
        self
    }
}

impl Secret {
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// For the moment of use only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(...)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_the_user_of_a_url() {
        for (url, shown) in [
            ("https://me:secret@host:1/a@b", "https://host:1/a@b"),
            ("http://host/x", "http://host/x"),
            ("http://a@b@host?q=@", "http://host?q=@"),
            ("host:1", "host:1"),
        ] {
            assert_eq!(Address::Url(url.to_owned()).to_string(), shown);
        }
    }
}

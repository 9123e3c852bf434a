//! A repository of an OCI registry: the index is the manifest under the tag `archive`, and what it names are manifests and
//! blobs, so that the registry keeps them for as long as the tag is there. A registry cannot replace a tag on condition: whoever
//! adds at the same moment as somebody else is told after it.

use std::io::Read;

use slipway_model::Digest;
use slipway_registry::{Client, Descriptor, Registry, RegistryUrl, Repository as Remote, Silent, Tag};
use tokio::runtime::Handle;
use tokio_util::io::SyncIoBridge;

use super::{Listing, Store, Writer, pump::verified};
use crate::{Error, Result};

const TAG: &str = "archive";
const OCTETS: &str = "application/octet-stream";
/// What is not larger is held in memory on its way.
const HELD: u64 = 8 << 20;
/// How many blobs are asked for at a time.
const WIDTH: usize = 8;

#[derive(Debug)]
pub(crate) struct Repository {
    remote: Remote,
    tag: Tag,
    runtime: Handle,
}

impl Repository {
    /// The whole of the address's path is the name of the repository.
    pub(crate) fn new(url: &RegistryUrl, client: &Client, runtime: Handle) -> Result<Self> {
        let (registry, name) = match url {
            RegistryUrl::Distribution {
                host,
                plain,
                prefix: Some(name),
            } => {
                let url = RegistryUrl::Distribution {
                    host: host.clone(),
                    plain: *plain,
                    prefix: None,
                };
                (Registry::open(&url, client), name)
            }
            _ => {
                return Err(Error::BadPlace {
                    place: url.to_string(),
                    reason: "it names no repository in the registry".to_owned(),
                });
            }
        };
        Ok(Self {
            remote: registry.repository(name),
            tag: TAG.parse().expect("a word is a tag"),
            runtime,
        })
    }

    /// With its digest.
    fn get_index(&self) -> Result<Option<(Digest, Vec<u8>)>> {
        self.runtime.block_on(async {
            let Some(found) = self.remote.resolve(&self.tag).await? else {
                return Ok(None);
            };
            let manifest = self.remote.manifest(&found.digest).await?;
            Ok(Some((found.digest, manifest.bytes.into())))
        })
    }
}

impl Store for Repository {
    fn place(&self, file: &str) -> String {
        match (file, file.strip_prefix("blobs/sha256/")) {
            ("", _) => self.remote.to_string(),
            (_, Some(digest)) => format!("{}@sha256:{digest}", self.remote),
            _ => format!("{}:{TAG}", self.remote),
        }
    }

    fn index(&self) -> Result<Vec<u8>> {
        match self.get_index()? {
            Some((_, index)) => Ok(index),
            None => Err(Error::NoArchive(self.place(""))),
        }
    }

    fn open(&self, digest: Digest, size: u64) -> Result<Box<dyn Read + Send + '_>> {
        let reader = self
            .runtime
            .block_on(self.remote.blob_reader(&blob(digest, size)))?;
        Ok(Box::new(SyncIoBridge::new_with_handle(
            reader,
            self.runtime.clone(),
        )))
    }

    fn open_manifest(&self, digest: Digest, _: u64) -> Result<Box<dyn Read + Send + '_>> {
        let manifest = self.runtime.block_on(self.remote.manifest(&digest))?;
        Ok(Box::new(std::io::Cursor::new(manifest.bytes)))
    }

    fn list(&self) -> Result<Option<Listing>> {
        Ok(None)
    }

    fn width(&self) -> usize {
        WIDTH
    }

    fn begin(&self) -> Result<Box<dyn Writer + '_>> {
        Ok(Box::new(Writing {
            repository: self,
            before: self.get_index()?,
        }))
    }
}

struct Writing<'a> {
    repository: &'a Repository,
    before: Option<(Digest, Vec<u8>)>,
}

impl Writer for Writing<'_> {
    fn index(&self) -> Option<&[u8]> {
        self.before.as_ref().map(|(_, index)| index.as_slice())
    }

    fn has(&self, digest: Digest, size: u64) -> Result<bool> {
        let Repository { remote, runtime, .. } = self.repository;
        Ok(runtime.block_on(remote.has_blob(&blob(digest, size)))?)
    }

    fn add(&self, digest: Digest, size: u64, from: &mut dyn Read) -> Result<()> {
        let Repository { remote, runtime, .. } = self.repository;
        let name = || format!("blob {digest}");
        if size <= HELD {
            let mut bytes = Vec::new();
            verified(from, digest, size, &mut bytes, name)?;
            runtime.block_on(remote.push_bytes(OCTETS, bytes))?;
            return Ok(());
        }
        let mut file = tempfile::NamedTempFile::new().map_err(Error::io("write", "a temporary file"))?;
        verified(from, digest, size, &mut file, name)?;
        runtime.block_on(remote.push_file(OCTETS, file.path(), std::sync::Arc::new(Silent)))?;
        Ok(())
    }

    fn add_manifest(&self, _: Digest, bytes: &[u8]) -> Result<()> {
        let Repository { remote, runtime, .. } = self.repository;
        runtime.block_on(remote.put_manifest(None, bytes.to_vec().into()))?;
        Ok(())
    }

    fn commit(self: Box<Self>, index: &[u8]) -> Result<()> {
        let Repository { remote, tag, runtime } = self.repository;
        let before = self.before.as_ref().map(|(digest, _)| *digest);
        let now =
            async || -> Result<Option<Digest>> { Ok(remote.resolve(tag).await?.map(|found| found.digest)) };
        let raced = || Error::Raced(self.repository.place("index.json"));
        runtime.block_on(async {
            if now().await? != before {
                return Err(raced());
            }
            let written = remote.put_manifest(Some(tag), index.to_vec().into()).await?;
            match now().await? == Some(written.digest) {
                true => Ok(()),
                false => Err(raced()),
            }
        })
    }
}

fn blob(digest: Digest, size: u64) -> Descriptor {
    Descriptor {
        media_type: OCTETS.to_owned(),
        digest,
        size,
        artifact_type: None,
        platform: None,
        urls: Vec::new(),
        annotations: std::collections::BTreeMap::new(),
    }
}

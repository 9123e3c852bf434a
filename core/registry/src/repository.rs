//! A registry and the repositories in it, whichever kind it is: the operations that everything else is made of.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use slipway_model::{Digest, Hasher};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::{
    archive::Packed,
    descriptor::Descriptor,
    error::{Cause, Error, OrFail as _, Result},
    http::{Client, Distribution},
    layout::Layout,
    manifest::{MANIFEST_LIMIT, StoredManifest},
    progress::{Progress, Silent},
    reference::{Reference, RepositoryName, Tag},
    stream::{self, BlobStream},
    url::RegistryUrl,
};

/// Cheap to clone; clones share connections and credentials.
#[derive(Debug, Clone)]
pub struct Registry {
    url: RegistryUrl,
    kind: Kind,
}

/// One repository in one registry.
#[derive(Debug, Clone)]
pub struct Repository {
    registry: Registry,
    /// With the registry's prefix.
    name: RepositoryName,
}

#[derive(Debug, Clone)]
enum Kind {
    Distribution(Distribution),
    Layout(Layout),
    /// Read, and never written.
    Packed(Packed),
}

/// Bytes that can be had again from any offset, as often as a transfer needs.
#[derive(Clone)]
pub(crate) enum Source<'a> {
    Bytes(Bytes),
    File(&'a Path),
    Blob(&'a Repository),
}

impl Registry {
    /// Touches nothing: a folder is made when something is written to it, a server is asked when it is needed.
    pub fn open(url: &RegistryUrl, client: &Client) -> Self {
        let kind = match url {
            RegistryUrl::Layout(folder) => Kind::Layout(Layout::new(folder)),
            RegistryUrl::Distribution { host, plain, .. } => {
                Kind::Distribution(Distribution::new(client.clone(), host, *plain))
            }
        };
        Self {
            url: url.clone(),
            kind,
        }
    }

    pub fn url(&self) -> &RegistryUrl {
        &self.url
    }

    pub fn repository(&self, name: &RepositoryName) -> Repository {
        let prefix = match &self.url {
            RegistryUrl::Distribution { prefix, .. } => prefix.as_ref(),
            RegistryUrl::Layout(_) => None,
        };
        Repository {
            registry: self.clone(),
            name: name.under(prefix),
        }
    }
}

impl Repository {
    /// What an archive holds.
    pub(crate) fn packed(packed: Packed) -> Self {
        Self {
            registry: Registry {
                url: RegistryUrl::Layout(packed.file().to_owned()),
                kind: Kind::Packed(packed),
            },
            name: "archive".parse().expect("a word is a repository's name"),
        }
    }

    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The full name, with the registry's prefix.
    pub fn name(&self) -> &RepositoryName {
        &self.name
    }

    /// What a tag points at now, if it is there.
    pub async fn resolve(&self, tag: &Tag) -> Result<Option<Descriptor>> {
        match &self.registry.kind {
            Kind::Distribution(remote) => remote.resolve(&self.name, tag).await,
            Kind::Layout(layout) => layout.resolve(&self.name, tag),
            Kind::Packed(_) => Ok(None),
        }
        .or_fail("look up", format_args!("{self}:{tag}"))
    }

    /// The digest that a reference means. The reference's own repository does not count. Not there is an error that
    /// says which tags are.
    pub async fn lookup(&self, reference: &Reference) -> Result<Digest> {
        if let Some(digest) = reference.digest {
            return Ok(digest);
        }
        let tag = reference
            .tag
            .as_ref()
            .ok_or_else(|| Cause::Malformed("a reference without tag and digest".to_owned()));
        let tag = tag.or_fail("look up", self)?;
        if let Some(descriptor) = self.resolve(tag).await? {
            return Ok(descriptor.digest);
        }
        // Only to help: that there is no such tag is known already.
        let tags = self.tags().await.unwrap_or_default();
        let newest: Vec<_> = tags.iter().rev().take(8).map(Tag::as_str).collect();
        let detail = match newest.as_slice() {
            [] => ": no such repository, or nothing is tagged in it; check the name, or release it first"
                .to_owned(),
            some if some.len() == tags.len() => {
                format!(": no such tag; the repository has {}", some.join(", "))
            }
            some => format!(
                ": no such tag; the repository has {} tags, such as {}",
                tags.len(),
                some.join(", ")
            ),
        };
        Err(Error::new(
            "look up",
            format_args!("{self}:{tag}"),
            Cause::NotFound { detail },
        ))
    }

    /// A manifest's bytes: verified, at most 4 MiB.
    pub async fn manifest(&self, digest: &Digest) -> Result<StoredManifest> {
        let read = async {
            let (bytes, stated) = match &self.registry.kind {
                Kind::Distribution(remote) => remote.manifest(&self.name, digest).await?,
                Kind::Layout(layout) => (layout.manifest(digest)?, None),
                Kind::Packed(packed) => (packed.manifest(digest).await?, None),
            };
            let found = Digest::of(&bytes);
            if found != *digest {
                return Err(Cause::Digest {
                    expected: *digest,
                    found,
                });
            }
            StoredManifest::new(bytes, stated.as_deref())
        };
        let place = || match &self.registry.kind {
            Kind::Packed(packed) => packed.place(digest),
            _ => format!("{self}@{digest}"),
        };
        read.await
            .map_err(|cause| Error::new("read manifest", place(), cause))
    }

    /// Stores a manifest whose blobs and children are there, and points `tag` at it. One with a subject is found from
    /// its subject from then on, whether the registry sees to that or not.
    pub async fn put_manifest(&self, tag: Option<&Tag>, bytes: Bytes) -> Result<Descriptor> {
        let digest = Digest::of(&bytes);
        let version = tag.map_or_else(|| format!("@{digest}"), |tag| format!(":{tag}"));
        let write = async {
            if bytes.len() as u64 > MANIFEST_LIMIT {
                return Err(Cause::TooLarge {
                    limit: MANIFEST_LIMIT,
                });
            }
            let manifest = StoredManifest::new(bytes, None)?;
            match &self.registry.kind {
                Kind::Distribution(remote) => remote.put_manifest(&self.name, tag, &manifest).await?,
                Kind::Layout(layout) => layout.put_manifest(&self.name, tag, &manifest).await?,
                Kind::Packed(_) => return Err(read_only()),
            }
            Ok(manifest.descriptor)
        };
        write
            .await
            .or_fail("write manifest", format_args!("{self}{version}"))
    }

    /// All tags, sorted.
    pub async fn tags(&self) -> Result<Vec<Tag>> {
        let tags = match &self.registry.kind {
            Kind::Distribution(remote) => remote.tags(&self.name).await,
            Kind::Layout(layout) => layout.tags(&self.name),
            Kind::Packed(_) => Ok(Vec::new()),
        };
        let mut tags = tags.or_fail("list the tags of", self)?;
        tags.sort();
        Ok(tags)
    }

    /// The manifests that name this one as their subject, as the registry or a list says.
    pub(crate) async fn subject_of(&self, digest: &Digest) -> Result<Vec<Descriptor>> {
        match &self.registry.kind {
            Kind::Distribution(remote) => remote.referrers(&self.name, digest).await,
            Kind::Layout(layout) => layout.referrers(&self.name, digest),
            Kind::Packed(_) => Ok(Vec::new()),
        }
        .or_fail("look for what refers to", format_args!("{self}@{digest}"))
    }

    pub async fn has_blob(&self, blob: &Descriptor) -> Result<bool> {
        match &self.registry.kind {
            Kind::Distribution(remote) => remote.has_blob(&self.name, blob).await,
            Kind::Layout(layout) => layout.has_blob(blob),
            Kind::Packed(packed) => packed.has_blob(blob),
        }
        .or_fail(format!("look for blob {} in", blob.digest), self)
    }

    /// The blob's bytes; the stream ends with an error where they are not the ones that `blob` names.
    pub async fn read_blob(&self, blob: &Descriptor) -> Result<BlobStream> {
        Ok(stream::verified(
            self.open_blob(blob, 0).await?,
            blob,
            self.place(&blob.digest),
        ))
    }

    /// The same as a reader.
    pub async fn blob_reader(&self, blob: &Descriptor) -> Result<impl AsyncRead + Send + Unpin + use<>> {
        self.read_blob(blob).await.map(stream::reader)
    }

    /// The whole blob in memory, refused if it is larger than `limit`.
    pub async fn blob_bytes(&self, blob: &Descriptor, limit: u64) -> Result<Bytes> {
        if blob.size > limit {
            return Err(Error::new(
                format!("read blob {} from", blob.digest),
                self,
                Cause::TooLarge { limit },
            ));
        }
        stream::collect(self.read_blob(blob).await?, blob.size).await
    }

    /// Stores bytes as a blob, unless they are there.
    pub async fn push_bytes(&self, media_type: &str, bytes: impl Into<Bytes>) -> Result<Descriptor> {
        let bytes = bytes.into();
        let blob = Descriptor::of(media_type, &bytes);
        self.write_blob(&blob, Source::Bytes(bytes), Arc::new(Silent))
            .await?;
        Ok(blob)
    }

    /// Stores a file as a blob, unless it is there. Streamed; a file that changes meanwhile is an error.
    pub async fn push_file(
        &self,
        media_type: &str,
        file: &Path,
        progress: Arc<dyn Progress>,
    ) -> Result<Descriptor> {
        let blob = describe(media_type, file).await.or_fail("read", file.display())?;
        self.write_blob(&blob, Source::File(file), progress).await?;
        Ok(blob)
    }

    /// Answers how many bytes were moved; none if the blob was there.
    pub(crate) async fn write_blob(
        &self,
        blob: &Descriptor,
        source: Source<'_>,
        progress: Arc<dyn Progress>,
    ) -> Result<u64> {
        let operation = || format!("write blob {} to", blob.digest);
        match &self.registry.kind {
            Kind::Distribution(remote) => remote.write_blob(&self.name, blob, source, progress).await,
            Kind::Layout(layout) => layout.write_blob(blob, source, progress).await,
            Kind::Packed(_) => Err(read_only()),
        }
        .or_fail(operation(), self)
    }

    /// The bytes from an offset on, not verified.
    pub(crate) async fn open_blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream> {
        match &self.registry.kind {
            Kind::Distribution(remote) => Ok(remote.open_blob(&self.name, blob, offset, self.to_string())),
            Kind::Layout(layout) => layout.open_blob(blob, offset).await,
            Kind::Packed(packed) => packed.open_blob(blob, offset),
        }
    }

    /// The host whose storage this is, where a blob can be mounted from one repository into another.
    pub(crate) fn server(&self) -> Option<(&str, &RepositoryName)> {
        match &self.registry.kind {
            Kind::Distribution(remote) => Some((remote.host(), &self.name)),
            Kind::Layout(_) | Kind::Packed(_) => None,
        }
    }

    /// Blobs are best read in this order.
    pub(crate) fn position(&self, digest: &Digest) -> u64 {
        match &self.registry.kind {
            Kind::Packed(packed) => packed.position(digest),
            _ => 0,
        }
    }

    /// Where a blob is, for messages.
    fn place(&self, digest: &Digest) -> String {
        match &self.registry.kind {
            Kind::Packed(packed) => packed.place(digest),
            _ => self.to_string(),
        }
    }
}

fn read_only() -> Cause {
    Cause::Unsupported("an archive is only read".to_owned())
}

impl std::fmt::Display for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.registry.url {
            RegistryUrl::Layout(file) if matches!(self.registry.kind, Kind::Packed(_)) => {
                write!(f, "{}", file.display())
            }
            RegistryUrl::Layout(folder) => write!(f, "{}#{}", folder.display(), self.name),
            RegistryUrl::Distribution { host, plain, .. } => {
                let url = RegistryUrl::Distribution {
                    host: host.clone(),
                    plain: *plain,
                    prefix: None,
                };
                write!(f, "{url}/{}", self.name)
            }
        }
    }
}

impl Source<'_> {
    /// For messages.
    pub(crate) fn place(&self, blob: &Descriptor) -> String {
        match self {
            Self::Bytes(_) => "memory".to_owned(),
            Self::File(path) => path.display().to_string(),
            Self::Blob(repository) => repository.place(&blob.digest),
        }
    }

    pub(crate) async fn open(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream> {
        match self {
            Self::Bytes(bytes) => Ok(stream::from_bytes(
                bytes.slice(usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len())..),
            )),
            Self::File(path) => stream::from_file(path.to_path_buf(), offset).await,
            Self::Blob(repository) => repository.open_blob(blob, offset).await,
        }
    }
}

async fn describe(media_type: &str, file: &Path) -> std::io::Result<Descriptor> {
    let mut file = tokio::fs::File::open(file).await?;
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 256 * 1024];
    let mut size = 0;
    loop {
        match file.read(&mut buffer).await? {
            0 => return Ok(Descriptor::new(media_type, hasher.finish(), size)),
            read => {
                hasher.update(&buffer[..read]);
                size += read as u64;
            }
        }
    }
}

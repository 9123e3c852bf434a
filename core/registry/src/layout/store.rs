//! The folder itself: `oci-layout`, `blobs/sha256/`, and `ingest/` for what is not complete yet.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use slipway_model::Digest;

use super::index::Index;
use crate::{
    descriptor::Descriptor,
    error::{Cause, Result},
    ingest::{self, Ingest},
    manifest::{MANIFEST_LIMIT, Manifest, StoredManifest},
    progress::{Event, Progress, Silent},
    reference::{RepositoryName, Tag},
    referrers::{REFERRERS, fallback_tag, too_many},
    repository::Source,
    stream::{self, BlobStream},
};

#[derive(Debug, Clone)]
pub(crate) struct Layout {
    folder: PathBuf,
}

impl Layout {
    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    pub(crate) fn resolve(
        &self,
        repository: &RepositoryName,
        tag: &Tag,
    ) -> Result<Option<Descriptor>, Cause> {
        Index::read(&self.folder)?.get(repository, tag)
    }

    pub(crate) fn tags(&self, repository: &RepositoryName) -> Result<Vec<Tag>, Cause> {
        Ok(Index::read(&self.folder)?.tags(repository))
    }

    pub(crate) fn manifest(&self, digest: &Digest) -> Result<Bytes, Cause> {
        let file = match File::open(self.blob(digest)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Cause::NotFound {
                    detail: " in this folder".to_owned(),
                });
            }
            Err(error) => return Err(error.into()),
        };
        let mut bytes = Vec::new();
        file.take(MANIFEST_LIMIT + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MANIFEST_LIMIT {
            return Err(Cause::TooLarge {
                limit: MANIFEST_LIMIT,
            });
        }
        Ok(bytes.into())
    }

    pub(crate) async fn put_manifest(
        &self,
        repository: &RepositoryName,
        tag: Option<&Tag>,
        manifest: &StoredManifest,
    ) -> Result<(), Cause> {
        let source = Source::Bytes(manifest.bytes.clone());
        self.write_blob(&manifest.descriptor, source, Arc::new(Silent))
            .await?;
        // A folder has no server that would remember what refers to what.
        let refers = manifest.subject()?.is_some();
        if tag.is_none() && !refers {
            return Ok(());
        }
        let _lock = self.lock().await?;
        let mut index = Index::read(&self.folder)?;
        let mut changed = refers && index.list(&manifest.descriptor)?;
        if let Some(tag) = tag {
            changed |= index.set(repository, tag, &manifest.descriptor)?;
        }
        if changed {
            index.write(&self.folder)?;
        }
        Ok(())
    }

    /// The manifests named in `index.json` whose subject this is, and what others listed under a tag.
    pub(crate) fn referrers(
        &self,
        repository: &RepositoryName,
        subject: &Digest,
    ) -> Result<Vec<Descriptor>, Cause> {
        let index = Index::read(&self.folder)?;
        let mut found = Vec::new();
        if let Some(list) = index.get(repository, &fallback_tag(subject))? {
            let stored = StoredManifest::new(self.manifest(&list.digest)?, Some(&list.media_type))?;
            if stored.descriptor.digest != list.digest {
                return Err(Cause::Digest {
                    expected: list.digest,
                    found: stored.descriptor.digest,
                });
            }
            found = Manifest::parse(&stored.bytes, Some(&list.media_type))?.manifests;
        }
        for entry in index.manifests() {
            let bytes = match self.manifest(&entry.digest) {
                Ok(bytes) => bytes,
                // A folder that holds a part of what it names.
                Err(Cause::NotFound { .. } | Cause::TooLarge { .. }) => continue,
                Err(cause) => return Err(cause),
            };
            // What cannot be read refers to nothing.
            let Ok(manifest) = StoredManifest::new(bytes, Some(&entry.media_type)) else {
                continue;
            };
            if manifest.subject()? != Some(*subject) {
                continue;
            }
            if manifest.descriptor.digest != entry.digest {
                return Err(Cause::Digest {
                    expected: entry.digest,
                    found: manifest.descriptor.digest,
                });
            }
            found.push(manifest.as_referrer()?);
        }
        if found.len() > REFERRERS {
            return Err(too_many());
        }
        Ok(found)
    }

    /// Names are given to complete blobs only, so that the size tells a damaged file.
    pub(crate) fn has_blob(&self, blob: &Descriptor) -> Result<bool, Cause> {
        match fs::metadata(self.blob(&blob.digest)) {
            Ok(metadata) if metadata.len() == blob.size => Ok(true),
            Ok(metadata) => Err(Cause::Size {
                expected: blob.size,
                found: metadata.len().to_string(),
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) async fn open_blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream> {
        stream::from_file(self.blob(&blob.digest), offset).await
    }

    pub(crate) async fn write_blob(
        &self,
        blob: &Descriptor,
        source: Source<'_>,
        progress: Arc<dyn Progress>,
    ) -> Result<u64, Cause> {
        let there = Event::AlreadyThere {
            digest: blob.digest,
            size: blob.size,
        };
        if self.has_blob(blob)? {
            progress.event(there);
            return Ok(0);
        }
        self.prepare()?;
        let ingest = Ingest {
            digest: blob.digest,
            operation: format!("read blob {} from", blob.digest),
            source: source.place(blob),
            size: Some(blob.size),
            limit: blob.size,
            partial: self
                .folder
                .join("ingest")
                .join(format!("{}.partial", blob.digest.hex())),
            target: self.blob(&blob.digest),
            replace: false,
            progress: Arc::clone(&progress),
        };
        let moved = ingest
            .run(|offset| source.open(blob, offset))
            .await
            .map_err(Cause::Source)?;
        if moved.is_none() {
            progress.event(there);
        }
        Ok(moved.unwrap_or_default())
    }

    fn blob(&self, digest: &Digest) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.hex())
    }

    fn prepare(&self) -> Result<(), Cause> {
        fs::create_dir_all(self.folder.join("blobs/sha256"))?;
        fs::create_dir_all(self.folder.join("ingest"))?;
        let marker = self.folder.join("oci-layout");
        if !marker.exists() {
            ingest::replace(&marker, br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        }
        Ok(())
    }

    /// One writer of the index at a time, in this process and in others.
    async fn lock(&self) -> Result<File, Cause> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(self.folder.join("ingest/index.lock"))?;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(20)).await,
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Client, Patience, Registry, Repository, descriptor::media};

    fn repository(folder: &Path) -> Repository {
        let client = Client::new(crate::Anonymous, Patience::default()).unwrap();
        let url = crate::RegistryUrl::Layout(folder.to_owned());
        Registry::open(&url, &client).repository(&"shop/web".parse().unwrap())
    }

    fn manifest(text: &str) -> Bytes {
        crate::ManifestBuilder::new("application/vnd.example", Descriptor::of(media::EMPTY, text)).bytes()
    }

    #[tokio::test]
    async fn what_is_pushed_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let repository = repository(folder.path());
        let tag: Tag = "1".parse().unwrap();
        assert_eq!(repository.resolve(&tag).await.unwrap(), None);
        let blob = repository.push_bytes(media::OCTETS, "hello").await.unwrap();
        assert!(repository.has_blob(&blob).await.unwrap());
        assert_eq!(repository.blob_bytes(&blob, 5).await.unwrap(), "hello");
        let first = repository.put_manifest(Some(&tag), manifest("1")).await.unwrap();
        assert_eq!(
            repository.resolve(&tag).await.unwrap().unwrap().digest,
            first.digest
        );
        let second = repository.put_manifest(Some(&tag), manifest("2")).await.unwrap();
        assert_eq!(
            repository.resolve(&tag).await.unwrap().unwrap().digest,
            second.digest
        );
        assert_eq!(repository.tags().await.unwrap(), [tag]);
        assert_eq!(
            repository.manifest(&first.digest).await.unwrap().bytes,
            manifest("1")
        );
        assert_eq!(
            fs::read_dir(folder.path().join("ingest")).unwrap().count(),
            1,
            "only the lock is left"
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn writers_at_the_same_time_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let write = |n: usize| {
            let repository = repository(folder.path());
            tokio::spawn(async move {
                repository
                    .push_bytes(media::OCTETS, vec![7; 100_000])
                    .await
                    .unwrap();
                repository
                    .put_manifest(Some(&format!("v{n}").parse().unwrap()), manifest("{}"))
                    .await
                    .unwrap();
            })
        };
        for task in (0..20).map(write).collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!(repository(folder.path()).tags().await.unwrap().len(), 20);
        assert_eq!(
            fs::read_dir(folder.path().join("ingest")).unwrap().count(),
            1,
            "only the lock is left"
        );
    }

    #[tokio::test]
    async fn damaged_content_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let repository = repository(folder.path());
        let blob = repository.push_bytes(media::OCTETS, "hello").await.unwrap();
        let file = folder.path().join("blobs/sha256").join(blob.digest.hex());
        fs::write(&file, "jello").unwrap();
        let error = repository.blob_bytes(&blob, 5).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Digest { .. }), "{error}");
        fs::write(&file, "hell").unwrap();
        let error = repository.has_blob(&blob).await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Size { .. }), "{error}");
        fs::write(folder.path().join("index.json"), "{}").unwrap();
        let error = repository.tags().await.unwrap_err();
        assert!(matches!(error.cause(), Cause::Malformed(_)), "{error}");
    }
}

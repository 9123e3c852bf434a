//! An archive folder: opened, listed, looked into. Readers take no lock: the index is replaced whole, blobs never change.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Serialize, de::DeserializeOwned};
use slipway_model::Digest;

use crate::{
    EntryMeta, Error, FileInfo, Result,
    append::replace,
    blobs::Blobs,
    document::{Document, VERSION, check_path},
    format::{self, Descriptor, Index, Listed, Manifest},
    sign::SigningKey,
};

/// Bounds what is read into memory from a folder that anybody may have written.
pub(crate) const DOCUMENT_LIMIT: u64 = 64 << 20;

/// An entry's name: the digest of its manifest.
pub type EntryId = Digest;

#[derive(Debug, Clone)]
pub struct Archive {
    pub(crate) folder: PathBuf,
    pub(crate) blobs: Blobs,
    pub(crate) signer: Option<Arc<SigningKey>>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    pub id: EntryId,
    pub sequence: u64,
    pub previous: Option<EntryId>,
    #[serde(flatten)]
    pub meta: EntryMeta,
    /// Who signed it. The signature holds; whether that is somebody to trust is another question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
    /// By path.
    pub files: Vec<FileInfo>,
}

impl Archive {
    /// Opens an archive, making an empty one where there is nothing.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = folder.into();
        let blobs = Blobs::below(&folder);
        fs::create_dir_all(&blobs.folder).map_err(Error::io("create", &blobs.folder))?;
        let archive = Self {
            folder,
            blobs,
            signer: None,
        };
        if !archive.index_path().exists() {
            let _lock = archive.lock()?;
            // Somebody else may have been faster.
            if !archive.index_path().exists() {
                replace(&archive.layout_path(), format::LAYOUT)?;
                replace(&archive.index_path(), &format::to_bytes(&Index::of([], false)))?;
            }
        }
        Ok(archive)
    }

    /// What is appended from here on is signed.
    #[must_use]
    pub fn signed_by(mut self, key: Option<Arc<SigningKey>>) -> Self {
        self.signer = key;
        self
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The latest entry. Kept elsewhere it proves later that nothing before it was changed.
    pub fn head(&self) -> Result<Option<EntryId>> {
        Ok(self.index()?.head())
    }

    /// In the order of the chain.
    pub fn list(&self) -> Result<Vec<Entry>> {
        self.index()?
            .entries()
            .map(|listed| self.entry(&listed))
            .collect()
    }

    /// By sequence, digest, or a prefix of the digest's digits.
    pub fn show(&self, reference: &str) -> Result<Entry> {
        let index = self.index()?;
        let entries: Vec<_> = index.entries().collect();
        let by_sequence = reference.parse().ok().and_then(|sequence: usize| {
            entries
                .get(sequence.checked_sub(1)?)
                .filter(|_| !index.is_excerpt())
        });
        if let Some(listed) = by_sequence {
            return self.entry(listed);
        }
        let digits = reference.strip_prefix("sha256:").unwrap_or(reference);
        let candidates: Vec<_> = entries
            .iter()
            .filter(|entry| entry.digest.hex().starts_with(digits))
            .collect();
        match candidates.as_slice() {
            [listed] if !digits.is_empty() => self.entry(listed),
            [_, _, ..] => Err(Error::Ambiguous {
                prefix: reference.to_owned(),
                candidates: candidates.iter().take(10).map(|entry| entry.digest).collect(),
            }),
            _ => Err(Error::NoSuchEntry(reference.to_owned())),
        }
    }

    /// A file of an entry, verified.
    pub fn read(&self, entry: &Entry, path: &str) -> Result<Vec<u8>> {
        let file = file(entry, path)?;
        self.blobs.read(file.digest, file.size)
    }

    /// Streams a file of an entry. It is verified on the way: after an error drop what was written.
    pub fn copy(&self, entry: &Entry, path: &str, out: &mut dyn Write) -> Result<()> {
        let file = file(entry, path)?;
        self.blobs.copy(file.digest, file.size, out)
    }

    pub(crate) fn index_path(&self) -> PathBuf {
        self.folder.join("index.json")
    }

    pub(crate) fn layout_path(&self) -> PathBuf {
        self.folder.join("oci-layout")
    }

    pub(crate) fn index(&self) -> Result<Index> {
        let path = self.index_path();
        let bytes = read_small(&path).map_err(Error::io("read", &path))?;
        let index: Index = serde_json::from_slice(&bytes).map_err(|error| Error::NotAnArchive {
            path: path.clone(),
            reason: error.to_string(),
        })?;
        if index != index.canonical() {
            return Err(Error::Damaged {
                path,
                reason: "it is not the index of its entries".to_owned(),
            });
        }
        Ok(index)
    }

    fn entry(&self, listed: &Listed) -> Result<Entry> {
        self.entry_and_config(listed).map(|(entry, _)| entry)
    }

    pub(crate) fn entry_and_config(&self, listed: &Listed) -> Result<(Entry, Descriptor)> {
        let id = listed.digest;
        let path = self.blobs.path(id);
        let (manifest, bytes): (Manifest, _) = self.document(id, listed.size)?;
        if listed
            .signature
            .as_ref()
            .is_some_and(|signature| !signature.holds(format::MANIFEST_TYPE, &bytes))
        {
            return Err(Error::Damaged {
                path: self.index_path(),
                reason: format!(
                    "the signature of entry {} is not that of its manifest",
                    id.short()
                ),
            });
        }
        let expected = Manifest::of(manifest.config.clone(), manifest.layers.clone());
        if manifest != expected || manifest.config.media_type != format::ENTRY_TYPE {
            return Err(Error::Damaged {
                path,
                reason: "it is not the manifest of an entry".to_owned(),
            });
        }
        let (document, _): (Document, _) = self.document(manifest.config.digest, manifest.config.size)?;
        if document.version > VERSION {
            return Err(Error::Newer {
                path,
                found: document.version,
                known: VERSION,
            });
        }
        let mut files: Vec<FileInfo> = Vec::with_capacity(manifest.layers.len());
        for layer in &manifest.layers {
            let title = layer.title().unwrap_or_default();
            check_path(title)?;
            if files.last().is_some_and(|last| last.path.as_str() >= title) {
                return Err(Error::Damaged {
                    path,
                    reason: format!("`{title}` is not in order"),
                });
            }
            files.push(FileInfo {
                path: title.to_owned(),
                media_type: layer.media_type.clone(),
                digest: layer.digest,
                size: layer.size,
            });
        }
        let Document {
            sequence,
            previous,
            meta,
            ..
        } = document;
        Ok((
            Entry {
                id,
                sequence,
                previous,
                meta,
                signer: listed
                    .signature
                    .as_ref()
                    .map(|signature| signature.signer.to_string()),
                files,
            },
            manifest.config,
        ))
    }

    /// With its bytes.
    fn document<T: DeserializeOwned>(&self, digest: Digest, size: u64) -> Result<(T, Vec<u8>)> {
        let path = self.blobs.path(digest);
        if size > DOCUMENT_LIMIT {
            return Err(Error::Damaged {
                path,
                reason: format!("{size} bytes are too many for a document"),
            });
        }
        let bytes = self.blobs.read(digest, size)?;
        let document = serde_json::from_slice(&bytes).map_err(|error| Error::Damaged {
            path,
            reason: error.to_string(),
        })?;
        Ok((document, bytes))
    }
}

pub(crate) fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > DOCUMENT_LIMIT {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is too large for a document",
        ));
    }
    fs::read(path)
}

fn file<'a>(entry: &'a Entry, path: &str) -> Result<&'a FileInfo> {
    let place = entry.files.binary_search_by(|file| file.path.as_str().cmp(path));
    place
        .map(|place| &entry.files[place])
        .map_err(|_| Error::NoSuchFile {
            entry: entry.id,
            path: path.to_owned(),
        })
}

//! Appending: blobs first, all of them synchronised, then the index that names them. Killed anywhere, the archive is
//! either the old or the new one; what is left over is no part of it.
//!
//! A blob that is there already is not written again. It is read once to see that it is whole: an entry must not be
//! built on a blob that has rotted, and this is the moment at which the right bytes are at hand.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use slipway_model::Digest;

use crate::{
    Archive, EntryFile, EntryId, Error, NewEntry, Result, Source,
    blobs::{PENDING, hash_file, pump},
    document::{Document, VERSION, check_path},
    format::{self, Descriptor, Index, Listed, Manifest},
};

/// Files written and not yet visible.
#[derive(Default)]
struct Batch {
    pending: Vec<(PathBuf, Digest)>,
    /// Seen in this batch: whole and in place, or pending.
    known: HashSet<Digest>,
}

impl Archive {
    /// Adds an entry after the latest one. Waits for whoever else is appending.
    pub fn append<F: IntoIterator<Item = EntryFile>>(&self, entry: NewEntry<F>) -> Result<EntryId> {
        let _lock = self.lock()?;
        let index = self.index()?;
        if index.is_excerpt() {
            return Err(Error::Excerpt(self.folder.clone()));
        }
        self.sweep()?;
        let mut batch = Batch::default();
        let mut layers = Vec::new();
        for file in entry.files {
            layers.push(self.layer(&mut batch, file)?);
        }
        layers.sort_by(|one, other| one.title().cmp(&other.title()));
        if let Some(twice) = layers.windows(2).find(|pair| pair[0].title() == pair[1].title()) {
            let path = twice[0].title().unwrap_or_default().to_owned();
            return Err(Error::BadPath {
                path,
                reason: "the entry has another file of that name",
            });
        }
        let document = Document {
            version: VERSION,
            sequence: index.manifests.len() as u64 + 1,
            previous: index.head(),
            meta: entry.meta,
        }
        .to_bytes()?;
        let config = self.add_bytes(&mut batch, &document)?;
        let config = Descriptor::new(format::ENTRY_TYPE, config, document.len() as u64);
        let manifest = format::to_bytes(&Manifest::of(config, layers));
        let id = self.add_bytes(&mut batch, &manifest)?;
        self.settle(batch)?;
        let added = Listed {
            digest: id,
            size: manifest.len() as u64,
            signature: self
                .signer
                .as_ref()
                .map(|key| key.sign(format::MANIFEST_TYPE, &manifest)),
        };
        let index = Index::of(index.entries().chain([added]), false);
        replace(&self.index_path(), &format::to_bytes(&index))?;
        Ok(id)
    }

    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.folder.join(".lock");
        let open = || {
            let file = File::options().create(true).append(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(Error::io("lock", &path))
    }

    fn layer(&self, batch: &mut Batch, file: EntryFile) -> Result<Descriptor> {
        check_path(&file.path)?;
        let (digest, size) = match &file.source {
            Source::Bytes(bytes) => (self.add_bytes(batch, bytes)?, bytes.len() as u64),
            Source::Path(path) => self.add_file(batch, path)?,
            Source::Archived(digest) => {
                let unknown = || Error::UnknownBlob {
                    digest: *digest,
                    archive: self.folder.clone(),
                };
                (*digest, self.blobs.whole(*digest)?.ok_or_else(unknown)?)
            }
        };
        Ok(Descriptor::titled(&file.media_type, digest, size, &file.path))
    }

    fn add_bytes(&self, batch: &mut Batch, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        if self.is_new(batch, digest)? {
            let (path, mut file) = self.pending(batch)?;
            file.write_all(bytes).map_err(Error::io("write", &path))?;
            batch.pending.push((path, digest));
        }
        Ok(digest)
    }

    fn add_file(&self, batch: &mut Batch, source: &Path) -> Result<(Digest, u64)> {
        let (digest, size) = hash_file(source).map_err(Error::io("read", source))?;
        if self.is_new(batch, digest)? {
            let (path, mut file) = self.pending(batch)?;
            let from = File::open(source).map_err(Error::io("open", source))?;
            let copied = pump(from, &mut file).map_err(Error::io("copy into the archive", source))?;
            if copied != (digest, size) {
                return Err(Error::Changed {
                    path: source.to_owned(),
                });
            }
            batch.pending.push((path, digest));
        }
        Ok((digest, size))
    }

    fn is_new(&self, batch: &mut Batch, digest: Digest) -> Result<bool> {
        Ok(batch.known.insert(digest) && self.blobs.whole(digest)?.is_none())
    }

    fn pending(&self, batch: &Batch) -> Result<(PathBuf, File)> {
        let path = self
            .blobs
            .folder
            .join(format!("{PENDING}{}", batch.pending.len()));
        let file = File::create(&path).map_err(Error::io("create", &path))?;
        Ok((path, file))
    }

    /// Everything to disk, then into place, then the folder once.
    fn settle(&self, batch: Batch) -> Result<()> {
        for (path, _) in &batch.pending {
            // Opened again: a large entry has more files than a process may hold open.
            File::open(path)
                .and_then(|file| file.sync_all())
                .map_err(Error::io("synchronise", path))?;
        }
        for (path, digest) in &batch.pending {
            fs::rename(path, self.blobs.path(*digest)).map_err(Error::io("rename", path))?;
        }
        sync_folder(&self.blobs.folder)
    }

    /// What a killed process was writing. The lock is ours, so nobody else is.
    fn sweep(&self) -> Result<()> {
        let (_, others) = self.blobs.list().map_err(Error::io("list", &self.blobs.folder))?;
        for name in others.iter().filter(|name| name.starts_with(PENDING)) {
            let path = self.blobs.folder.join(name);
            fs::remove_file(&path).map_err(Error::io("remove", &path))?;
        }
        Ok(())
    }
}

/// The old bytes or the new ones, whatever happens.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let aside = path.with_extension("new");
    let write = || {
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, path)
    };
    write().map_err(Error::io("write", path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|open| open.sync_all())
        .map_err(Error::io("synchronise", folder))
}

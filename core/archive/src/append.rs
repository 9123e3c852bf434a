//! Appending an entry after the latest one.

use slipway_model::Digest;

use std::sync::{Mutex, PoisonError};

use crate::{
    Archive, EntryFile, EntryId, Error, NewEntry, Result, Source,
    document::{Document, check_path},
    format::{self, Descriptor, Index, Listed, Manifest},
    parallel::in_parallel,
    places::{Folder, Store as _, Writer as _, Writing},
};

impl Archive {
    /// Adds an entry after the latest one. Waits for whoever else is appending.
    pub fn append<F>(&self, entry: NewEntry<F>) -> Result<EntryId>
    where
        F: IntoIterator<Item = EntryFile, IntoIter: Send>,
    {
        let place = || self.store.place("");
        let folder = self.folder.as_ref().ok_or_else(|| Error::NotAFolder(place()))?;
        let writing = Box::new(Writing::begin(folder)?);
        let index = self.trusted(writing.read())?;
        if index.is_excerpt() {
            return Err(Error::Excerpt(place()));
        }
        if let Some(latest) = index.manifests.len().checked_sub(1) {
            self.in_place(&index, latest)?;
        }
        let layers = layers(folder, &writing, entry.files)?;
        let document = Document {
            version: format::VERSION,
            sequence: index.length() + 1,
            previous: index.head(),
            was: None,
            meta: entry.meta,
        };
        let added = self.write(&document, layers, &writing)?;
        let id = added.digest;
        let index = Index::of(index.entries().chain([added]), index.extent());
        writing.commit(&format::to_bytes(&index))?;
        Ok(id)
    }

    /// The documents of an entry, signed if there is a key; its files are there.
    pub(crate) fn write(
        &self,
        document: &Document,
        layers: Vec<Descriptor>,
        writing: &Writing<'_>,
    ) -> Result<Listed> {
        let document = document.to_bytes()?;
        let config = writing.add_bytes(&document)?;
        let config = Descriptor::new(format::ENTRY_TYPE, config, document.len() as u64);
        let manifest = format::to_bytes(&Manifest::of(config, layers));
        Ok(Listed {
            digest: writing.add_bytes(&manifest)?,
            size: manifest.len() as u64,
            signature: self
                .signer
                .as_ref()
                .map(|key| key.sign(format::MANIFEST_TYPE, &manifest)),
        })
    }
}

/// By name, no name twice.
fn layers(
    folder: &Folder,
    writing: &Writing<'_>,
    files: impl IntoIterator<Item = EntryFile, IntoIter: Send>,
) -> Result<Vec<Descriptor>> {
    let layers = Mutex::new(Vec::new());
    in_parallel(folder.width(), files, |file| {
        let layer = layer(folder, writing, file)?;
        layers.lock().unwrap_or_else(PoisonError::into_inner).push(layer);
        Ok(())
    })?;
    let mut layers = layers.into_inner().unwrap_or_else(PoisonError::into_inner);
    layers.sort_by(|one, other| one.title().cmp(&other.title()));
    match layers.windows(2).find(|pair| pair[0].title() == pair[1].title()) {
        None => Ok(layers),
        Some(twice) => Err(Error::BadPath {
            path: twice[0].title().unwrap_or_default().to_owned(),
            reason: "the entry has another file of that name",
        }),
    }
}

fn layer(folder: &Folder, writing: &Writing<'_>, file: EntryFile) -> Result<Descriptor> {
    check_path(&file.path)?;
    let (digest, size) = match &file.source {
        Source::Bytes(bytes) => (writing.add_bytes(bytes)?, bytes.len() as u64),
        Source::Path(path) => writing.add_file(path)?,
        Source::Archived(digest) => (*digest, archived(folder, writing, *digest)?),
    };
    Ok(Descriptor::titled(&file.media_type, digest, size, &file.path))
}

fn archived(folder: &Folder, writing: &Writing<'_>, digest: Digest) -> Result<u64> {
    writing.whole(digest)?.ok_or_else(|| Error::UnknownBlob {
        digest,
        archive: folder.place(""),
    })
}

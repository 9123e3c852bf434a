//! An archive: opened, listed, looked into. Whatever is read is held against its digest, the chain, and what is known from
//! elsewhere.

use std::{io::Write, path::PathBuf, sync::Arc};

use slipway_model::Digest;

use crate::{
    Entry, EntryId, Error, FileInfo, Result, Trust,
    chain::Chain,
    format::{Descriptor, Index, Listed, Manifest},
    places::{self, Folder, Store},
    sign::SigningKey,
};

/// Bounds what is read into memory from a place that anybody may have written to.
pub(crate) const DOCUMENT_LIMIT: u64 = 64 << 20;

#[derive(Debug, Clone)]
pub struct Archive {
    pub(crate) store: Arc<dyn Store>,
    /// The same, where it is one: entries are appended in a folder.
    pub(crate) folder: Option<Folder>,
    pub(crate) signer: Option<Arc<SigningKey>>,
    pub(crate) trust: Trust,
}

impl Archive {
    /// Opens an archive, making an empty one where there is nothing.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self> {
        let folder = Folder::open(folder.into())?;
        Ok(Self {
            folder: Some(folder.clone()),
            ..Self::at(folder)
        })
    }

    pub(crate) fn at(store: impl Store + 'static) -> Self {
        Self {
            store: Arc::new(store),
            folder: None,
            signer: None,
            trust: Trust::default(),
        }
    }

    /// What is appended from here on is signed.
    #[must_use]
    pub fn signed_by(mut self, key: Option<Arc<SigningKey>>) -> Self {
        self.signer = key;
        self
    }

    /// What it is held against from here on.
    #[must_use]
    pub fn trusting(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Where it is, for messages.
    pub fn place(&self) -> String {
        self.store.place("")
    }

    /// The latest entry. Kept elsewhere it proves later that nothing before it was changed.
    pub fn head(&self) -> Result<Option<EntryId>> {
        Ok(self.index()?.head())
    }

    /// In the order of the chain, all of which is looked at.
    pub fn list(&self) -> Result<Vec<Entry>> {
        let index = self.index()?;
        let mut chain = Chain::of(&index);
        let mut entries = Vec::with_capacity(index.manifests.len());
        for listed in index.entries() {
            let entry = self.entry(&listed)?;
            chain
                .follow(&entry)
                .map_err(|reason| self.misplaced(&entry, &reason))?;
            entries.push(entry);
        }
        Ok(entries)
    }

    /// By sequence, digest, or a prefix of the digest's digits. That it stands where it belongs is seen from the entry before
    /// and the latest one.
    pub fn show(&self, reference: &str) -> Result<Entry> {
        let index = self.index()?;
        let place = find(&index, reference)?;
        let latest = index.manifests.len() - 1;
        let entry = self.in_place(&index, place)?;
        if place != latest {
            self.in_place(&index, latest)?;
        }
        Ok(entry)
    }

    /// A file of an entry, verified.
    pub fn read(&self, entry: &Entry, path: &str) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.copy(entry, path, &mut bytes)?;
        Ok(bytes)
    }

    /// Streams a file of an entry. It is verified on the way: after an error drop what was written.
    pub fn copy(&self, entry: &Entry, path: &str, out: &mut dyn Write) -> Result<()> {
        let file = file(entry, path)?;
        places::copy(&*self.store, file.digest, file.size, out)
    }

    /// The index, if it is one, to the byte, and what is known from elsewhere says nothing against it.
    pub(crate) fn index(&self) -> Result<Index> {
        self.trusted(&self.store.index()?)
    }

    pub(crate) fn trusted(&self, bytes: &[u8]) -> Result<Index> {
        let index = self.parse(bytes)?;
        match self.trust.problems(&index).into_iter().next() {
            None => Ok(index),
            Some((entry, reason)) => Err(Error::Untrusted {
                place: self.store.place("index.json"),
                reason: match entry {
                    Some(entry) => format!("entry {}: {reason}", entry.short()),
                    None => reason,
                },
            }),
        }
    }

    pub(crate) fn parse(&self, bytes: &[u8]) -> Result<Index> {
        let index: Index = serde_json::from_slice(bytes).map_err(|error| Error::NotAnArchive {
            place: self.store.place("index.json"),
            reason: error.to_string(),
        })?;
        if index.is_canonical(bytes) {
            return Ok(index);
        }
        Err(Error::Damaged {
            place: self.store.place("index.json"),
            reason: "it is not the index of its entries, byte for byte".to_owned(),
        })
    }

    /// The entry at a place of the index, if it belongs there.
    pub(crate) fn in_place(&self, index: &Index, place: usize) -> Result<Entry> {
        Ok(self.whole_in_place(index, place)?.0)
    }

    /// With its manifest, and the bytes of that.
    pub(crate) fn whole_in_place(&self, index: &Index, place: usize) -> Result<(Entry, Manifest, Vec<u8>)> {
        let listed = Listed::of(&index.manifests[place]);
        let (manifest, bytes) = self.manifest(&listed)?;
        let entry = self.of_manifest(&listed, &manifest)?;
        if index.is_excerpt() {
            return Ok((entry, manifest, bytes));
        }
        let due = index.skipped() + place as u64 + 1;
        let before = index.id(due - 1);
        if entry.sequence != due {
            let reason = format!("its sequence is {} where {due} is due", entry.sequence);
            return Err(self.misplaced(&entry, &reason));
        }
        if entry.previous != before {
            return Err(self.misplaced(&entry, "it does not name the entry before it"));
        }
        Ok((entry, manifest, bytes))
    }

    fn entry(&self, listed: &Listed) -> Result<Entry> {
        let (manifest, _) = self.manifest(listed)?;
        self.of_manifest(listed, &manifest)
    }

    /// With its bytes.
    pub(crate) fn manifest(&self, listed: &Listed) -> Result<(Manifest, Vec<u8>)> {
        let place = self.store.blob(listed.digest);
        self.small(listed.digest, listed.size)?;
        let bytes = places::read_manifest(&*self.store, listed.digest, listed.size)?;
        Ok((Manifest::of_entry(listed, &bytes, &place)?, bytes))
    }

    pub(crate) fn of_manifest(&self, listed: &Listed, manifest: &Manifest) -> Result<Entry> {
        let Descriptor { digest, size, .. } = manifest.config;
        self.small(digest, size)?;
        let config = places::read(&*self.store, digest, size)?;
        manifest.entry(listed, &config, &self.store.blob(listed.digest))
    }

    fn small(&self, digest: Digest, size: u64) -> Result<()> {
        if size <= DOCUMENT_LIMIT {
            return Ok(());
        }
        Err(Error::Damaged {
            place: self.store.blob(digest),
            reason: format!("{size} bytes are too many for a document"),
        })
    }

    fn misplaced(&self, entry: &Entry, reason: &str) -> Error {
        Error::Damaged {
            place: self.store.place("index.json"),
            reason: format!("entry {}: {reason}", entry.id.short()),
        }
    }
}

/// Where in the index an entry is.
fn find(index: &Index, reference: &str) -> Result<usize> {
    let sequence: Option<u64> = reference.parse().ok().filter(|_| !index.is_excerpt());
    if let Some(place) = sequence.and_then(|sequence| index.place(sequence)) {
        return Ok(place);
    }
    let digits = reference.strip_prefix("sha256:").unwrap_or(reference);
    let digests = index.manifests.iter().map(|entry| entry.digest);
    let candidates: Vec<_> = digests
        .enumerate()
        .filter(|(_, digest)| digest.hex().starts_with(digits))
        .collect();
    match candidates.as_slice() {
        [(place, _)] if !digits.is_empty() => Ok(*place),
        [_, _, ..] => Err(Error::Ambiguous {
            prefix: reference.to_owned(),
            candidates: candidates.iter().take(10).map(|(_, digest)| *digest).collect(),
        }),
        _ => Err(Error::NoSuchEntry(reference.to_owned())),
    }
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

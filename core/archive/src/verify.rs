//! Verification: every byte that the archive is made of is read and accounted for, every problem is listed.
//!
//! An archive proves what led to its head; it cannot prove by itself that the head is the latest. Whoever wrote the
//! head down elsewhere says so ([`crate::Trust`]): it must be in the chain, as the head or below it. And whoever knows whose
//! archive it is gives their public keys: every entry must be signed by one of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, io,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use slipway_model::Digest;

use crate::{
    Archive, Entry, EntryId, Error, Result,
    chain::Chain,
    format::{Index, Listed},
    parallel::in_parallel,
    places::{Listing, copy},
};

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    pub head: Option<EntryId>,
    pub entries: u64,
    /// How many of them are signed.
    pub signed: u64,
    pub blobs: u64,
    pub bytes: u64,
    /// Chosen entries of another archive: what lies between them cannot be proven.
    pub excerpt: bool,
    /// The entry that its first one follows, if that is elsewhere: what led to it is proven there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<EntryId>,
    /// Empty: the archive is what it was when its head was written.
    pub problems: Vec<Problem>,
    /// Worth knowing, and no problem: what killed processes left behind.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub entry: Option<EntryId>,
    /// Where in the archive, or the name of a file in the entry.
    pub file: String,
    pub reason: String,
}

/// What was found of each blob.
type Found = BTreeMap<Digest, Result<u64>>;

impl Report {
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, entry: Option<EntryId>, file: impl Into<String>, reason: impl Into<String>) {
        self.problems.push(Problem {
            entry,
            file: file.into(),
            reason: reason.into(),
        });
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            Some(entry) => write!(f, "entry {}, {}: {}", entry.short(), self.file, self.reason),
            None => write!(f, "{}: {}", self.file, self.reason),
        }
    }
}

impl Archive {
    /// Never fails: what cannot be read is a problem like any other.
    pub fn verify(&self) -> Report {
        let mut report = Report::default();
        // The index before the blobs: what is appended meanwhile is then only a blob too many.
        let index = self.verified_index(&mut report);
        let listing = self.store.list().unwrap_or_else(|error| {
            report.problem(None, "blobs/sha256", reason(&error));
            None
        });
        let Listing { blobs, others } = listing.unwrap_or_default();
        let notes = others
            .into_iter()
            .map(|name| format!("blobs/sha256/{name} is no blob"));
        report.notes.extend(notes);
        let mut found = Found::new();
        let entries = index
            .as_ref()
            .map(|index| self.verify_chain(index, &mut found, &mut report));
        let entries = entries.unwrap_or_default();
        let files = entries.iter().flat_map(|entry| &entry.files);
        let documents = found.keys().copied();
        let named: BTreeSet<_> = documents.chain(files.clone().map(|file| file.digest)).collect();
        // What is there has the size that it has; what only an entry names should have that one.
        let mut sizes: BTreeMap<_, _> = files.map(|file| (file.digest, file.size)).collect();
        sizes.extend(blobs);
        self.hash_all(sizes, &mut found);
        for entry in &entries {
            verify_files(entry, &found, &mut report);
        }
        verify_blobs(&found, &mut report);
        // Of what cannot be read nobody knows what it names.
        if index.is_some_and(|index| index.manifests.len() == entries.len()) {
            note_unnamed(&found, &named, &mut report);
        }
        report
    }

    fn verified_index(&self, report: &mut Report) -> Option<Index> {
        let index = match self.store.index().and_then(|bytes| self.parse(&bytes)) {
            Ok(index) => index,
            Err(error) => {
                report.problem(None, "index.json", reason(&error));
                return None;
            }
        };
        report.head = index.head();
        report.excerpt = index.is_excerpt();
        report.after = index.after().map(|before| before.id);
        report.entries = index.manifests.len() as u64;
        for (entry, reason) in self.trust.problems(&index) {
            report.problem(entry, "index.json", reason);
        }
        Some(index)
    }

    /// The entries that can be read.
    fn verify_chain(&self, index: &Index, found: &mut Found, report: &mut Report) -> Vec<Entry> {
        let mut chain = Chain::of(index);
        let mut entries = Vec::with_capacity(index.manifests.len());
        for listed in index.entries() {
            report.signed += u64::from(listed.signature.is_some());
            match self.verified_entry(&listed, found) {
                Ok(entry) => {
                    if let Err(reason) = chain.follow(&entry) {
                        report.problem(Some(entry.id), "entry.json", reason);
                    }
                    entries.push(entry);
                }
                Err(error) => {
                    report.problem(Some(listed.digest), "manifest", reason(&error));
                    chain.pass(listed.digest);
                }
            }
        }
        entries
    }

    fn verified_entry(&self, listed: &Listed, found: &mut Found) -> Result<Entry> {
        let (manifest, _) = self.manifest(listed)?;
        found.insert(listed.digest, Ok(listed.size));
        let entry = self.of_manifest(listed, &manifest)?;
        found.insert(manifest.config.digest, Ok(manifest.config.size));
        Ok(entry)
    }

    /// Each blob that was not read yet.
    fn hash_all(&self, sizes: BTreeMap<Digest, u64>, found: &mut Found) {
        let unread: Vec<_> = sizes
            .into_iter()
            .filter(|(digest, _)| !found.contains_key(digest))
            .collect();
        let hashed = Mutex::new(found);
        let done = in_parallel(self.store.width(), unread, |(digest, size)| {
            let read = copy(&*self.store, digest, size, &mut io::sink()).map(|()| size);
            let mut hashed = hashed.lock().unwrap_or_else(PoisonError::into_inner);
            hashed.insert(digest, read);
            Ok(())
        });
        done.expect("what cannot be read is kept and ends nothing");
    }
}

fn verify_files(entry: &Entry, found: &Found, report: &mut Report) {
    for file in &entry.files {
        let reason = match found.get(&file.digest) {
            Some(Ok(size)) if *size == file.size => continue,
            Some(Ok(size)) => format!("it has {size} bytes instead of {}", file.size),
            None | Some(Err(Error::Missing { .. })) => format!("blob {} is missing", file.digest),
            Some(Err(_)) => format!("blob {} is damaged", file.digest),
        };
        report.problem(Some(entry.id), &file.path, reason);
    }
}

fn verify_blobs(found: &Found, report: &mut Report) {
    report.blobs = found.len() as u64;
    report.bytes = found.values().flatten().sum();
    for (digest, state) in found {
        if let Err(error) = state
            && !matches!(error, Error::Missing { .. })
        {
            report.problem(None, format!("blobs/sha256/{}", digest.hex()), reason(error));
        }
    }
}

fn note_unnamed(found: &Found, named: &BTreeSet<Digest>, report: &mut Report) {
    for (digest, state) in found {
        if let (false, Ok(size)) = (named.contains(digest), state) {
            report
                .notes
                .push(format!("blob {digest} ({size} bytes) belongs to no entry"));
        }
    }
}

/// The place is said already.
fn reason(error: &Error) -> String {
    match error {
        Error::Damaged { reason, .. } | Error::NotAnArchive { reason, .. } => reason.clone(),
        Error::Missing { .. } => "it is missing".to_owned(),
        error => error.to_string(),
    }
}

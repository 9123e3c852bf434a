//! Verification: every byte that the archive is made of is read and accounted for, every problem is listed.
//!
//! An archive proves what led to its head; it cannot prove by itself that the head is the latest. Whoever wrote the
//! head down elsewhere gives it here: it must be in the chain, as the head or below it. And whoever knows whose archive it
//! is gives their public keys: every entry must be signed by one of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Mutex, PoisonError},
    thread,
};

use serde::Serialize;
use slipway_model::Digest;

use crate::{
    Archive, Entry, EntryId,
    archive::read_small,
    blobs::hash_file,
    format::{self, Index},
    sign::PublicKey,
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
    /// Empty: the archive is what it was when its head was written.
    pub problems: Vec<Problem>,
    /// Worth knowing, and no problem: what killed processes left behind.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    pub entry: Option<EntryId>,
    /// Below the archive's folder, or the name of a file in the entry.
    pub file: String,
    pub reason: String,
}

/// What was found of each blob.
type Found = BTreeMap<Digest, Result<u64, String>>;

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
    pub fn verify(&self, expected_head: Option<EntryId>, signers: &[PublicKey]) -> Report {
        let mut report = Report::default();
        if !read_small(&self.layout_path()).is_ok_and(|bytes| bytes == format::LAYOUT) {
            report.problem(None, "oci-layout", "it is missing or not that of an archive");
        }
        // The index before the blobs: what is appended meanwhile is then only a blob too many.
        let index = self.verified_index(&mut report);
        let found = self.hash_all(&mut report);
        let mut used = BTreeSet::new();
        if let Some(index) = &index {
            report.head = index.head();
            report.excerpt = index.is_excerpt();
            report.entries = index.manifests.len() as u64;
            self.verify_chain(index, &found, &mut used, &mut report);
            verify_signers(index, signers, &mut report);
            if let Some(expected) = expected_head
                && !index.manifests.iter().any(|entry| entry.digest == expected)
            {
                let reason = format!("{expected}, which was the head once, is not in the chain");
                report.problem(None, "index.json", reason);
            }
        }
        for (digest, state) in &found {
            if let (false, Ok(size)) = (used.contains(digest), state) {
                report
                    .notes
                    .push(format!("blob {digest} ({size} bytes) belongs to no entry"));
            }
        }
        report
    }

    fn verified_index(&self, report: &mut Report) -> Option<Index> {
        let read = || -> Result<(Vec<u8>, Index), String> {
            let bytes = read_small(&self.index_path()).map_err(|error| error.to_string())?;
            let index = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
            Ok((bytes, index))
        };
        match read() {
            Ok((bytes, index)) => {
                if bytes != format::to_bytes(&index.canonical()) {
                    report.problem(
                        None,
                        "index.json",
                        "it is not the index of its entries, byte for byte",
                    );
                }
                Some(index)
            }
            Err(reason) => {
                report.problem(None, "index.json", reason);
                None
            }
        }
    }

    /// On two threads: one reads while the other hashes.
    fn hash_all(&self, report: &mut Report) -> Found {
        let (digests, others) = match self.blobs.list() {
            Ok(listed) => listed,
            Err(error) => {
                report.problem(None, "blobs/sha256", error.to_string());
                return Found::new();
            }
        };
        report.notes.extend(
            others
                .into_iter()
                .map(|name| format!("blobs/sha256/{name} is no blob")),
        );
        let queue = Mutex::new(digests.into_iter());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            let mut found = Found::new();
            while let Some(digest) = next() {
                let state = match hash_file(&self.blobs.path(digest)) {
                    Ok((actual, size)) if actual == digest => Ok(size),
                    Ok((actual, _)) => Err(format!("its digest is {actual}")),
                    Err(error) => Err(error.to_string()),
                };
                found.insert(digest, state);
            }
            found
        };
        let found = thread::scope(|scope| {
            let other = scope.spawn(work);
            let mut found = work();
            found.extend(other.join().unwrap_or_default());
            found
        });
        report.blobs = found.len() as u64;
        report.bytes = found.values().flatten().sum();
        for (digest, state) in &found {
            if let Err(reason) = state {
                report.problem(None, format!("blobs/sha256/{}", digest.hex()), reason.clone());
            }
        }
        found
    }

    fn verify_chain(&self, index: &Index, found: &Found, used: &mut BTreeSet<Digest>, report: &mut Report) {
        let mut before: Option<(EntryId, u64)> = None;
        for listed in index.entries() {
            let id = listed.digest;
            used.insert(id);
            let due = before.map_or(1, |(_, sequence)| sequence + 1);
            let (entry, config) = match self.entry_and_config(&listed) {
                Ok(read) => read,
                Err(error) => {
                    report.problem(Some(id), "manifest", error.to_string());
                    before = Some((id, due));
                    continue;
                }
            };
            used.insert(config.digest);
            let sequence = entry.sequence;
            if sequence != due && !(report.excerpt && sequence > due) {
                let reason = format!("its sequence is {sequence} where {due} is due");
                report.problem(Some(id), "entry.json", reason);
            }
            let expected = before.filter(|_| sequence == due).map(|(id, _)| id);
            if entry.previous.is_none() != (sequence == 1)
                || (expected.is_some() && entry.previous != expected)
            {
                report.problem(Some(id), "entry.json", "it does not name the entry before it");
            }
            verify_files(&entry, found, used, report);
            before = Some((id, sequence));
        }
    }
}

/// That a signature holds is seen when its entry is read.
fn verify_signers(index: &Index, signers: &[PublicKey], report: &mut Report) {
    for listed in index.entries() {
        report.signed += u64::from(listed.signature.is_some());
        let reason = match &listed.signature {
            _ if signers.is_empty() => continue,
            Some(signature) if signers.contains(&signature.signer) => continue,
            Some(signature) => format!(
                "it is signed with {}, which is none of those given",
                signature.signer
            ),
            None => "nobody has signed it".to_owned(),
        };
        report.problem(Some(listed.digest), "index.json", reason);
    }
}

fn verify_files(entry: &Entry, found: &Found, used: &mut BTreeSet<Digest>, report: &mut Report) {
    for file in &entry.files {
        used.insert(file.digest);
        match found.get(&file.digest) {
            None => report.problem(
                Some(entry.id),
                &file.path,
                format!("blob {} is missing", file.digest),
            ),
            Some(Err(_)) => {
                report.problem(
                    Some(entry.id),
                    &file.path,
                    format!("blob {} is damaged", file.digest),
                );
            }
            Some(Ok(size)) if *size != file.size => {
                let reason = format!("it has {size} bytes instead of {}", file.size);
                report.problem(Some(entry.id), &file.path, reason);
            }
            Some(Ok(_)) => {}
        }
    }
}

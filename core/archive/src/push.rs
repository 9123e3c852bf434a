//! An archive copied to another place: only what is missing there, and only as the continuation of what stands there.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use serde::Serialize;
use slipway_model::Digest;

use crate::{
    Archive, EntryId, Error, Result,
    format::{self, Extent, Index, Listed},
    parallel::in_parallel,
    places::Writer,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Pushed {
    /// What both end with.
    pub head: Option<EntryId>,
    /// How many entries were added.
    pub entries: u64,
    /// How many blobs were moved; the others were there.
    pub blobs: u64,
    pub bytes: u64,
}

impl Archive {
    /// Everything is verified on its way. The entries are seen there all at once, after everything that they name; whoever
    /// else adds to that place meanwhile is not overwritten, as far as the place can see to that.
    pub fn push(&self, to: &Self) -> Result<Pushed> {
        let index = self.index()?;
        let writer = to.store.begin()?;
        let there = match writer.index() {
            Some(bytes) => to.trusted(bytes)?,
            None => Index::of([], Extent::Whole),
        };
        self.continues(&index, to, &there)?;
        let missing: Vec<_> = (index.skipped() + 1..=index.length())
            .filter(|sequence| there.place(*sequence).is_none())
            .collect();
        let mut pushed = Pushed {
            head: index.head(),
            entries: missing.len() as u64,
            blobs: 0,
            bytes: 0,
        };
        if missing.is_empty() {
            return Ok(pushed);
        }
        (pushed.blobs, pushed.bytes) = self.hand_over(&index, missing, &*writer, to.store.width())?;
        writer.commit(&format::to_bytes(&joined(&index, &there)))?;
        Ok(pushed)
    }

    /// Entries of the index, by their numbers, with all that they name. Answers how many blobs were moved, and their bytes.
    pub(crate) fn hand_over(
        &self,
        index: &Index,
        sequences: impl IntoIterator<Item = u64>,
        writer: &dyn Writer,
        width: usize,
    ) -> Result<(u64, u64)> {
        let mut manifests = Vec::new();
        let mut blobs = BTreeMap::new();
        for place in sequences.into_iter().filter_map(|sequence| index.place(sequence)) {
            let (entry, manifest, bytes) = self.whole_in_place(index, place)?;
            let descriptors = [&manifest.config].into_iter().chain(&manifest.layers);
            blobs.extend(descriptors.map(|blob| (blob.digest, blob.size)));
            manifests.push((entry.id, bytes));
        }
        let moved = self.push_blobs(writer, width, blobs)?;
        for (digest, bytes) in manifests {
            writer.add_manifest(digest, &bytes)?;
        }
        Ok(moved)
    }

    /// Whether what is there and what is here are one chain, and nothing of it is missing in both.
    fn continues(&self, index: &Index, to: &Self, there: &Index) -> Result<()> {
        for (archive, index) in [(self, index), (to, there)] {
            if index.is_excerpt() {
                return Err(Error::Excerpt(archive.place()));
            }
        }
        let (from, to) = (self.place(), to.place());
        let both = index.skipped().max(there.skipped())..=index.length().min(there.length());
        for sequence in both {
            let signed_alike = index
                .numbered(sequence)
                .zip(there.numbered(sequence))
                .is_none_or(|(here, there)| here == there);
            match (index.id(sequence), there.id(sequence)) {
                (Some(here), Some(there)) if here != there || !signed_alike => {
                    return Err(Error::Diverged {
                        from,
                        to,
                        sequence,
                        here,
                        there,
                    });
                }
                _ => {}
            }
        }
        if there.length() > index.length() {
            let entries = there.length() - index.length();
            return Err(Error::Behind { from, to, entries });
        }
        if index.skipped() > there.length() {
            return Err(Error::Gap {
                from,
                to,
                after: index.skipped(),
                there: there.length(),
            });
        }
        Ok(())
    }

    fn push_blobs(
        &self,
        writer: &dyn Writer,
        width: usize,
        blobs: BTreeMap<Digest, u64>,
    ) -> Result<(u64, u64)> {
        let (moved, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
        in_parallel(width, blobs, |(digest, size)| {
            if writer.has(digest, size)? {
                return Ok(());
            }
            let mut from = self.store.open(digest, size)?;
            writer.add(digest, size, &mut from)?;
            moved.fetch_add(1, Relaxed);
            bytes.fetch_add(size, Relaxed);
            Ok(())
        })?;
        Ok((moved.into_inner(), bytes.into_inner()))
    }
}

/// What both list, of one chain, from the first that either has.
fn joined(index: &Index, there: &Index) -> Index {
    let (first, before) = match there.skipped() < index.skipped() {
        true => (there, index.skipped() - there.skipped()),
        false => (index, 0),
    };
    let before = first
        .entries()
        .take(usize::try_from(before).unwrap_or(usize::MAX));
    let listed: Vec<Listed> = before.chain(index.entries()).collect();
    Index::of(listed, first.extent())
}

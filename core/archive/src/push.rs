//! An archive copied to another place: only what is missing there, and only as the continuation of what stands there.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use serde::Serialize;
use slipway_model::Digest;

use crate::{
    Archive, EntryId, Error, Result,
    format::{self, Index, Listed},
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
            None => Index::of([], false),
        };
        let begun = self.continues(&index, to, &there)?;
        let mut pushed = Pushed {
            head: index.head(),
            entries: (index.manifests.len() - begun) as u64,
            blobs: 0,
            bytes: 0,
        };
        if pushed.entries == 0 {
            return Ok(pushed);
        }
        let mut manifests = Vec::new();
        let mut blobs = BTreeMap::new();
        for place in begun..index.manifests.len() {
            self.in_place(&index, place)?;
            let listed = Listed::of(&index.manifests[place]);
            let (manifest, bytes) = self.manifest(&listed)?;
            let descriptors = [&manifest.config].into_iter().chain(&manifest.layers);
            blobs.extend(descriptors.map(|blob| (blob.digest, blob.size)));
            manifests.push((listed.digest, bytes));
        }
        (pushed.blobs, pushed.bytes) = self.push_blobs(&*writer, to.store.width(), blobs)?;
        for (digest, bytes) in manifests {
            writer.add_manifest(digest, &bytes)?;
        }
        writer.commit(&format::to_bytes(&index))?;
        Ok(pushed)
    }

    /// How many entries are there already, if they are the first ones here.
    fn continues(&self, index: &Index, to: &Self, there: &Index) -> Result<usize> {
        for (archive, index) in [(self, index), (to, there)] {
            if index.is_excerpt() {
                return Err(Error::Excerpt(archive.place()));
            }
        }
        let mut pairs = index.manifests.iter().zip(&there.manifests);
        if let Some(place) = pairs.position(|(here, there)| here != there) {
            return Err(Error::Diverged {
                from: self.place(),
                to: to.place(),
                sequence: place as u64 + 1,
                here: index.manifests[place].digest,
                there: there.manifests[place].digest,
            });
        }
        if there.manifests.len() > index.manifests.len() {
            return Err(Error::Behind {
                from: self.place(),
                to: to.place(),
                entries: there.manifests.len() - index.manifests.len(),
            });
        }
        Ok(there.manifests.len())
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

//! Going on with an archive that is elsewhere, where others add to it as well: their entries first, one's own after them.
//!
//! A folder that has nothing yet begins after the latest entry there and fetches nothing. One that has entries of its own takes
//! what others have added, and what stands here alone is made again behind it: with another number, another entry before it,
//! and so another digest, and with the one that it had.

use crate::{
    Archive, EntryId, Error, Result,
    document::Document,
    format::{self, Extent, Index, Listed, Position},
    places::{Store as _, Writer as _, Writing},
};

/// What following an archive came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Followed {
    /// The latest entry there.
    pub head: Option<EntryId>,
    /// How many entries of others came here.
    pub taken: u64,
    pub again: Vec<Again>,
}

/// An entry that was made again: what it was, and what it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    pub was: EntryId,
    pub now: EntryId,
}

impl Archive {
    /// Makes this the continuation of another archive. That one is to be [`Archive::trusting`] what its head was when it was last
    /// seen: whoever has taken an entry away there, or changed one, is found by that and not followed.
    pub fn follow(&self, other: &Self) -> Result<Followed> {
        let theirs = match other.index() {
            Err(Error::NoArchive(_)) => return Ok(Followed::default()),
            index => index?,
        };
        let folder = self
            .folder
            .as_ref()
            .ok_or_else(|| Error::NotAFolder(self.place()))?;
        let writing = Box::new(Writing::begin(folder)?);
        let ours = self.trusted(writing.read())?;
        for (archive, extent) in [(self, ours.extent()), (other, theirs.extent())] {
            if extent == Extent::Excerpt {
                return Err(Error::Excerpt(archive.place()));
            }
        }
        let mut followed = Followed {
            head: theirs.head(),
            ..Followed::default()
        };
        let Some(head) = followed.head else {
            return Ok(followed);
        };
        self.begins_in(&ours, other, &theirs)?;
        if ours.manifests.is_empty() {
            let before = Position {
                sequence: theirs.length(),
                id: head,
            };
            writing.commit(&format::to_bytes(&Index::of([], Extent::After(before))))?;
            return Ok(followed);
        }
        let common = common(&ours, &theirs);
        if common == theirs.length() {
            return Ok(followed);
        }
        followed.taken = theirs.length() - common;
        let alone = common + 1..=theirs.length();
        other.hand_over(&theirs, alone, &*writing, folder.width())?;
        let (listed, again) = self.behind(&ours, &theirs, common, &writing)?;
        followed.again = again;
        writing.commit(&format::to_bytes(&Index::of(listed, ours.extent())))?;
        Ok(followed)
    }

    /// Their entries, which differ from ours after the common ones, and ours made again behind them.
    fn behind(
        &self,
        ours: &Index,
        theirs: &Index,
        common: u64,
        writing: &Writing<'_>,
    ) -> Result<(Vec<Listed>, Vec<Again>)> {
        let shared = (ours.skipped() + 1..=common).filter_map(|sequence| ours.numbered(sequence));
        let taken = (common + 1..=theirs.length()).filter_map(|sequence| theirs.numbered(sequence));
        let mut listed: Vec<Listed> = shared.chain(taken).map(Listed::of).collect();
        let mut again = Vec::new();
        let places = (common + 1..=ours.length()).filter_map(|sequence| ours.place(sequence));
        for (sequence, place) in (theirs.length() + 1..).zip(places) {
            let previous = listed.last().map(|before| before.digest);
            let made = self.again(ours, place, (sequence, previous), writing)?;
            again.push(Again {
                was: ours.manifests[place].digest,
                now: made.digest,
            });
            listed.push(made);
        }
        Ok((listed, again))
    }

    /// What the entries here follow is there.
    fn begins_in(&self, ours: &Index, other: &Self, theirs: &Index) -> Result<()> {
        let Some(Position { sequence, id }) = ours.after() else {
            return Ok(());
        };
        match theirs.id(sequence) {
            Some(there) if there == id => Ok(()),
            Some(there) => Err(Error::Diverged {
                from: self.place(),
                to: other.place(),
                sequence,
                here: id,
                there,
            }),
            None => Err(Error::Gap {
                from: self.place(),
                to: other.place(),
                after: sequence,
                there: theirs.length(),
            }),
        }
    }

    /// An entry with everything that it says and names, after another one.
    fn again(
        &self,
        ours: &Index,
        place: usize,
        (sequence, previous): (u64, Option<EntryId>),
        writing: &Writing<'_>,
    ) -> Result<Listed> {
        let (entry, manifest, _) = self.whole_in_place(ours, place)?;
        if entry.signer.is_some() && self.signer.is_none() {
            return Err(Error::Unsigned(entry.id));
        }
        let document = Document {
            version: format::VERSION,
            sequence,
            previous,
            was: Some(entry.was.unwrap_or(entry.id)),
            meta: entry.meta,
        };
        self.write(&document, manifest.layers, writing)
    }
}

/// Up to which entry both are the same.
fn common(ours: &Index, theirs: &Index) -> u64 {
    let both = ours.length().min(theirs.length());
    let mut listed = ours.skipped() + 1..=both;
    let other = listed.find(|sequence| ours.numbered(*sequence) != theirs.numbered(*sequence));
    other.map_or(both, |sequence| sequence - 1)
}

//! How entries follow each other: by number, and by the digest of the one before.

use crate::{Entry, EntryId, format::Index};

#[derive(Debug)]
pub(crate) struct Chain {
    /// Entries may be missing.
    excerpt: bool,
    before: Option<(EntryId, u64)>,
}

impl Chain {
    pub(crate) fn of(index: &Index) -> Self {
        Self {
            excerpt: index.is_excerpt(),
            before: index.after().map(|before| (before.id, before.sequence)),
        }
    }

    /// Why the entry does not stand where it belongs.
    pub(crate) fn follow(&mut self, entry: &Entry) -> Result<(), String> {
        let due = self.due();
        let sequence = entry.sequence;
        let before = self.before.replace((entry.id, sequence));
        if sequence != due && !(self.excerpt && sequence > due) {
            return Err(format!("its sequence is {sequence} where {due} is due"));
        }
        let expected = before.filter(|_| sequence == due).map(|(id, _)| id);
        if entry.previous.is_none() != (sequence == 1) || (expected.is_some() && entry.previous != expected) {
            return Err("it does not name the entry before it".to_owned());
        }
        Ok(())
    }

    /// An entry of which nothing can be read.
    pub(crate) fn pass(&mut self, id: EntryId) {
        self.before = Some((id, self.due()));
    }

    fn due(&self) -> u64 {
        self.before.map_or(1, |(_, sequence)| sequence + 1)
    }
}

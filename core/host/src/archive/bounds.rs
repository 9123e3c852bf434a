//! How much may come out of an archive: an absolute bound, and one relative to what went in, because a small file
//! that becomes a huge one is no program.

use std::io::{self, Read};

use crate::{archive::ArchiveError, limits};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
    /// Unpacked to packed.
    pub(crate) ratio: u64,
    /// Below this no ratio is suspicious.
    pub(crate) harmless: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            entries: 100_000,
            bytes: 4 << 30,
            ratio: 200,
            harmless: 64 << 20,
        }
    }
}

/// What is left of the bounds for one archive.
#[derive(Debug, Clone)]
pub(crate) struct Left {
    bytes: u64,
    limit: u64,
    packed: u64,
}

impl Bounds {
    pub(crate) fn left(&self, packed: u64) -> Left {
        let limit = self
            .bytes
            .min(packed.saturating_mul(self.ratio).max(self.harmless));
        Left {
            bytes: limit,
            limit,
            packed,
        }
    }
}

impl Left {
    pub(crate) fn take(&mut self, bytes: u64) -> Result<(), ArchiveError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(|| ArchiveError::Bomb {
            limit: readable(self.limit),
            why: format!("the limit for an archive of {}", readable(self.packed)),
        })?;
        Ok(())
    }
}

fn readable(bytes: u64) -> String {
    limits::bytes(usize::try_from(bytes).unwrap_or(usize::MAX))
}

/// A reader that stops at the bound instead of at the end.
pub(crate) struct Bounded<R> {
    inner: R,
    left: Left,
}

impl<R> Bounded<R> {
    pub(crate) fn new(inner: R, left: Left) -> Self {
        Self { inner, left }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left.take(count as u64).map_err(io::Error::other)?;
        Ok(count)
    }
}

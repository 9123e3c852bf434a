//! Bytes on their way, hashed.

use std::io::{self, Read, Write};

use slipway_model::{Digest, Hasher};

use super::Store;
use crate::{Error, Result};

/// Of buffers: one that is larger than what it holds costs more than the reading.
const SMALLEST: usize = 4 << 10;
const LARGEST: usize = 1 << 20;

/// All of a small document, verified.
pub(crate) fn read(store: &dyn Store, digest: Digest, size: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    copy(store, digest, size, &mut bytes)?;
    Ok(bytes)
}

/// The manifest of an entry, verified.
pub(crate) fn read_manifest(store: &dyn Store, digest: Digest, size: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let from = store.open_manifest(digest, size)?;
    verified(from, digest, size, &mut bytes, || store.blob(digest))?;
    Ok(bytes)
}

/// Streams a blob. On an error what was written so far is worth nothing.
pub(crate) fn copy(store: &dyn Store, digest: Digest, size: u64, out: &mut dyn Write) -> Result<()> {
    let from = store.open(digest, size)?;
    verified(from, digest, size, out, || store.blob(digest))
}

/// Copies to the end, and refuses other bytes than those of the digest.
pub(crate) fn verified(
    from: impl Read,
    digest: Digest,
    size: u64,
    out: &mut dyn Write,
    place: impl Fn() -> String,
) -> Result<()> {
    // One byte more than there should be tells that there are more.
    let (found, length) = hash(from.take(size + 1), size, out).map_err(Error::io("copy", place()))?;
    let reason = if length > size {
        format!("it has more than {size} bytes")
    } else if length < size {
        format!("it has {length} bytes instead of {size}")
    } else if found != digest {
        format!("its digest is {found}")
    } else {
        return Ok(());
    };
    Err(Error::Damaged {
        place: place(),
        reason,
    })
}

/// Copies to the end, hashing on the way; `expected` bytes or so.
pub(crate) fn hash(mut from: impl Read, expected: u64, to: &mut dyn Write) -> io::Result<(Digest, u64)> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; usize::try_from(expected).map_or(LARGEST, |size| size.clamp(SMALLEST, LARGEST))];
    let mut size = 0;
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok((hasher.finish(), size)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..count]);
        to.write_all(&buffer[..count])?;
        size += count as u64;
    }
}

//! What an archive needs of the place where it is kept: an index, and bytes by digest. Everything else is made of these.

use std::{fmt, io::Read};

use slipway_model::Digest;

use crate::Result;

pub(crate) trait Store: fmt::Debug + Send + Sync {
    /// For messages: where a file of the archive is; the archive itself for an empty name.
    fn place(&self, file: &str) -> String;

    /// `index.json`, once what marks the place as that of an archive was seen to be right.
    fn index(&self) -> Result<Vec<u8>>;

    /// A blob from its beginning, not verified. One that is not there is [`crate::Error::Missing`].
    fn open(&self, digest: Digest, size: u64) -> Result<Box<dyn Read + Send + '_>>;

    /// The manifest of an entry, not verified.
    fn open_manifest(&self, digest: Digest, size: u64) -> Result<Box<dyn Read + Send + '_>> {
        self.open(digest, size)
    }

    /// What is there, whether an entry names it or not; none where the place does not tell.
    fn list(&self) -> Result<Option<Listing>>;

    /// How many blobs are best read at a time.
    fn width(&self) -> usize;

    /// To add to it; nobody sees it before [`Writer::commit`].
    fn begin(&self) -> Result<Box<dyn Writer + '_>>;

    /// For messages.
    fn blob(&self, digest: Digest) -> String {
        self.place(&format!("blobs/sha256/{}", digest.hex()))
    }
}

/// Blobs by any number of threads, and then one index that names them.
pub(crate) trait Writer: Sync {
    /// `index.json` as it was when this began, and must be still when it is replaced; none where there is none.
    fn index(&self) -> Option<&[u8]>;

    /// Whether a blob need not be added.
    fn has(&self, digest: Digest, size: u64) -> Result<bool>;

    /// Adds a blob, whose bytes are verified on the way.
    fn add(&self, digest: Digest, size: u64, from: &mut dyn Read) -> Result<()>;

    /// Adds the manifest of an entry, verified already, whose blobs are there.
    fn add_manifest(&self, digest: Digest, bytes: &[u8]) -> Result<()>;

    fn commit(self: Box<Self>, index: &[u8]) -> Result<()>;
}

/// Blobs, in their order, with their sizes, and names of what is none.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    pub(crate) blobs: Vec<(Digest, u64)>,
    pub(crate) others: Vec<String>,
}

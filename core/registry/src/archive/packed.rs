//! An archive as a registry that is only read: its blobs by digest. Whoever reads them verifies them, as everywhere.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use slipway_model::Digest;

use super::{scan::Span, table::Table};
use crate::{
    descriptor::Descriptor,
    error::{Cause, OrFail as _, Result},
    manifest::MANIFEST_LIMIT,
    stream::{self, BlobStream},
};

#[derive(Debug, Clone)]
pub(crate) struct Packed {
    table: Arc<Table>,
    blobs: Arc<BTreeMap<Digest, Blob>>,
}

pub(crate) type Blobs = BTreeMap<Digest, Blob>;

#[derive(Debug, Clone)]
pub(crate) enum Blob {
    At {
        name: String,
        span: Span,
    },
    /// In no entry, but made of what is in some.
    Made(Bytes),
}

impl Packed {
    pub(crate) fn new(table: Arc<Table>, blobs: Blobs) -> Self {
        Self {
            table,
            blobs: Arc::new(blobs),
        }
    }

    pub(crate) fn file(&self) -> &std::path::Path {
        self.table.file()
    }

    pub(crate) fn place(&self, digest: &Digest) -> String {
        match self.blobs.get(digest) {
            Some(Blob::At { name, .. }) => self.table.place(name),
            _ => format!("{}@{digest}", self.file().display()),
        }
    }

    /// Reading in this order means reading once.
    pub(crate) fn position(&self, digest: &Digest) -> u64 {
        match self.blobs.get(digest) {
            Some(Blob::At { span, .. }) => span.offset,
            _ => 0,
        }
    }

    pub(crate) fn has(&self, digest: &Digest) -> bool {
        self.blobs.contains_key(digest)
    }

    pub(crate) fn has_blob(&self, blob: &Descriptor) -> Result<bool, Cause> {
        match self.blobs.get(&blob.digest).map(Blob::size) {
            None => Ok(false),
            Some(size) if size == blob.size => Ok(true),
            Some(size) => Err(Cause::Size {
                expected: blob.size,
                found: size.to_string(),
            }),
        }
    }

    /// The bytes, not verified.
    pub(crate) async fn manifest(&self, digest: &Digest) -> Result<Bytes, Cause> {
        let blob = self.blobs.get(digest).ok_or_else(missing)?;
        if blob.size() > MANIFEST_LIMIT {
            return Err(Cause::TooLarge {
                limit: MANIFEST_LIMIT,
            });
        }
        stream::collect(self.open(blob, 0), blob.size())
            .await
            .map_err(Cause::Source)
    }

    /// The bytes from an offset on, not verified.
    pub(crate) fn open_blob(&self, blob: &Descriptor, offset: u64) -> Result<BlobStream> {
        let found = self.blobs.get(&blob.digest).ok_or_else(missing);
        let found = found.or_fail(format!("read blob {} from", blob.digest), self.file().display())?;
        Ok(self.open(found, offset))
    }

    fn open(&self, blob: &Blob, offset: u64) -> BlobStream {
        match blob {
            Blob::At { name, span } => self.table.stream(name, *span, offset),
            Blob::Made(bytes) => {
                let offset = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                stream::from_bytes(bytes.slice(offset..))
            }
        }
    }
}

impl Blob {
    fn size(&self) -> u64 {
        match self {
            Self::At { span, .. } => span.size,
            Self::Made(bytes) => bytes.len() as u64,
        }
    }
}

fn missing() -> Cause {
    Cause::NotFound {
        detail: " in this archive".to_owned(),
    }
}

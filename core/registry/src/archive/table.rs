//! An archive that has been looked through: which file is where, and its bytes from there on, several at a time.

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use futures_util::stream;

use super::{
    input::Input,
    scan::{Entry, Scanned, Span, scan},
};
use crate::{
    error::{Cause, Error, OrFail as _, Result},
    manifest::MANIFEST_LIMIT,
    stream::{BlobStream, PIECE},
};

pub(crate) struct Table {
    file: PathBuf,
    limit: u64,
    compressed: bool,
    scanned: Scanned,
    /// Where the last reader of a compressed archive stopped: the next one goes on from there if it can.
    idle: Mutex<Option<Input>>,
}

impl Table {
    /// `limit` is for what a compressed archive unpacks to.
    pub(crate) async fn open(file: &Path, limit: u64) -> Result<Arc<Self>> {
        let file = file.to_owned();
        blocking(move || {
            let mut input = Input::open(&file, limit).or_fail("read", file.display())?;
            let scanned = scan(&file, &mut input)?;
            Ok(Arc::new(Self {
                compressed: input.is_compressed(),
                file,
                limit,
                scanned,
                idle: Mutex::default(),
            }))
        })
        .await
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.compressed
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    pub(crate) fn entries(&self) -> &BTreeMap<String, Entry> {
        &self.scanned.entries
    }

    /// For messages.
    pub(crate) fn place(&self, entry: &str) -> String {
        format!(
            "{}, entry `{}`",
            self.file.display(),
            crate::reference::shown(entry)
        )
    }

    /// A file by its name, or by a link to it.
    pub(crate) fn find(&self, name: &str) -> Option<(&str, Span)> {
        let (name, entry) = self.entries().get_key_value(name)?;
        let (name, entry) = match entry {
            Entry::Link(target) => self.entries().get_key_value(target)?,
            entry => (name, entry),
        };
        match entry {
            Entry::File(span) => Some((name, *span)),
            _ => None,
        }
    }

    /// Like [`Self::find`]; not there is an error.
    pub(crate) fn need(&self, name: &str) -> Result<(&str, Span)> {
        let missing = || Cause::Archive("there is no such file in it".to_owned());
        self.find(name)
            .ok_or_else(missing)
            .or_fail("read", self.place(name))
    }

    /// A small file. Blocks.
    pub(crate) fn document(&self, name: &str) -> Result<Bytes> {
        let (name, span) = self.need(name)?;
        if let Some(kept) = self.scanned.kept.get(name) {
            return Ok(kept.clone());
        }
        let read = || {
            if span.size > MANIFEST_LIMIT {
                return Err(Cause::TooLarge {
                    limit: MANIFEST_LIMIT,
                });
            }
            let mut bytes = vec![0; usize::try_from(span.size).unwrap_or_default()];
            let mut input = self.input(span.offset)?;
            input.fill(&mut bytes)?;
            self.leave(input);
            Ok(bytes.into())
        };
        read().or_fail("read", self.place(name))
    }

    /// The bytes from this place on. Blocks.
    pub(crate) fn input(&self, offset: u64) -> Result<Input, Cause> {
        let idle = self.idle().take().filter(|input| input.at() <= offset);
        let mut input = idle.map_or_else(|| Input::open(&self.file, self.limit), Ok)?;
        input.skip(offset - input.at())?;
        Ok(input)
    }

    /// For the next reader.
    pub(crate) fn leave(&self, input: Input) {
        if self.compressed {
            *self.idle() = Some(input);
        }
    }

    /// A file's bytes from `skip` on, not verified.
    pub(crate) fn stream(self: &Arc<Self>, name: &str, span: Span, skip: u64) -> BlobStream {
        if let Some(kept) = self.scanned.kept.get(name) {
            let skip = usize::try_from(skip).unwrap_or(usize::MAX).min(kept.len());
            return crate::stream::from_bytes(kept.slice(skip..));
        }
        let skip = skip.min(span.size);
        let lease = Lease {
            table: Arc::clone(self),
            input: None,
        };
        let state = (lease, span.offset + skip, span.size - skip);
        let place = self.place(name);
        Box::pin(stream::try_unfold(state, move |(lease, offset, left)| {
            let place = place.clone();
            async move {
                if left == 0 {
                    return Ok(None);
                }
                let (lease, piece) =
                    blocking(move || lease.piece(offset, left).or_fail("read", place)).await?;
                let read = piece.len() as u64;
                Ok(Some((piece, (lease, offset + read, left - read))))
            }
        }))
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Option<Input>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

/// A reader in use; given back when its stream ends, however it does.
struct Lease {
    table: Arc<Table>,
    input: Option<Input>,
}

impl Lease {
    fn piece(mut self, offset: u64, left: u64) -> Result<(Self, Bytes), Cause> {
        let mut input = match self.input.take() {
            Some(input) => input,
            None => self.table.input(offset)?,
        };
        let mut piece = vec![0; usize::try_from(left).unwrap_or(PIECE).min(PIECE)];
        let read = input.read(&mut piece)?;
        if read == 0 {
            return Err(Cause::Archive("it ends too early".to_owned()));
        }
        piece.truncate(read);
        self.input = Some(input);
        Ok((self, piece.into()))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(input) = self.input.take() {
            self.table.leave(input);
        }
    }
}

/// Runs what blocks beside the runtime.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Error::new(
            "read",
            "an archive",
            Cause::Io(std::io::Error::other(error)),
        )),
    }
}

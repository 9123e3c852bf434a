//! Streams of bytes that check themselves: the last piece is let go only when size and digest are right.

use std::{path::PathBuf, pin::Pin, sync::Arc};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use slipway_model::Hasher;
use tokio::io::{AsyncRead, AsyncSeekExt as _};
use tokio_util::io::{ReaderStream, StreamReader};

use crate::{
    descriptor::Descriptor,
    error::{Cause, Error, OrFail as _, Result},
    progress::{Event, Progress},
};

/// Pieces of one blob, in order.
pub type BlobStream = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

pub(crate) const PIECE: usize = 128 * 1024;

/// A reader over a stream; its errors hold an [`Error`].
pub(crate) fn reader(stream: BlobStream) -> impl AsyncRead + Send + Unpin {
    StreamReader::new(stream.map_err(std::io::Error::from))
}

/// Fails where the bytes are not the ones that `descriptor` names. `place` is for the message.
pub(crate) fn verified(stream: BlobStream, descriptor: &Descriptor, place: String) -> BlobStream {
    struct State {
        stream: BlobStream,
        descriptor: Descriptor,
        place: String,
        hasher: Hasher,
        found: u64,
    }
    impl State {
        async fn next(&mut self) -> Result<Option<Bytes>> {
            let piece = self.stream.next().await.transpose()?;
            let size = self.descriptor.size;
            if let Some(piece) = &piece {
                self.hasher.update(piece);
                self.found += piece.len() as u64;
                if self.found < size {
                    return Ok(Some(piece.clone()));
                }
            }
            let digest = std::mem::take(&mut self.hasher).finish();
            let wrong = if self.found > size {
                Some(Cause::Size {
                    expected: size,
                    found: "more".to_owned(),
                })
            } else if self.found < size {
                Some(Cause::Size {
                    expected: size,
                    found: self.found.to_string(),
                })
            } else {
                let expected = self.descriptor.digest;
                (digest != expected).then_some(Cause::Digest {
                    expected,
                    found: digest,
                })
            };
            match wrong {
                Some(cause) => Err(Error::new(
                    format!("read blob {} from", self.descriptor.digest),
                    &self.place,
                    cause,
                )),
                None => Ok(piece),
            }
        }
    }
    let state = State {
        stream,
        descriptor: descriptor.clone(),
        place,
        hasher: Hasher::default(),
        found: 0,
    };
    // The state is gone after the last piece or an error: nothing is checked twice.
    Box::pin(stream::try_unfold(Some(state), |state| async move {
        let Some(mut state) = state else { return Ok(None) };
        let piece = state.next().await?;
        let rest = (state.found < state.descriptor.size).then_some(state);
        Ok(piece.map(|piece| (piece, rest)))
    }))
}

/// Tells `progress` of every piece that passes.
pub(crate) fn counted(
    stream: BlobStream,
    descriptor: &Descriptor,
    progress: Arc<dyn Progress>,
) -> BlobStream {
    let digest = descriptor.digest;
    Box::pin(stream.inspect_ok(move |piece| {
        progress.event(Event::Moved {
            digest,
            bytes: piece.len() as u64,
        })
    }))
}

pub(crate) fn from_bytes(bytes: Bytes) -> BlobStream {
    Box::pin(stream::once(async { Ok(bytes) }))
}

/// A file's bytes from `offset` on.
pub(crate) async fn from_file(path: PathBuf, offset: u64) -> Result<BlobStream> {
    let open = async {
        let mut file = tokio::fs::File::open(&path).await?;
        file.seek(std::io::SeekFrom::Start(offset)).await?;
        Ok::<_, Cause>(file)
    };
    let file = open.await.or_fail("open", path.display())?;
    let pieces = ReaderStream::with_capacity(file, PIECE);
    Ok(Box::pin(
        pieces.map(move |piece| piece.or_fail("read", path.display())),
    ))
}

/// All of it, where it is known to be small.
pub(crate) async fn collect(stream: BlobStream, size: u64) -> Result<Bytes> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default().min(PIECE));
    let mut reader = stream;
    while let Some(piece) = reader.next().await.transpose()? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.into())
}

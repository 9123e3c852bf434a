//! What a request carries: bytes at hand, or a file that is streamed.

use std::{
    fs::File,
    io::{self, Read},
};

use bytes::Bytes;
use futures_util::stream;
use reqwest::{RequestBuilder, header::CONTENT_LENGTH};
use tokio::sync::mpsc;

/// Bytes of a file that are under way at once: so many pieces of this size.
const PIECE: usize = 256 << 10;
const AHEAD: usize = 4;

pub(crate) enum Body {
    Empty,
    Bytes(Vec<u8>),
    Stream(Stream),
}

/// Pieces, and how many bytes they are together.
pub(crate) struct Stream {
    size: u64,
    pieces: mpsc::Receiver<io::Result<Bytes>>,
}

/// Where pieces of a stream are put, off the threads that everything else runs on.
pub(crate) struct Filling(mpsc::Sender<io::Result<Bytes>>);

impl Body {
    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        match bytes.is_empty() {
            true => Self::Empty,
            false => Self::Bytes(bytes),
        }
    }

    pub(super) fn of(self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Empty => request,
            Self::Bytes(bytes) => request.body(bytes),
            Self::Stream(Stream { size, pieces }) => {
                let pieces = stream::unfold(pieces, |mut pieces| async {
                    let piece = pieces.recv().await?;
                    Some((piece, pieces))
                });
                request
                    .header(CONTENT_LENGTH, size)
                    .body(reqwest::Body::wrap_stream(pieces))
            }
        }
    }
}

impl Stream {
    /// Of so many bytes, and where to put them.
    pub(crate) fn of(size: u64) -> (Self, Filling) {
        let (filling, pieces) = mpsc::channel(AHEAD);
        (Self { size, pieces }, Filling(filling))
    }

    pub(crate) fn file(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        let (stream, filling) = Self::of(size);
        tokio::task::spawn_blocking(move || filling.fill(&mut &file));
        Ok(stream)
    }
}

impl Filling {
    /// To its end, or until nobody wants any more. What cannot be read breaks the request off.
    pub(crate) fn fill(&self, from: &mut dyn Read) {
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            let read = from.take(PIECE as u64).read_to_end(&mut piece);
            let put = match read {
                Ok(0) => return,
                Ok(_) => self.0.blocking_send(Ok(piece.into())),
                Err(error) => {
                    // Whoever is gone needs no error.
                    drop(self.0.blocking_send(Err(error)));
                    return;
                }
            };
            if put.is_err() {
                return;
            }
        }
    }
}

//! The bytes of an archive, in order: a file as it is, or what gzip makes of it. Bounded, because a small file can
//! unpack to any size.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek as _},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use crate::error::Cause;

const BUFFER: usize = 64 * 1024;

pub(crate) struct Input {
    bytes: Bytes,
    at: u64,
}

enum Bytes {
    Plain {
        file: BufReader<File>,
        length: u64,
    },
    Gzip {
        decoder: Box<MultiGzDecoder<BufReader<File>>>,
        limit: u64,
    },
}

impl Input {
    /// From its beginning. `limit` is for what is unpacked; a plain file is as large as it is.
    pub(crate) fn open(path: &Path, limit: u64) -> Result<Self, Cause> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut magic = [0; 6];
        let read = read_full(&mut file, &mut magic)?;
        file.rewind()?;
        let file = BufReader::with_capacity(BUFFER, file);
        let bytes = match &magic[..read] {
            [0x1f, 0x8b, ..] => Bytes::Gzip {
                decoder: Box::new(MultiGzDecoder::new(file)),
                limit,
            },
            [0x28, 0xb5, 0x2f, 0xfd, ..] => return Err(compressed("zstd")),
            [0xfd, b'7', b'z', b'X', b'Z', 0] => return Err(compressed("xz")),
            [b'B', b'Z', b'h', ..] => return Err(compressed("bzip2")),
            _ => Bytes::Plain { file, length },
        };
        Ok(Self { bytes, at: 0 })
    }

    pub(crate) fn is_compressed(&self) -> bool {
        matches!(self.bytes, Bytes::Gzip { .. })
    }

    /// The place of the next byte.
    pub(crate) fn at(&self) -> u64 {
        self.at
    }

    /// Reads exactly this much, or says that the archive ends too early.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> Result<(), Cause> {
        match read_full(self, buffer).map_err(ended)? {
            read if read == buffer.len() => Ok(()),
            _ => Err(cut_short()),
        }
    }

    pub(crate) fn skip(&mut self, count: u64) -> Result<(), Cause> {
        let end = self.at.checked_add(count).ok_or_else(cut_short)?;
        match &mut self.bytes {
            Bytes::Plain { file, length } => {
                if end > *length {
                    return Err(cut_short());
                }
                let count = i64::try_from(count).map_err(|_| cut_short())?;
                file.seek_relative(count)?;
                self.at = end;
            }
            Bytes::Gzip { limit, .. } => {
                if end > *limit {
                    return Err(Cause::TooLarge { limit: *limit });
                }
                if io::copy(&mut self.take(count), &mut io::sink()).map_err(ended)? < count {
                    return Err(cut_short());
                }
            }
        }
        Ok(())
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.bytes {
            Bytes::Plain { file, .. } => file.read(buffer)?,
            Bytes::Gzip { decoder, limit } => {
                let read = decoder.read(buffer)?;
                if self.at + read as u64 > *limit {
                    return Err(io::Error::other(format!(
                        "unpacks to more than the limit of {limit} bytes"
                    )));
                }
                read
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}

/// As much as there is, up to the buffer's length.
fn read_full(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Half of a compressed file ends in the middle of something.
fn ended(error: io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => cut_short(),
        _ => error.into(),
    }
}

fn cut_short() -> Cause {
    Cause::Archive("it ends too early; it was cut short, bring it anew".to_owned())
}

fn compressed(how: &str) -> Cause {
    Cause::Unsupported(format!(
        "it is compressed with {how}; plain archives and gzip are read, unpack it first"
    ))
}

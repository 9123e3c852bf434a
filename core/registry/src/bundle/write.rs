//! Writing a bundle: beside its name first, renamed when it is complete. An interrupted attempt is gone on with where
//! it stopped: what it left is compared with what is to be there.

use std::{
    collections::BTreeMap,
    fs::{self, File, TryLockError},
    io::{self, Read as _, Seek as _},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;
use futures_util::StreamExt as _;
use slipway_model::{Digest, Hasher};
use tokio::io::AsyncWriteExt as _;

use super::shape::{BLOCK, Content, END, Piece, pieces};
use crate::{
    copy::Closure,
    descriptor::{Descriptor, media},
    error::{Cause, Error, OrFail as _, Result},
    ingest::sync_parent,
    progress::{Event, Progress},
    reference::Tag,
    repository::Repository,
    stream,
};

/// Writes everything below the roots into one file. The index names the roots in their order, with their tags; what is
/// in the way under the file's name is replaced once the new one is complete.
///
/// Signatures are not below an image: those that are to come along are roots as well, see
/// [`referrers`](crate::referrers).
pub async fn write_bundle(
    from: &Repository,
    roots: &[(Digest, Option<Tag>)],
    file: &Path,
    progress: Arc<dyn Progress>,
) -> Result<()> {
    let fail = |cause| Error::new("write", file.display(), cause);
    let mut named = Vec::new();
    let (mut manifests, mut blobs) = (BTreeMap::<_, Bytes>::new(), BTreeMap::new());
    for (number, (digest, tag)) in roots.iter().enumerate() {
        if let Some(tag) = tag
            && roots[..number]
                .iter()
                .any(|(_, earlier)| earlier.as_ref() == Some(tag))
        {
            let cause = format!("two roots of the bundle are tagged {tag}; give each a tag of its own");
            return Err(fail(Cause::Unsupported(cause)));
        }
        let root = from.manifest(digest).await?;
        named.push(entry(&root.descriptor, tag.as_ref()));
        let closure = Closure::of(from, root).await?;
        manifests.extend(
            closure
                .manifests
                .into_iter()
                .map(|manifest| (manifest.descriptor.digest, manifest.bytes)),
        );
        blobs.extend(closure.blobs);
    }
    let pieces = pieces(&named, manifests, blobs).map_err(fail)?;
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    let partial = file.with_file_name(name);
    let place = partial.display();
    let handle = lock(&partial).or_fail("write", &place)?;
    let (handle, pieces, done) = tokio::task::spawn_blocking(move || {
        let (offset, done) = left(&handle, &pieces)?;
        handle.set_len(offset)?;
        (&handle).seek(io::SeekFrom::Start(offset))?;
        Ok::<_, io::Error>((handle, pieces, done))
    })
    .await
    .map_err(io::Error::other)
    .and_then(|done| done)
    .or_fail("write", &place)?;
    let mut out = tokio::io::BufWriter::with_capacity(stream::PIECE, tokio::fs::File::from_std(handle));
    let written = write(from, &pieces, done, &mut out, &partial, &progress).await;
    // Also before a failure is told: what came so far is for the next attempt.
    out.flush().await.or_fail("write", &place)?;
    written?;
    let complete = async {
        out.get_ref().sync_all().await?;
        fs::rename(&partial, file)?;
        sync_parent(file)
    };
    complete.await.map_err(|error| fail(error.into()))
}

async fn write(
    from: &Repository,
    pieces: &[Piece],
    done: usize,
    out: &mut (impl tokio::io::AsyncWrite + Unpin),
    partial: &Path,
    progress: &Arc<dyn Progress>,
) -> Result<()> {
    for piece in &pieces[..done] {
        let (digest, size) = (piece.digest, piece.size);
        progress.event(Event::AlreadyThere { digest, size });
    }
    for piece in &pieces[done..] {
        let (digest, size) = (piece.digest, piece.size);
        progress.event(Event::Started {
            digest,
            size,
            offset: 0,
        });
        let mut bytes = match &piece.content {
            Content::Bytes(bytes) => stream::from_bytes(bytes.clone()),
            Content::Blob(blob) => from.read_blob(blob).await?,
        };
        let fail = |error: io::Error| Error::new("write", partial.display(), error.into());
        out.write_all(piece.header.as_bytes()).await.map_err(fail)?;
        while let Some(bytes) = bytes.next().await.transpose()? {
            out.write_all(&bytes).await.map_err(fail)?;
            progress.event(Event::Moved {
                digest,
                bytes: bytes.len() as u64,
            });
        }
        out.write_all(&END[..piece.padding()]).await.map_err(fail)?;
        progress.event(Event::Done { digest });
    }
    out.write_all(&END).await.or_fail("write", partial.display())
}

/// What an interrupted attempt left that is right: up to where, and how many pieces of it.
fn left(file: &File, pieces: &[Piece]) -> io::Result<(u64, usize)> {
    let length = file.metadata()?.len();
    let mut file = io::BufReader::with_capacity(stream::PIECE, file);
    file.rewind()?;
    let mut offset = 0;
    for (done, piece) in pieces.iter().enumerate() {
        let end = offset + piece.length();
        if end > length {
            return Ok((offset, done));
        }
        let mut header = [0; BLOCK as usize];
        file.read_exact(&mut header)?;
        let mut hasher = Hashing(Hasher::default());
        io::copy(&mut (&mut file).take(piece.size), &mut hasher)?;
        let mut padding = vec![0; piece.padding()];
        file.read_exact(&mut padding)?;
        let right = header == *piece.header.as_bytes()
            && hasher.0.finish() == piece.digest
            && padding.iter().all(|byte| *byte == 0);
        if !right {
            return Ok((offset, done));
        }
        offset = end;
    }
    Ok((offset, pieces.len()))
}

/// One writer at a time; the kernel takes the lock back when a process dies.
fn lock(partial: &Path) -> Result<File, Cause> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(partial)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Cause::Unsupported(
            "another process writes it; wait until it is done".to_owned(),
        )),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn entry(root: &Descriptor, tag: Option<&Tag>) -> Descriptor {
    let mut entry = root.clone();
    if let Some(tag) = tag {
        entry
            .annotations
            .insert(media::REF_NAME.to_owned(), tag.to_string());
    }
    entry
}

struct Hashing(Hasher);

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! Writing bytes into a folder so that a name is there with the right content or not at all.
//!
//! Bytes are collected in a partial file whose name is their digest; a later attempt goes on where it ends. One writer
//! at a time holds the file's lock, which the kernel takes back when a process dies.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::StreamExt as _;
use slipway_model::{Digest, Hasher};
use tokio::io::AsyncWriteExt as _;

use crate::{
    error::{Cause, Error, OrFail as _, Result},
    progress::{Event, Progress},
    stream::BlobStream,
};

/// Which bytes are to come, and where they are to be.
pub(crate) struct Ingest {
    pub(crate) digest: Digest,
    /// What is attempted where, for messages about the bytes: such as `read blob ... from` and the source.
    pub(crate) operation: String,
    pub(crate) source: String,
    /// Where it is known; `limit` holds in any case.
    pub(crate) size: Option<u64>,
    pub(crate) limit: u64,
    pub(crate) partial: PathBuf,
    pub(crate) target: PathBuf,
    /// A target that is there is an old one, else it is what another writer has finished.
    pub(crate) replace: bool,
    pub(crate) progress: Arc<dyn Progress>,
}

impl Ingest {
    /// Brings the bytes into the target, `open` giving them from an offset on. Answers how many had to come, or none
    /// if another writer was first.
    pub(crate) async fn run<F>(&self, open: impl Fn(u64) -> F) -> Result<Option<u64>>
    where
        F: Future<Output = Result<BlobStream>>,
    {
        let Some(lock) = self.lock().await.or_fail("lock", self.partial.display())? else {
            return Ok(None);
        };
        match self.attempt(&lock, &open, true).await {
            // What an earlier attempt left may be wrong, say after a power cut: start over, once.
            Err(error) if lock.length > 0 && is_wrong(&error) => {
                self.progress.event(Event::Restarted { digest: self.digest });
                self.attempt(&lock, &open, false).await.map(Some)
            }
            done => done.map(Some),
        }
        .inspect_err(|error| {
            // Bytes known to be wrong, bytes that never end, or none at all help no later attempt.
            let useless =
                is_wrong(error) || fs::metadata(&self.partial).is_ok_and(|partial| partial.len() == 0);
            if useless {
                fs::remove_file(&self.partial).ok();
            }
        })
    }

    async fn attempt<F>(&self, lock: &Partial, open: &impl Fn(u64) -> F, resume: bool) -> Result<u64>
    where
        F: Future<Output = Result<BlobStream>>,
    {
        let fail = |cause: Cause| Error::new(&self.operation, &self.source, cause);
        let fail_io = |error: io::Error| Error::new("write", self.target.display(), error.into());
        // More than all of it is certainly not the beginning of it.
        let (mut hasher, offset) = if resume && lock.length <= self.size.unwrap_or(self.limit) {
            lock.hashed().await.map_err(fail_io)?
        } else {
            Default::default()
        };
        lock.file.set_len(offset).map_err(fail_io)?;
        let mut file = tokio::fs::File::from_std(lock.at(offset).map_err(fail_io)?);
        self.progress.event(Event::Started {
            digest: self.digest,
            size: self.size.unwrap_or_default(),
            offset,
        });
        let outcome = self
            .receive(open(offset).await?, &mut hasher, offset, &mut file)
            .await;
        // Also before a failure is told: a write still under way would land in what the next attempt has begun.
        file.flush().await.map_err(fail_io)?;
        let found = outcome?;
        let digest = hasher.finish();
        if digest != self.digest {
            return Err(fail(Cause::Digest {
                expected: self.digest,
                found: digest,
            }));
        }
        file.sync_all().await.map_err(fail_io)?;
        fs::rename(&self.partial, &self.target)
            .and_then(|()| sync_parent(&self.target))
            .map_err(fail_io)?;
        self.progress.event(Event::Done { digest: self.digest });
        Ok(found - offset)
    }

    /// Moves the stream into the file, within the limits. Answers where it ends.
    async fn receive(
        &self,
        mut stream: BlobStream,
        hasher: &mut Hasher,
        offset: u64,
        file: &mut tokio::fs::File,
    ) -> Result<u64> {
        let fail = |cause: Cause| Error::new(&self.operation, &self.source, cause);
        let mut found = offset;
        while let Some(piece) = stream.next().await.transpose()? {
            found += piece.len() as u64;
            if let Some(expected) = self.size.filter(|size| found > *size) {
                return Err(fail(Cause::Size {
                    expected,
                    found: "more".to_owned(),
                }));
            }
            if found > self.limit {
                return Err(fail(Cause::TooLarge { limit: self.limit }));
            }
            hasher.update(&piece);
            file.write_all(&piece)
                .await
                .or_fail("write", self.partial.display())?;
            self.progress.event(Event::Moved {
                digest: self.digest,
                bytes: piece.len() as u64,
            });
        }
        match self.size {
            Some(expected) if found != expected => Err(fail(Cause::CutShort { expected, found })),
            _ => Ok(found),
        }
    }

    /// Waits for the partial file; none if its last holder finished the target.
    async fn lock(&self) -> io::Result<Option<Partial>> {
        loop {
            let file = File::options()
                .create(true)
                .read(true)
                .append(true)
                .open(&self.partial)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            if !self.replace && self.target.exists() {
                // Opening may have made a new one beside the finished target.
                if is_same(&file, &self.partial)? {
                    fs::remove_file(&self.partial)?;
                }
                return Ok(None);
            }
            // The last holder may have renamed or removed the file between our opening and locking it.
            if is_same(&file, &self.partial)? {
                let length = file.metadata()?.len();
                return Ok(Some(Partial { file, length }));
            }
        }
    }
}

/// The locked file of bytes that came so far.
struct Partial {
    file: File,
    /// What an earlier attempt left.
    length: u64,
}

impl Partial {
    /// The state of the hash over what is there.
    async fn hashed(&self) -> io::Result<(Hasher, u64)> {
        let mut file = self.at(0)?;
        let hash = move || {
            let mut hasher = Hasher::default();
            let mut buffer = vec![0; 128 * 1024];
            let mut length = 0;
            loop {
                match file.read(&mut buffer)? {
                    0 => return Ok((hasher, length)),
                    read => {
                        hasher.update(&buffer[..read]);
                        length += read as u64;
                    }
                }
            }
        };
        tokio::task::spawn_blocking(hash)
            .await
            .map_err(io::Error::other)?
    }

    /// A handle on the same file (and lock) at this place.
    fn at(&self, offset: u64) -> io::Result<File> {
        use std::io::Seek as _;
        let mut file = self.file.try_clone()?;
        file.seek(io::SeekFrom::Start(offset))?;
        Ok(file)
    }
}

/// Replaces a small file at once: readers see the old or the new content, also after a power cut.
pub(crate) fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::{
        io::Write as _,
        process,
        sync::atomic::{AtomicU64, Ordering},
    };
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let unique = format!("{}-{}.new", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let temporary = target.with_extension(unique);
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, target)?;
        sync_parent(target)
    };
    write().inspect_err(|_| {
        fs::remove_file(&temporary).ok();
    })
}

pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}

fn is_same(file: &File, path: &Path) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(found) => {
            let ours = file.metadata()?;
            Ok((ours.dev(), ours.ino()) == (found.dev(), found.ino()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_wrong(error: &Error) -> bool {
    matches!(
        error.cause(),
        Cause::Digest { .. } | Cause::Size { .. } | Cause::TooLarge { .. }
    )
}

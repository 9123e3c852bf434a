//! Writing to a folder: blobs first, all of them synchronised, then the index that names them. Killed anywhere, the
//! archive is either the old or the new one; what is left over is no part of it.
//!
//! A blob that is there already is not written again. It is read once to see that it is whole: an entry must not be
//! built on a blob that has rotted, and this is the moment at which the right bytes are at hand.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use slipway_model::Digest;

use super::{
    Folder, Store as _, Writer,
    pump::{hash, verified},
};
use crate::{Error, Result};

/// Files that are being written; what is left of a killed process is removed by the next one.
const PENDING: &str = ".pending-";
/// Files up to here are read once and held; larger ones are hashed first and then copied.
const HELD: u64 = 1 << 20;
/// More files than these are synchronised with their whole file system: once, where each by itself waits for the disk.
#[cfg(target_os = "linux")]
const FEW: usize = 16;

/// As long as it lives, nobody else writes.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    folder: &'a Folder,
    index: Vec<u8>,
    batch: Mutex<Batch>,
    /// The folder of the blobs, since before the first one is written: so errors of writing them are told.
    #[cfg(target_os = "linux")]
    opened: File,
    _lock: File,
}

#[derive(Debug, Default)]
struct Batch {
    /// Written and not yet visible.
    pending: Vec<(PathBuf, Digest)>,
    /// Whole and in place, or pending, or about to be.
    known: HashSet<Digest>,
    /// Pending files so far.
    begun: usize,
}

impl<'a> Writing<'a> {
    /// Waits for whoever else is writing.
    pub(crate) fn begin(folder: &'a Folder) -> Result<Self> {
        let lock = folder.lock()?;
        let index = folder.index()?;
        let writing = Self {
            folder,
            index,
            batch: Mutex::default(),
            #[cfg(target_os = "linux")]
            opened: File::open(folder.blobs()).map_err(Error::io("open", folder.blobs().display()))?,
            _lock: lock,
        };
        writing.sweep()?;
        Ok(writing)
    }

    /// The index, as it is for as long as this lives.
    pub(crate) fn read(&self) -> &[u8] {
        &self.index
    }

    pub(crate) fn add_bytes(&self, bytes: &[u8]) -> Result<Digest> {
        let digest = Digest::of(bytes);
        if self.claim(digest) && !self.holds(digest, bytes)? {
            self.write(digest, |file, path| {
                file.write_all(bytes).map_err(Error::io("write", path.display()))
            })?;
        }
        Ok(digest)
    }

    pub(crate) fn add_file(&self, source: &Path) -> Result<(Digest, u64)> {
        let open = || File::open(source).map_err(Error::io("read", source.display()));
        let failed = || Error::io("read", source.display());
        let file = open()?;
        let length = file.metadata().map_err(failed())?.len();
        if length <= HELD {
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default() + 1);
            (&file).take(HELD + 1).read_to_end(&mut bytes).map_err(failed())?;
            if bytes.len() as u64 <= HELD {
                return Ok((self.add_bytes(&bytes)?, bytes.len() as u64));
            }
        }
        let (digest, size) = hash(open()?, length, &mut io::sink()).map_err(failed())?;
        if self.claim(digest) && self.whole(digest)?.is_none() {
            self.write(digest, |to, _| {
                let copied =
                    hash(open()?, size, to).map_err(Error::io("copy into the archive", source.display()))?;
                match copied == (digest, size) {
                    true => Ok(()),
                    false => Err(Error::Changed {
                        path: source.to_owned(),
                    }),
                }
            })?;
        }
        Ok((digest, size))
    }

    /// The size of a blob that is there and whole.
    pub(crate) fn whole(&self, digest: Digest) -> Result<Option<u64>> {
        let path = self.folder.blob_path(digest);
        let read = || {
            let file = File::open(&path)?;
            let length = file.metadata()?.len();
            hash(file, length, &mut io::sink())
        };
        match read() {
            Ok((found, size)) if found == digest => Ok(Some(size)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", path.display())(error)),
        }
    }

    /// Whether the blob is there with these bytes.
    fn holds(&self, digest: Digest, bytes: &[u8]) -> Result<bool> {
        let path = self.folder.blob_path(digest);
        let read = || -> io::Result<bool> {
            let file = File::open(&path)?;
            if file.metadata()?.len() != bytes.len() as u64 {
                return Ok(false);
            }
            let mut found = Vec::with_capacity(bytes.len() + 1);
            file.take(bytes.len() as u64 + 1).read_to_end(&mut found)?;
            Ok(found == bytes)
        };
        match read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            read => read.map_err(Error::io("read", path.display())),
        }
    }

    /// Whether nobody has seen to this blob yet: then the caller does.
    fn claim(&self, digest: Digest) -> bool {
        self.batch().known.insert(digest)
    }

    fn write(&self, digest: Digest, fill: impl FnOnce(&mut File, &Path) -> Result<()>) -> Result<()> {
        let number = {
            let mut batch = self.batch();
            batch.begun += 1;
            batch.begun
        };
        let path = self.folder.blobs().join(format!("{PENDING}{number}"));
        let mut file = File::create(&path).map_err(Error::io("create", path.display()))?;
        fill(&mut file, &path)?;
        self.batch().pending.push((path, digest));
        Ok(())
    }

    /// Everything to disk, then into place, then the folder once.
    fn settle(&self) -> Result<()> {
        let pending = std::mem::take(&mut self.batch().pending);
        self.synchronise(&pending)?;
        for (path, digest) in &pending {
            fs::rename(path, self.folder.blob_path(*digest)).map_err(Error::io("rename", path.display()))?;
        }
        sync_folder(self.folder.blobs())
    }

    #[cfg(target_os = "linux")]
    fn synchronise(&self, pending: &[(PathBuf, Digest)]) -> Result<()> {
        if pending.len() <= FEW {
            return one_by_one(pending);
        }
        rustix::fs::syncfs(&self.opened)
            .map_err(|error| Error::io("synchronise", self.folder.blobs().display())(error.into()))
    }

    #[cfg(not(target_os = "linux"))]
    fn synchronise(&self, pending: &[(PathBuf, Digest)]) -> Result<()> {
        one_by_one(pending)
    }

    /// What a killed process was writing. The lock is ours, so nobody else is.
    fn sweep(&self) -> Result<()> {
        let listing = self.folder.list()?.unwrap_or_default();
        for name in listing.others.iter().filter(|name| name.starts_with(PENDING)) {
            let path = self.folder.blobs().join(name);
            fs::remove_file(&path).map_err(Error::io("remove", path.display()))?;
        }
        Ok(())
    }

    fn batch(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer for Writing<'_> {
    fn index(&self) -> Option<&[u8]> {
        Some(&self.index)
    }

    fn has(&self, digest: Digest, _: u64) -> Result<bool> {
        Ok(self.batch().known.contains(&digest) || self.whole(digest)?.is_some())
    }

    fn add(&self, digest: Digest, size: u64, from: &mut dyn Read) -> Result<()> {
        if !self.claim(digest) {
            return Ok(());
        }
        self.write(digest, |file, _| {
            verified(from, digest, size, file, || format!("blob {digest}"))
        })
    }

    fn add_manifest(&self, _: Digest, bytes: &[u8]) -> Result<()> {
        self.add_bytes(bytes).map(drop)
    }

    fn commit(self: Box<Self>, index: &[u8]) -> Result<()> {
        self.settle()?;
        replace(&self.folder.index_path(), index)
    }
}

fn one_by_one(pending: &[(PathBuf, Digest)]) -> Result<()> {
    for (path, _) in pending {
        // Opened again: a large entry has more files than a process may hold open.
        File::open(path)
            .and_then(|file| file.sync_all())
            .map_err(Error::io("synchronise", path.display()))?;
    }
    Ok(())
}

/// The old bytes or the new ones, whatever happens.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let aside = path.with_extension("new");
    let write = || {
        let mut file = File::create(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, path)
    };
    write().map_err(Error::io("write", path.display()))?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder)
        .and_then(|open| open.sync_all())
        .map_err(Error::io("synchronise", folder.display()))
}

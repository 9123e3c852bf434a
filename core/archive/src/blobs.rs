//! `blobs/sha256/`: bytes by their digest. Written aside and renamed; what is read is verified.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use slipway_model::{Digest, Hasher};

use crate::{Error, Result};

const FOLDER: &str = "blobs/sha256";
/// Files that are being written; what is left of a killed process is removed by the next append.
pub(crate) const PENDING: &str = ".pending-";
const BUFFER: usize = 256 * 1024;

#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    pub(crate) folder: PathBuf,
}

impl Blobs {
    pub(crate) fn below(archive: &Path) -> Self {
        Self {
            folder: archive.join(FOLDER),
        }
    }

    pub(crate) fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(digest.hex())
    }

    /// All of a small document, verified.
    pub(crate) fn read(&self, digest: Digest, size: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.copy(digest, size, &mut bytes)?;
        Ok(bytes)
    }

    /// Streams a blob. On an error what was written so far is worth nothing.
    pub(crate) fn copy(&self, digest: Digest, size: u64, out: &mut dyn Write) -> Result<()> {
        let path = self.path(digest);
        let file = File::open(&path).map_err(Error::io("open", &path))?;
        let damaged = |reason: String| Error::Damaged {
            path: path.clone(),
            reason,
        };
        let length = file.metadata().map_err(Error::io("read", &path))?.len();
        if length != size {
            return Err(damaged(format!("it has {length} bytes instead of {size}")));
        }
        let (found, _) = pump(file.take(size), out).map_err(Error::io("copy", &path))?;
        if found != digest {
            return Err(damaged(format!("its digest is {found}")));
        }
        Ok(())
    }

    /// The size of a blob that is there and whole.
    pub(crate) fn whole(&self, digest: Digest) -> Result<Option<u64>> {
        let path = self.path(digest);
        match hash_file(&path) {
            Ok((found, size)) if found == digest => Ok(Some(size)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io("read", &path)(error)),
        }
    }

    /// Names of files that are no blobs, and digests of those that are.
    pub(crate) fn list(&self) -> io::Result<(Vec<Digest>, Vec<String>)> {
        let (mut digests, mut others) = (Vec::new(), Vec::new());
        for file in fs::read_dir(&self.folder)? {
            let name = file?.file_name();
            match name.to_str().and_then(|hex| format!("sha256:{hex}").parse().ok()) {
                Some(digest) => digests.push(digest),
                None => others.push(name.to_string_lossy().into_owned()),
            }
        }
        digests.sort_unstable();
        others.sort_unstable();
        Ok((digests, others))
    }
}

pub(crate) fn hash_file(path: &Path) -> io::Result<(Digest, u64)> {
    pump(File::open(path)?, &mut io::sink())
}

/// Copies to the end, hashing on the way.
pub(crate) fn pump(mut from: impl Read, to: &mut dyn Write) -> io::Result<(Digest, u64)> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; BUFFER];
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

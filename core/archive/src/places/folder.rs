//! A folder of this machine: an OCI image layout. Readers take no lock: the index is replaced whole, blobs never change.

use std::{
    fs::{self, File},
    io::{self, Read},
    num::NonZero,
    path::{Path, PathBuf},
    thread,
};

use slipway_model::Digest;

use super::{
    Listing, Store, Writer,
    writing::{Writing, replace},
};
use crate::{
    Error, Result,
    archive::DOCUMENT_LIMIT,
    format::{self, Extent, Index},
};

#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
    blobs: PathBuf,
}

impl Folder {
    /// Opens one, and makes an empty archive where there is nothing.
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        let blobs = path.join("blobs/sha256");
        fs::create_dir_all(&blobs).map_err(Error::io("create", blobs.display()))?;
        let folder = Self { path, blobs };
        if !folder.index_path().exists() {
            let _lock = folder.lock()?;
            // Somebody else may have been faster.
            if !folder.index_path().exists() {
                replace(&folder.layout_path(), format::LAYOUT)?;
                replace(
                    &folder.index_path(),
                    &format::to_bytes(&Index::of([], Extent::Whole)),
                )?;
            }
        }
        Ok(folder)
    }

    pub(super) fn blobs(&self) -> &Path {
        &self.blobs
    }

    pub(super) fn blob_path(&self, digest: Digest) -> PathBuf {
        self.blobs.join(digest.hex())
    }

    pub(super) fn index_path(&self) -> PathBuf {
        self.path.join("index.json")
    }

    fn layout_path(&self) -> PathBuf {
        self.path.join("oci-layout")
    }

    pub(super) fn lock(&self) -> Result<File> {
        let path = self.path.join(".lock");
        let open = || {
            let file = File::options().create(true).append(true).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(Error::io("lock", path.display()))
    }
}

impl Store for Folder {
    fn place(&self, file: &str) -> String {
        match file {
            "" => self.path.display().to_string(),
            file => self.path.join(file).display().to_string(),
        }
    }

    fn index(&self) -> Result<Vec<u8>> {
        let layout = self.layout_path();
        if read_small(&layout).map_err(Error::io("read", layout.display()))? != format::LAYOUT {
            return Err(Error::NotAnArchive {
                place: layout.display().to_string(),
                reason: "it is not the one that archives have".to_owned(),
            });
        }
        let index = self.index_path();
        read_small(&index).map_err(Error::io("read", index.display()))
    }

    fn open(&self, digest: Digest, _: u64) -> Result<Box<dyn Read + Send + '_>> {
        let path = self.blob_path(digest);
        match File::open(&path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::Missing {
                place: self.blob(digest),
            }),
            Err(error) => Err(Error::io("open", path.display())(error)),
        }
    }

    fn list(&self) -> Result<Option<Listing>> {
        let list = || -> io::Result<Listing> {
            let mut listing = Listing::default();
            for file in fs::read_dir(&self.blobs)? {
                let file = file?;
                let name = file.file_name();
                match name.to_str().and_then(|hex| format!("sha256:{hex}").parse().ok()) {
                    Some(digest) => listing.blobs.push((digest, file.metadata()?.len())),
                    None => listing.others.push(name.to_string_lossy().into_owned()),
                }
            }
            listing.blobs.sort_unstable();
            listing.others.sort_unstable();
            Ok(listing)
        };
        list().map(Some).map_err(Error::io("list", self.blobs.display()))
    }

    fn width(&self) -> usize {
        // Twice: one reads or makes a file while another hashes.
        2 * thread::available_parallelism().map_or(2, NonZero::get)
    }

    fn begin(&self) -> Result<Box<dyn Writer + '_>> {
        Ok(Box::new(Writing::begin(self)?))
    }
}

fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.len() > DOCUMENT_LIMIT {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is too large for a document",
        ));
    }
    fs::read(path)
}

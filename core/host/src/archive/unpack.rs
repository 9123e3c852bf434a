//! Unpacking into an empty folder. Files first, links last, so that nothing is ever written through a link; owners,
//! special modes and times of the archive are left behind.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{File, FileTimes},
    io::{self, Read},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};

use crate::{
    archive::{
        ArchiveError, Bounds, EntryKind,
        bounds::Left,
        path::{leaves, parts, stays_inside},
        read::{Entry, walk},
    },
    folder::handle,
};

/// 1980-01-01, the earliest that every archive format can say.
const TIME: Duration = Duration::from_secs(315_532_800);

/// Up to this many files are written to the disk one by one; beyond it the whole file system is told to.
const FEW: usize = 64;

/// `strip` leading parts of every path are dropped, and entries that have no more parts with them.
pub(crate) fn unpack(file: &File, bounds: &Bounds, strip: u32, into: &Dir) -> Result<(), ArchiveError> {
    let packed = file
        .metadata()
        .map_err(|error| ArchiveError::read(None, error))?
        .len();
    let mut unpacking = Unpacking {
        into,
        strip: strip as usize,
        left: bounds.left(packed),
        files: BTreeSet::new(),
        folders: BTreeSet::new(),
        links: BTreeMap::new(),
    };
    walk(file, bounds, &mut |entry| unpacking.entry(entry))?;
    unpacking.finish(strip)
}

struct Unpacking<'a> {
    into: &'a Dir,
    strip: usize,
    left: Left,
    files: BTreeSet<String>,
    folders: BTreeSet<String>,
    links: BTreeMap<String, String>,
}

impl Unpacking<'_> {
    fn entry(&mut self, entry: Entry<'_>) -> Result<(), ArchiveError> {
        let refused = |problem: String| ArchiveError::entry(&entry.path, problem);
        let all = parts(&entry.path).map_err(refused)?;
        let Some(parts) = all.get(self.strip..).filter(|parts| !parts.is_empty()) else {
            return match entry.kind {
                EntryKind::Device => Err(refused("it is a device".to_owned())),
                _ => Ok(()),
            };
        };
        let path = parts.join("/");
        if entry.kind == EntryKind::Directory {
            return self.folder(parts, &entry.path);
        }
        if self.files.contains(&path) || self.links.contains_key(&path) || self.folders.contains(&path) {
            return Err(refused("its path is there twice".to_owned()));
        }
        self.folder(&parts[..parts.len() - 1], &entry.path)?;
        let target = entry.target.as_deref().unwrap_or_default();
        match entry.kind {
            EntryKind::File => self.file(&path, entry)?,
            EntryKind::Symlink => {
                stays_inside(parts, target).map_err(refused)?;
                self.links.insert(path, target.to_owned());
            }
            EntryKind::Hardlink => self.hard_link(&path, target, &entry.path)?,
            EntryKind::Device => return Err(refused("it is a device".to_owned())),
            EntryKind::Directory | EntryKind::Other => {
                return Err(refused("it is neither a file, a folder nor a link".to_owned()));
            }
        }
        Ok(())
    }

    fn folder(&mut self, parts: &[&str], entry: &str) -> Result<(), ArchiveError> {
        for end in 1..=parts.len() {
            let path = parts[..end].join("/");
            if self.files.contains(&path) || self.links.contains_key(&path) {
                return Err(ArchiveError::entry(
                    entry,
                    format!("`{}` is a folder here and something else before", path),
                ));
            }
            if !self.folders.contains(&path) {
                self.into.create_dir(&path).map_err(|error| write(entry, error))?;
                self.folders.insert(path);
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &str, entry: Entry<'_>) -> Result<(), ArchiveError> {
        self.left.take(entry.size)?;
        let mode = if entry.mode & 0o111 == 0 { 0o644 } else { 0o755 };
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(mode);
        let mut file = self
            .into
            .open_with(path, options)
            .map_err(|error| write(&entry.path, error))?
            .into_std();
        let copied = copy(entry.content, &mut file, &entry.path)?;
        if copied != entry.size {
            let problem = format!("it has {copied} bytes instead of {}", entry.size);
            return Err(ArchiveError::entry(&entry.path, problem));
        }
        set_time(&file).map_err(|error| write(&entry.path, error))?;
        self.files.insert(path.to_owned());
        Ok(())
    }

    fn hard_link(&mut self, path: &str, target: &str, entry: &str) -> Result<(), ArchiveError> {
        let refused = |problem: String| ArchiveError::entry(entry, problem);
        let parts = parts(target).map_err(|_| refused(leaves(target)))?;
        let target = parts.get(self.strip..).unwrap_or_default().join("/");
        if !self.files.contains(&target) {
            return Err(refused(format!(
                "it is a link to `{target}`, which is no file before it in the archive"
            )));
        }
        self.into
            .hard_link(&target, self.into, path)
            .map_err(|error| write(entry, error))?;
        self.files.insert(path.to_owned());
        Ok(())
    }

    /// Links, which can be judged only when all are there; then everything reaches the disk.
    fn finish(self, strip: u32) -> Result<(), ArchiveError> {
        for (path, target) in &self.links {
            if self.folders.contains(path) {
                return Err(ArchiveError::entry(path, "its path is there twice"));
            }
            self.into
                .symlink_contents(target, path)
                .map_err(|error| write(path, error))?;
        }
        for (path, target) in &self.links {
            match self.into.metadata(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(ArchiveError::entry(
                        path,
                        format!(
                            "its link to `{}` cannot be followed inside: {error}",
                            target.escape_debug()
                        ),
                    ));
                }
                _ => {}
            }
        }
        if self.files.is_empty() && self.links.is_empty() && strip > 0 {
            return Err(ArchiveError::Nothing(strip));
        }
        let few = self.files.len() <= FEW;
        let synced = if few { self.sync_files() } else { self.sync_all() };
        synced
            .and_then(|()| self.finish_folders())
            .map_err(|error| write(".", error))
    }

    fn sync_files(&self) -> io::Result<()> {
        self.files
            .iter()
            .try_for_each(|path| self.into.open(path)?.sync_all())
    }

    fn sync_all(&self) -> io::Result<()> {
        rustix::fs::syncfs(handle(self.into, Path::new("."))?).map_err(Into::into)
    }

    /// Deepest first: writing into a folder changes its time.
    fn finish_folders(&self) -> io::Result<()> {
        let folders = self.folders.iter().rev().map(PathBuf::from);
        for folder in folders.chain([PathBuf::from(".")]) {
            let dir = handle(self.into, &folder)?;
            set_time(&dir)?;
            dir.sync_all()?;
        }
        Ok(())
    }
}

fn copy(content: &mut dyn Read, file: &mut File, entry: &str) -> Result<u64, ArchiveError> {
    let mut buffer = vec![0; 64 << 10];
    let mut copied = 0;
    loop {
        let count = match content.read(&mut buffer) {
            Ok(0) => return Ok(copied),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(ArchiveError::read(Some(entry), error)),
        };
        io::Write::write_all(file, &buffer[..count]).map_err(|error| write(entry, error))?;
        copied += count as u64;
    }
}

fn set_time(file: &File) -> io::Result<()> {
    let time = SystemTime::UNIX_EPOCH + TIME;
    file.set_times(FileTimes::new().set_modified(time).set_accessed(time))
}

fn write(entry: &str, error: io::Error) -> ArchiveError {
    ArchiveError::Write {
        entry: entry.escape_debug().to_string(),
        error,
    }
}

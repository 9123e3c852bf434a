//! One way through every kind of archive: an entry after the other, each with its content.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
};

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use tar::EntryType;

use crate::archive::{ArchiveError, Bounds, bounds::Bounded};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum EntryKind {
    File,
    Directory,
    Symlink,
    Hardlink,
    Device,
    Other,
}

/// As it stands in the archive: nothing is checked but that its names are text.
pub(crate) struct Entry<'a> {
    pub(crate) path: String,
    pub(crate) kind: EntryKind,
    pub(crate) size: u64,
    pub(crate) mode: u32,
    pub(crate) target: Option<String>,
    pub(crate) content: &'a mut dyn Read,
}

/// Bytes of a symbolic link's target, and of a path.
const TARGET: u64 = 4096;
/// Bytes of a path that is refused.
const SHOWN: usize = 100;
/// The window that a zstd frame may ask for, as a power of two: 128 MiB, what its own tools accept.
const WINDOW: u32 = 27;

type Visit<'a> = &'a mut dyn FnMut(Entry<'_>) -> Result<(), ArchiveError>;

pub(crate) fn walk(mut file: &File, bounds: &Bounds, visit: Visit<'_>) -> Result<(), ArchiveError> {
    let broken = |error| ArchiveError::read(None, error);
    let packed = file.metadata().map_err(broken)?.len();
    let mut magic = Vec::new();
    file.take(512).read_to_end(&mut magic).map_err(broken)?;
    file.rewind().map_err(broken)?;
    let left = bounds.left(packed);
    if magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06") {
        return zip(file, bounds, visit);
    }
    let reader = BufReader::new(file);
    if magic.starts_with(&[0x1f, 0x8b]) {
        tar(Bounded::new(MultiGzDecoder::new(reader), left), bounds, visit)
    } else if magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let mut decoder = zstd::Decoder::with_buffer(reader).map_err(broken)?;
        decoder.window_log_max(WINDOW).map_err(broken)?;
        tar(Bounded::new(decoder, left), bounds, visit)
    } else if magic.get(257..262) == Some(b"ustar") {
        tar(Bounded::new(reader, left), bounds, visit)
    } else {
        Err(ArchiveError::Unknown)
    }
}

fn tar(reader: impl Read, bounds: &Bounds, visit: Visit<'_>) -> Result<(), ArchiveError> {
    let mut archive = tar::Archive::new(reader);
    let (mut count, mut last) = (0, None::<String>);
    for entry in archive
        .entries()
        .map_err(|error| ArchiveError::read(None, error))?
    {
        let broken = |error| ArchiveError::read(last.as_deref(), error);
        let mut entry = entry.map_err(broken)?;
        let kind = match entry.header().entry_type() {
            EntryType::XGlobalHeader => continue,
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => EntryKind::File,
            EntryType::Directory => EntryKind::Directory,
            EntryType::Symlink => EntryKind::Symlink,
            EntryType::Link => EntryKind::Hardlink,
            EntryType::Char | EntryType::Block | EntryType::Fifo => EntryKind::Device,
            _ => EntryKind::Other,
        };
        let path = text(&entry.path_bytes())?;
        let target = entry.link_name_bytes().map(|name| text(&name)).transpose()?;
        let mode = entry.header().mode().map_err(broken)?;
        count += 1;
        if count > bounds.entries {
            return Err(ArchiveError::Entries(bounds.entries));
        }
        last = Some(path.clone());
        visit(Entry {
            size: entry.size(),
            path,
            kind,
            mode,
            target,
            content: &mut entry,
        })?;
    }
    Ok(())
}

fn zip(file: &File, bounds: &Bounds, visit: Visit<'_>) -> Result<(), ArchiveError> {
    let broken = |entry: Option<&str>, error: zip::result::ZipError| ArchiveError::read(entry, error.into());
    let packed = file
        .metadata()
        .map_err(|error| ArchiveError::read(None, error))?
        .len();
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| broken(None, error))?;
    if archive.len() > bounds.entries {
        return Err(ArchiveError::Entries(bounds.entries));
    }
    // Entries of a zip may overlap: what is declared is counted for all of them together.
    let mut left = bounds.left(packed);
    let mut last = None::<String>;
    for index in 0..archive.len() {
        let mut entry = archive
            .by_index(index)
            .map_err(|error| broken(last.as_deref(), error))?;
        let path = text(entry.name_raw())?;
        left.take(entry.size())?;
        let mode = entry
            .unix_mode()
            .unwrap_or(if entry.is_dir() { 0o755 } else { 0o644 });
        let kind = match mode & 0o170_000 {
            0o120_000 => EntryKind::Symlink,
            0o020_000 | 0o060_000 | 0o010_000 => EntryKind::Device,
            _ if entry.is_dir() => EntryKind::Directory,
            0 | 0o100_000 => EntryKind::File,
            _ => EntryKind::Other,
        };
        let size = entry.size();
        // One byte more than declared, so that the end is reached, where the checksum is.
        let mut content = io::Read::by_ref(&mut entry).take(size.saturating_add(1));
        let target = if kind == EntryKind::Symlink {
            let mut target = Vec::new();
            let read = content.by_ref().take(TARGET).read_to_end(&mut target);
            read.map_err(|error| ArchiveError::read(Some(&path), error))?;
            Some(text(&target)?)
        } else {
            None
        };
        last = Some(path.clone());
        visit(Entry {
            path,
            kind,
            size,
            mode: mode & 0o7777,
            target,
            content: &mut content,
        })?;
    }
    Ok(())
}

fn text(name: &[u8]) -> Result<String, ArchiveError> {
    if name.len() as u64 > TARGET {
        let start = String::from_utf8_lossy(&name[..SHOWN]);
        let problem = format!(
            "its name has {} bytes, and a name has at most {TARGET}",
            name.len()
        );
        return Err(ArchiveError::entry(&start, problem));
    }
    String::from_utf8(name.to_vec())
        .map_err(|_| ArchiveError::entry(&String::from_utf8_lossy(name), "its name is not UTF-8"))
}
